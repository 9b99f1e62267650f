//! Text to the inside of a JSON string, as Jackson writes it.

use super::simd::{Level, Stops};

/// Up to here text is first looked through, as it hardly ever needs an escape: header lines, paths, ids.
const SHORT: usize = 64;

/// Appends the text as the inside of a JSON string; what is not UTF-8 becomes U+FFFD.
pub fn escape(out: &mut Vec<u8>, text: &[u8]) {
    if text.len() <= SHORT && is_plain(text, HIGHS) {
        return out.extend_from_slice(text);
    }
    let level = Level::best();
    let ascii = level.escape(text, out, Stops::JsonAndNonAscii);
    let rest = &text[ascii..];
    if rest.is_empty() {
        return;
    }
    if simdutf8::basic::from_utf8(rest).is_ok() {
        level.escape(rest, out, Stops::Json);
    } else {
        level.escape(String::from_utf8_lossy(rest).as_bytes(), out, Stops::Json);
    }
}

/// Appends the text as the inside of a JSON string.
pub fn escape_str(out: &mut Vec<u8>, text: &str) {
    let text = text.as_bytes();
    if text.len() <= SHORT && is_plain(text, 0) {
        return out.extend_from_slice(text);
    }
    Level::best().escape(text, out, Stops::Json);
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Whether the text needs no escape, and has none of the bits of `unwanted`: eight bytes at a time.
fn is_plain(text: &[u8], unwanted: u64) -> bool {
    let special = |word: [u8; 8]| {
        let word = u64::from_le_bytes(word);
        let zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let quote = zero(word ^ (ONES * u64::from(b'"')));
        let backslash = zero(word ^ (ONES * u64::from(b'\\')));
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        (quote | backslash | control) & HIGHS | word & unwanted
    };
    let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) else {
        let mut word = [b' '; 8];
        word[..text.len()].copy_from_slice(text);
        return special(word) == 0;
    };
    let mut found = special(*first) | special(*last);
    for word in text[8..].as_chunks::<8>().0 {
        found |= special(*word);
    }
    found == 0
}
