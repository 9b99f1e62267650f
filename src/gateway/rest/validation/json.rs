//! A body's JSON as it stands: checked once from end to end, then walked over without building anything.
//!
//! It takes what templates take of standard JSON (RFC 4627): the same depth, lone surrogates, numbers of any size.

use std::borrow::Cow;

use memchr::memchr2;

use crate::json_text::{self, Utf8};
use crate::value::json::{MAX_DEPTH, MAX_NUMBER_LENGTH};

/// A text that is JSON.
#[derive(Clone, Copy)]
pub(super) struct Json<'a>(&'a [u8]);

impl<'a> Json<'a> {
    /// The text, if it is one value.
    pub(super) fn check(text: &'a [u8]) -> Option<Json<'a>> {
        std::str::from_utf8(text).ok()?;
        let json = Json(text);
        let end = json.value(json.space(0), 0)?;
        (json.space(end) == text.len()).then_some(json)
    }

    /// Where the outermost value begins.
    pub(super) fn start(self) -> usize {
        self.space(0)
    }

    /// The byte there; 0 behind the end.
    pub(super) fn byte(self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or(0)
    }

    /// The text between two places.
    pub(super) fn slice(self, start: usize, end: usize) -> &'a [u8] {
        self.0.get(start..end).unwrap_or_default()
    }

    /// The first byte from there on that is no white space.
    pub(super) fn space(self, mut at: usize) -> usize {
        while matches!(self.byte(at), b' ' | b'\t' | b'\n' | b'\r') {
            at += 1;
        }
        at
    }

    /// The string whose opening quote stands there, and what follows it.
    pub(super) fn string(self, at: usize) -> (Cow<'a, [u8]>, usize) {
        let end = self.skip_string(at);
        // It has an end, as the text was checked.
        (
            json_text::read(self.slice(0, end), at + 1, &mut Utf8::default()).map(|(text, _)| text).unwrap_or_default(),
            end,
        )
    }

    /// Behind the value that begins there, in a text that was checked.
    pub(super) fn skip(self, at: usize) -> usize {
        match self.byte(at) {
            b'"' => self.skip_string(at),
            b'{' | b'[' => self.skip_nested(at),
            _ => self.skip_plain(at),
        }
    }

    fn skip_plain(self, mut at: usize) -> usize {
        while !matches!(self.byte(at), b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r' | 0) {
            at += 1;
        }
        at
    }

    fn skip_string(self, at: usize) -> usize {
        let mut at = at + 1;
        while let Some(found) = self.0.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
            at += found;
            if self.byte(at) == b'"' {
                return at + 1;
            }
            at += 2;
        }
        self.0.len()
    }

    fn skip_nested(self, mut at: usize) -> usize {
        let mut depth = 0;
        while at < self.0.len() {
            match self.byte(at) {
                b'"' => {
                    at = self.skip_string(at);
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                break;
            }
        }
        at
    }

    /// Behind the value that begins there, if it is one.
    fn value(self, at: usize, depth: usize) -> Option<usize> {
        match self.byte(at) {
            b'"' => json_text::skip(self.0, at + 1).ok().map(|end| end + 1),
            b'{' | b'[' if depth >= MAX_DEPTH => None,
            b'{' => self.object(at, depth + 1),
            b'[' => self.array(at, depth + 1),
            b'-' | b'0'..=b'9' => self.number(at),
            _ => ["null", "true", "false"].into_iter().find_map(|word| self.word(at, word)),
        }
    }

    fn word(self, at: usize, word: &str) -> Option<usize> {
        let end = at + word.len();
        (self.slice(at, end) == word.as_bytes()).then_some(end)
    }

    fn array(self, at: usize, depth: usize) -> Option<usize> {
        let mut at = self.space(at + 1);
        if self.byte(at) == b']' {
            return Some(at + 1);
        }
        loop {
            at = self.space(self.value(at, depth)?);
            match self.byte(at) {
                b',' => at = self.space(at + 1),
                b']' => return Some(at + 1),
                _ => return None,
            }
        }
    }

    fn object(self, at: usize, depth: usize) -> Option<usize> {
        let mut at = self.space(at + 1);
        if self.byte(at) == b'}' {
            return Some(at + 1);
        }
        loop {
            if self.byte(at) != b'"' {
                return None;
            }
            at = self.space(json_text::skip(self.0, at + 1).ok()? + 1);
            if self.byte(at) != b':' {
                return None;
            }
            at = self.space(self.value(self.space(at + 1), depth)?);
            match self.byte(at) {
                b',' => at = self.space(at + 1),
                b'}' => return Some(at + 1),
                _ => return None,
            }
        }
    }

    fn number(self, start: usize) -> Option<usize> {
        let mut at = start + usize::from(self.byte(start) == b'-');
        let whole = self.digits(at);
        if whole == at || (whole > at + 1 && self.byte(at) == b'0') {
            return None;
        }
        at = whole;
        if self.byte(at) == b'.' {
            at = self.some_digits(at + 1)?;
        }
        if matches!(self.byte(at), b'e' | b'E') {
            at += 1;
            at = self.some_digits(at + usize::from(matches!(self.byte(at), b'+' | b'-')))?;
        }
        (at - start <= MAX_NUMBER_LENGTH).then_some(at)
    }

    fn digits(self, mut at: usize) -> usize {
        while self.byte(at).is_ascii_digit() {
            at += 1;
        }
        at
    }

    fn some_digits(self, at: usize) -> Option<usize> {
        Some(self.digits(at)).filter(|end| *end > at)
    }
}
