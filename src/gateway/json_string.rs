//! JSON strings, written and read in runs of bytes: the bulk of every event and reply.

use std::borrow::Cow;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// How many bytes are plain before the first that a JSON string cannot hold as it is: at most 8.
fn plain(chunk: [u8; 8]) -> usize {
    let word = u64::from_le_bytes(chunk);
    let is_zero = |w: u64| w.wrapping_sub(ONES) & !w & HIGHS;
    let quote = is_zero(word ^ (ONES * u64::from(b'"')));
    let backslash = is_zero(word ^ (ONES * u64::from(b'\\')));
    let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
    // A borrow can only mark a byte above a true one, so the lowest mark is always true.
    ((quote | backslash | control).trailing_zeros() / 8) as usize
}

/// Appends the text as the inside of a JSON string, as Jackson writes it: what is not UTF-8 becomes U+FFFD.
pub(crate) fn escape(out: &mut Vec<u8>, text: &[u8]) {
    match std::str::from_utf8(text) {
        Ok(text) => escape_str(out, text),
        Err(_) => escape_str(out, &String::from_utf8_lossy(text)),
    }
}

/// Appends the text as the inside of a JSON string, as Jackson writes it.
pub(crate) fn escape_str(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut at = 0;
    out.reserve(bytes.len() + bytes.len() / 8);
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let n = plain(*chunk);
        out.extend_from_slice(chunk);
        if n < 8 {
            out.truncate(out.len() - (8 - n));
            escape_byte(out, chunk[n]);
            at += n + 1;
        } else {
            at += 8;
        }
    }
    for byte in &bytes[at..] {
        if *byte < 0x20 || matches!(byte, b'"' | b'\\') {
            escape_byte(out, *byte);
        } else {
            out.push(*byte);
        }
    }
}

fn escape_byte(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Why a JSON string cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

/// Reads the JSON string that begins behind the quote at `start - 1`: its text, and where the closing quote stands. Text
/// without an escape is a slice of the input. The input must be UTF-8.
pub(crate) fn read(input: &[u8], start: usize) -> Result<(Cow<'_, [u8]>, usize), Broken> {
    let at = start + run(input, start);
    match input.get(at).ok_or(Broken)? {
        b'"' => Ok((Cow::Borrowed(&input[start..at]), at)),
        b'\\' => unescape(input, start, at),
        _ => Err(Broken),
    }
}

/// How many plain bytes stand there.
fn run(input: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(chunk) = input.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let n = plain(*chunk);
        at += n;
        if n < 8 {
            return at - start;
        }
    }
    let rest = input.get(at..).unwrap_or_default();
    let tail = rest.iter().take_while(|b| **b >= 0x20 && !matches!(b, b'"' | b'\\')).count();
    at - start + tail
}

/// The rest of a string, from its first backslash on, with the text before it.
fn unescape(input: &[u8], start: usize, first: usize) -> Result<(Cow<'_, [u8]>, usize), Broken> {
    // Unescaped text is never longer than its source; what a small string in a large payload does not need is given back.
    let mut out = Vec::with_capacity(input.len() - start);
    out.extend_from_slice(&input[start..first]);
    let mut at = first;
    loop {
        while let Some(chunk) = input.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            let n = plain(*chunk);
            out.extend_from_slice(chunk);
            at += n;
            if n < 8 {
                out.truncate(out.len() - (8 - n));
                break;
            }
        }
        match *input.get(at).ok_or(Broken)? {
            b'"' => {
                if out.len() < out.capacity() / 2 {
                    out.shrink_to_fit();
                }
                return Ok((Cow::Owned(out), at));
            }
            b'\\' => at = unescape_one(input, at, &mut out)?,
            byte if byte < 0x20 => return Err(Broken),
            // Fewer than 8 bytes are left.
            byte => {
                out.push(byte);
                at += 1;
            }
        }
    }
}

/// Reads the escape at that backslash; returns where it ends.
fn unescape_one(input: &[u8], at: usize, out: &mut Vec<u8>) -> Result<usize, Broken> {
    let byte = match input.get(at + 1).ok_or(Broken)? {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 0x08,
        b'f' => 0x0c,
        b'u' => return unescape_unicode(input, at, out),
        other @ (b'"' | b'\\' | b'/') => *other,
        _ => return Err(Broken),
    };
    out.push(byte);
    Ok(at + 2)
}

fn unescape_unicode(input: &[u8], at: usize, out: &mut Vec<u8>) -> Result<usize, Broken> {
    let unit = hex4(input, at + 2).ok_or(Broken)?;
    let low = || {
        let pair = input.get(at + 6..at + 8).is_some_and(|next| next == b"\\u");
        hex4(input, at + 8).filter(|low| pair && (0xdc00..0xe000).contains(low))
    };
    let (code, end) = match unit {
        0xd800..0xdc00 => match low() {
            Some(low) => (0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), at + 12),
            None => (u32::from(b'?'), at + 6),
        },
        _ => (unit, at + 6),
    };
    // Half a pair is what Java writes as `?` when it turns a string into UTF-8.
    let code = char::from_u32(code).unwrap_or('?');
    out.extend_from_slice(code.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(end)
}

fn hex4(input: &[u8], at: usize) -> Option<u32> {
    input.get(at..at + 4)?.iter().try_fold(0, |n, b| Some(n * 16 + char::from(*b).to_digit(16)?))
}
