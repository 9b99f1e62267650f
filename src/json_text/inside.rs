//! The inside of a JSON string, looked through as a whole: where it ends, and whether json-smart prints it as it stands.

use super::simd::{Level, Stops};

/// What a string is like that is strictly JSON, without a DEL in it: there json-smart reads what everyone reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Inside {
    /// Where its closing quote stands.
    pub(crate) end: usize,
    /// Whether json-smart prints it as it stands.
    pub(crate) canonical: bool,
}

/// Looks through the string that begins behind the quote at `start - 1`.
pub(crate) fn inside(text: &str, start: usize) -> Option<Inside> {
    if let Some(length) = text.as_bytes().get(start..).and_then(plain_length) {
        return Some(Inside { end: start + length, canonical: true });
    }
    let (bytes, level) = (text.as_bytes(), Level::best());
    let (mut at, mut canonical) = (start, true);
    loop {
        let (read, escaped) = level.skip(&bytes[at..], Stops::JsonSmart, false);
        at += read;
        match (escaped, *bytes.get(at)?) {
            (false, b'"') => return Some(Inside { end: at, canonical }),
            (true, b'/') => {
                canonical = false;
                at += 1;
            }
            (true, b'u') => {
                at -= 1;
                // Text of other scripts may be one such escape after the other.
                while let Some([b'\\', b'u', digits @ ..]) = bytes[at..].first_chunk::<6>() {
                    canonical &= is_printed(*digits)?;
                    at += 6;
                }
                if bytes[at..].starts_with(b"\\u") {
                    return None;
                }
            }
            (false, 0xc2 | 0xe2) => {
                let c = text[at..].chars().next()?;
                canonical &= !has_code(c);
                at += c.len_utf8();
            }
            _ => return None,
        }
    }
}

const EACH: u64 = u64::MAX / 255;

/// The bytes of a word that do not stand for themselves, to readers or to json-smart's printer: the lowest bit that is set is right,
/// what carries over spoils those above it only.
fn special(word: u64) -> u64 {
    let high = EACH << 7;
    let zero = |word: u64| word.wrapping_sub(EACH) & !word;
    let is = |byte: u8| zero(word ^ (EACH * u64::from(byte)));
    let control = word.wrapping_sub(EACH * 0x20) & !word;
    let beyond = word.wrapping_add(EACH) | word;
    (is(b'"') | is(b'\\') | control | beyond) & high
}

/// How long a string is that begins here, if that is not long, and all in it stands for itself.
#[inline(always)]
pub(crate) fn plain_length(bytes: &[u8]) -> Option<usize> {
    let mut before = 0;
    while before < LONGEST_PLAIN {
        let word = bytes.get(before..)?.first_chunk::<8>()?;
        let special = special(u64::from_le_bytes(*word));
        if special != 0 {
            let length = before + special.trailing_zeros() as usize / 8;
            return (bytes[length] == b'"').then_some(length);
        }
        before += 8;
    }
    None
}

/// Longer texts are gone over in wider steps.
const LONGEST_PLAIN: usize = 32;

/// Whether a text is short, and json-smart prints all in it as it stands.
pub(crate) fn is_short_and_plain(text: &str) -> bool {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    words.len() <= 4
        && words.iter().all(|word| special(u64::from_le_bytes(*word)) == 0)
        && rest.iter().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'))
}

/// Whether json-smart prints that very escape: of these digits behind `\u`, if they are four.
fn is_printed(digits: [u8; 4]) -> Option<bool> {
    let code = digits.iter().try_fold(0, |code, digit| Some(code * 16 + char::from(*digit).to_digit(16)?))?;
    let has_letter = matches!(code, 0x8 | 0x9 | 0xa | 0xc | 0xd);
    let c = char::from_u32(code).filter(|c| has_code(*c) || *c < ' ' && !has_letter);
    Some(c.is_some() && !digits.iter().any(u8::is_ascii_lowercase))
}

/// Whether json-smart prints the character as its code.
pub(crate) fn has_code(c: char) -> bool {
    matches!(c, '\u{7F}'..='\u{9F}' | '\u{2000}'..='\u{20FF}')
}
