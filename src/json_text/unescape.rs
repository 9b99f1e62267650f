//! JSON strings to text, as Jackson in its strict mode reads them, and Java then writes them as UTF-8.

use std::borrow::Cow;

use super::simd::{Level, Stops};

/// Why a JSON string cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// It is no JSON string, or it has no end.
    Json,
    /// It, or what comes behind it, is not UTF-8.
    Utf8,
}

/// How much of a document is known to be UTF-8 without having been ASCII byte by byte.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Utf8 {
    known: usize,
}

impl Utf8 {
    /// Whether there is need to look for what is not ASCII at that place.
    fn is_open(self, at: usize) -> bool {
        at >= self.known
    }

    /// Looks at all from `at` on, where the first byte stands that is not ASCII.
    fn check(&mut self, input: &[u8], at: usize) -> Result<(), Broken> {
        simdutf8::basic::from_utf8(&input[at..]).map_err(|_| Broken::Utf8)?;
        self.known = input.len();
        Ok(())
    }
}

/// So much room is made for a text at first: most are short, and a long one is likely to be most of its document.
const SHORT: usize = 256;

/// Reads the JSON string that begins behind the quote at `start - 1`: its text, and where the closing quote stands. Text
/// without an escape is a slice of the input. What comes before in the input must be UTF-8.
pub fn read<'a>(input: &'a [u8], start: usize, utf8: &mut Utf8) -> Result<(Cow<'a, [u8]>, usize), Broken> {
    let level = Level::best();
    let mut at = start;
    loop {
        let stops = if utf8.is_open(at) { Stops::JsonAndNonAscii } else { Stops::Json };
        at += level.scan(&input[at..], stops);
        match input.get(at).ok_or(Broken::Json)? {
            b'"' => return Ok((Cow::Borrowed(&input[start..at]), at)),
            b'\\' => break,
            0x80.. => utf8.check(input, at)?,
            _ => return Err(Broken::Json),
        }
    }
    let mut out = Vec::with_capacity(at - start + SHORT.min(input.len() - at));
    out.extend_from_slice(&input[start..at]);
    let end = unescape(input, at, &mut out, utf8)?;
    if out.len() < out.capacity() / 2 {
        out.shrink_to_fit();
    }
    Ok((Cow::Owned(out), end))
}

/// How many bytes stand there that the inside of a JSON string can be: text, and escapes of a single letter.
pub(crate) fn well_inside(input: &[u8]) -> usize {
    let (read, escaped) = Level::best().skip(input, Stops::Json, false);
    read - usize::from(escaped)
}

/// Where the closing quote of the JSON string stands that begins behind the quote at `start - 1`: as [`read`], building nothing
/// and not looking whether it is UTF-8.
pub(crate) fn skip(input: &[u8], start: usize) -> Result<usize, Broken> {
    let level = Level::best();
    let mut at = start;
    loop {
        let (read, escaped) = level.skip(input.get(at..).ok_or(Broken::Json)?, Stops::Json, false);
        at += read;
        match input.get(at).ok_or(Broken::Json)? {
            b'"' => return Ok(at),
            b'u' if escaped => {
                hex4(&input[at + 1..]).map_err(|_| Broken::Json)?;
                at += 5;
            }
            _ => return Err(Broken::Json),
        }
    }
}

/// Appends the text of a JSON string; what is given ends in its closing quote, and has been looked through.
pub(crate) fn unescape_str(quoted: &str, out: &mut String) {
    let level = Level::best();
    let mut rest = quoted;
    loop {
        let (read, escaped) = level.unescape_str(rest, out);
        rest = &rest[read..];
        match unicode(rest.as_bytes()) {
            Unicode::Read(c, length) if escaped => {
                out.push(c);
                rest = &rest[length..];
            }
            _ => return,
        }
    }
}

/// The text, what is not UTF-8 replaced by U+FFFD.
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    simdutf8::basic::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// The rest of a string, from its first backslash on.
fn unescape(input: &[u8], start: usize, out: &mut Vec<u8>, utf8: &mut Utf8) -> Result<usize, Broken> {
    let level = Level::best();
    let (mut at, mut escaped, mut limit) = (start, false, input.len().min(start + SHORT));
    loop {
        let (read, behind) = level.unescape(&input[at..limit], out, escaped, utf8.is_open(at));
        (at, escaped) = (at + read, behind);
        match input.get(at).ok_or(Broken::Json)? {
            _ if at == limit => limit = input.len(),
            b'u' if escaped => {
                let Unicode::Read(c, length) = unicode(&input[at..]) else { return Err(Broken::Json) };
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                (at, escaped) = (at + length, false);
                limit = limit.max(at);
            }
            b'"' => return Ok(at),
            0x80.. if !escaped && utf8.is_open(at) => utf8.check(input, at)?,
            _ => return Err(Broken::Json),
        }
    }
}

/// The escape at a `u`.
pub(super) enum Unicode {
    /// The character, and how many bytes it took from the `u` on.
    Read(char, usize),
    /// It may go on behind the end.
    Cut,
    /// There are no four digits.
    Broken,
}

/// Reads the `u` and four digits, and the other half of a pair if it follows.
pub(super) fn unicode(input: &[u8]) -> Unicode {
    let unit = match hex4(&input[1..]) {
        Ok(unit) => unit,
        Err(cut) => return if cut { Unicode::Cut } else { Unicode::Broken },
    };
    if !(0xd800..0xdc00).contains(&unit) {
        // Half a pair is what Java writes as `?` when it turns a string into UTF-8.
        return Unicode::Read(char::from_u32(unit).unwrap_or('?'), 5);
    }
    match &input[5..] {
        [] | [b'\\'] => return Unicode::Cut,
        [b'\\', b'u', digits @ ..] => match hex4(digits) {
            Ok(low @ 0xdc00..0xe000) => {
                let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return Unicode::Read(char::from_u32(code).unwrap_or('?'), 11);
            }
            Err(true) => return Unicode::Cut,
            _ => {}
        },
        _ => {}
    }
    Unicode::Read('?', 5)
}

/// Four digits; or whether they were cut off.
fn hex4(input: &[u8]) -> Result<u32, bool> {
    let mut value = 0;
    for n in 0..4 {
        let byte = input.get(n).ok_or(true)?;
        value = value * 16 + char::from(*byte).to_digit(16).ok_or(false)?;
    }
    Ok(value)
}
