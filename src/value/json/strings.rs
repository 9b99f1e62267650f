//! Strings: plain ones stand where they stood, others are unescaped, with json-smart's leniences.

use memchr::{memchr, memchr2};

use super::super::text::Part;
use super::printer::{is_plain, print_string};
use super::reader::{END, Reader, Result};
use crate::json_text::{Inside, inside, plain_length, unescape_str};

impl Reader<'_> {
    /// A short string in double quotes in which all stands for itself, as most are.
    #[inline(always)]
    pub(super) fn plain_string(&mut self) -> Option<Part> {
        let start = self.position + 1;
        let length = self.text.as_bytes().get(start..).and_then(plain_length)?;
        self.position = start + length + 1;
        Some(Part { start: start as u32, length: length as u32 })
    }

    /// Any string.
    pub(super) fn read_string(&mut self) -> Result<Part> {
        let quote = self.current();
        let start = self.position + 1;
        if quote == b'"' {
            if let Some(Inside { end, canonical }) = inside(self.text, start) {
                self.position = end + 1;
                self.canonical &= canonical;
                return Ok(self.unescaped(start, end));
            }
        } else {
            self.tolerate("a string needs double quotes")?;
        }
        let rest = &self.text.as_bytes()[start..];
        match memchr2(quote, b'\\', rest) {
            Some(length) if rest[length] == quote => {
                let content = &self.text[start..start + length];
                if !self.lenient() && content.bytes().any(|b| b < b' ' || b == 0x7F) {
                    return self.fail("a control character in a string");
                }
                self.position = start + length + 1;
                self.canonical = self.canonical && is_plain(content);
                Ok(Part { start: start as u32, length: length as u32 })
            }
            Some(_) if memchr(quote, rest).is_some() => {
                let text = self.read_escaped(quote)?;
                self.unescaped.push_str(&text);
                Ok(self.unescaped_from(self.unescaped.len() - text.len()))
            }
            _ => self.fail("the string has no end"),
        }
    }

    /// The content of a strict string, between its quotes.
    fn unescaped(&mut self, start: usize, end: usize) -> Part {
        if memchr(b'\\', &self.text.as_bytes()[start..end]).is_none() {
            return Part { start: start as u32, length: (end - start) as u32 };
        }
        let before = self.unescaped.len();
        unescape_str(&self.text[start..=end], &mut self.unescaped);
        self.unescaped_from(before)
    }

    /// A string with a backslash in it. Here json-smart drops control characters, which it keeps elsewhere.
    fn read_escaped(&mut self, quote: u8) -> Result<String> {
        let start = self.position;
        let mut units = Units::default();
        loop {
            self.position += 1;
            match self.current() {
                END => return self.fail("the string has no end"),
                c if c == quote => break,
                b'\\' => {
                    self.position += 1;
                    self.read_escape(&mut units)?;
                }
                0..b' ' | 0x7F => self.tolerate("a control character in a string")?,
                _ => {
                    let c = self.text[self.position..].chars().next().unwrap_or_default();
                    units.push(c);
                    self.position += c.len_utf8() - 1;
                }
            }
        }
        self.position += 1;
        let content = units.finish();
        if self.canonical {
            let mut printed = String::new();
            print_string(&content, &mut printed);
            self.canonical = printed == self.text[start..self.position];
        }
        Ok(content)
    }

    /// An unknown escape is nothing at all.
    fn read_escape(&mut self, units: &mut Units) -> Result<()> {
        match self.current() {
            b't' => units.push('\t'),
            b'n' => units.push('\n'),
            b'r' => units.push('\r'),
            b'f' => units.push('\u{C}'),
            b'b' => units.push('\u{8}'),
            c @ (b'\\' | b'/' | b'\'' | b'"') => units.push(c.into()),
            b'u' => units.push_unit(self.read_hex(4)?),
            b'x' => units.push_unit(self.read_hex(2)?),
            c if c.is_ascii() => {}
            _ => {
                let c = self.text[self.position..].chars().next().unwrap_or_default();
                self.position += c.len_utf8() - 1;
                // Of two UTF-16 units only the first is dropped.
                if c.len_utf16() == 2 {
                    units.push_unit(c.encode_utf16(&mut [0; 2])[1]);
                }
            }
        }
        Ok(())
    }

    fn read_hex(&mut self, digits: usize) -> Result<u16> {
        let mut value = 0;
        for _ in 0..digits {
            self.position += 1;
            let Some(digit) = char::from(self.current()).to_digit(16) else {
                return self.fail("expected a hexadecimal digit");
            };
            value = value << 4 | digit as u16;
        }
        Ok(value)
    }
}

/// Collects a string of UTF-16 units. A lone surrogate, which Rust's strings cannot hold, becomes the `?` that Java
/// would make of it on its way out.
#[derive(Default)]
struct Units {
    text: String,
    high: Option<u16>,
}

impl Units {
    fn push(&mut self, c: char) {
        self.flush();
        self.text.push(c);
    }

    fn push_unit(&mut self, unit: u16) {
        if let Some(high) = self.high.take() {
            if let Some(Ok(c)) = char::decode_utf16([high, unit]).next() {
                self.text.push(c);
                return;
            }
            self.text.push('?');
        }
        match unit {
            0xD800..=0xDBFF => self.high = Some(unit),
            _ => self.text.push(char::from_u32(unit.into()).unwrap_or('?')),
        }
    }

    fn flush(&mut self) {
        if self.high.take().is_some() {
            self.text.push('?');
        }
    }

    fn finish(mut self) -> String {
        self.flush();
        self.text
    }
}
