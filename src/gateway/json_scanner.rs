//! Walks over a JSON document without building it: what it hands out are slices of the document.

use std::borrow::Cow;

use bytes::Bytes;

use crate::json_text::{self, Broken, Found, ReadAhead, Utf8};

/// Why a document is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed(pub String);

/// A string, or the text of a number: UTF-8, and a slice of the document where it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text(Bytes);

impl Text {
    /// The bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
    /// The bytes, without a copy.
    pub(crate) fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl From<Bytes> for Text {
    fn from(bytes: Bytes) -> Text {
        Text(bytes)
    }
}

/// A value that is no object and no array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scalar {
    /// `null`
    Null,
    /// `true` or `false`, with its text.
    Bool(bool, Text),
    /// A number as written.
    Number(Text),
    /// A string, unescaped.
    String(Text),
}

impl Scalar {
    /// The text that Jackson makes of it where a string is expected.
    pub(crate) fn into_text(self) -> Option<Text> {
        match self {
            Scalar::Null => None,
            Scalar::Bool(_, text) | Scalar::Number(text) | Scalar::String(text) => Some(text),
        }
    }
    /// For messages.
    pub(crate) fn show(&self) -> String {
        match self {
            Scalar::Null => "null".to_owned(),
            Scalar::Bool(_, text) | Scalar::Number(text) => text.as_str().to_owned(),
            Scalar::String(text) => format!("{:?}", text.as_str()),
        }
    }
}

/// The document and how far it is read.
pub(crate) struct Scanner<'a> {
    document: &'a Bytes,
    at: usize,
    utf8: Utf8,
    ahead: &'a ReadAhead,
    /// The strings read ahead that are not passed yet.
    found: &'a [Found],
}

impl<'a> Scanner<'a> {
    /// Reads a whole document: `value` reads its one value. What is not UTF-8 is malformed, whatever else is.
    pub(crate) fn read<T>(
        document: &'a Bytes,
        ahead: &'a ReadAhead,
        value: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        let mut scanner = Scanner { document, at: 0, utf8: Utf8::default(), ahead, found: ahead.found() };
        let read = value(&mut scanner).and_then(|value| scanner.end().map(|()| value));
        // What could be read has been looked at on the way.
        match read {
            Err(_) if !scanner.is_utf8() => Err(Malformed("the payload is not UTF-8".to_owned())),
            read => read,
        }
    }

    fn is_utf8(&self) -> bool {
        !self.ahead.is_not_utf8() && simdutf8::basic::from_utf8(&self.document[self.ahead.end()..]).is_ok()
    }

    /// Whether the next value is `null`, which is then read.
    pub(crate) fn null(&mut self) -> bool {
        self.space();
        self.word("null")
    }

    /// Reads an object; `member` reads each value.
    pub(crate) fn object(
        &mut self,
        what: &str,
        mut member: impl FnMut(&mut Self, Text) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        self.open(what, b'{', "an object")?;
        if self.next_is(b'}') {
            return Ok(());
        }
        loop {
            let key = self.key()?;
            member(self, key)?;
            if self.next_is(b'}') {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    /// Reads an array; `item` reads each value.
    pub(crate) fn array(
        &mut self,
        what: &str,
        mut item: impl FnMut(&mut Self) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        self.open(what, b'[', "an array")?;
        if self.next_is(b']') {
            return Ok(());
        }
        loop {
            item(self)?;
            if self.next_is(b']') {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    /// Reads a value that is no object and no array.
    pub(crate) fn scalar(&mut self, what: &str) -> Result<Scalar, Malformed> {
        self.space();
        let start = self.at;
        match self.document.get(self.at) {
            Some(b'"') => {
                self.at += 1;
                Ok(Scalar::String(self.string()?))
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'{') => Err(Malformed(format!("{what} is an object"))),
            Some(b'[') => Err(Malformed(format!("{what} is an array"))),
            _ if self.word("null") => Ok(Scalar::Null),
            _ if self.word("true") => Ok(Scalar::Bool(true, self.slice(start))),
            _ if self.word("false") => Ok(Scalar::Bool(false, self.slice(start))),
            _ => Err(self.broken()),
        }
    }

    /// The first byte of the next value, which tells its type.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        self.space();
        self.document.get(self.at).copied()
    }

    /// Passes any value, however deep.
    pub(crate) fn skip(&mut self) -> Result<(), Malformed> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            match self.peek() {
                Some(b'{') => {
                    self.at += 1;
                    if !self.next_is(b'}') {
                        open.push(b'}');
                        self.key()?;
                        continue;
                    }
                }
                Some(b'[') => {
                    self.at += 1;
                    if !self.next_is(b']') {
                        open.push(b']');
                        continue;
                    }
                }
                _ => drop(self.scalar("a value")?),
            }
            loop {
                let Some(close) = open.last().copied() else { return Ok(()) };
                if self.next_is(close) {
                    open.pop();
                    continue;
                }
                self.expect(b',')?;
                if close == b'}' {
                    self.key()?;
                }
                break;
            }
        }
    }

    fn key(&mut self) -> Result<Text, Malformed> {
        self.expect(b'"')?;
        let key = self.string()?;
        self.expect(b':')?;
        Ok(key)
    }

    /// Nothing but white space may follow.
    fn end(&mut self) -> Result<(), Malformed> {
        self.space();
        if self.at == self.document.len() { Ok(()) } else { Err(self.broken()) }
    }

    fn open(&mut self, what: &str, bracket: u8, expected: &str) -> Result<(), Malformed> {
        if self.next_is(bracket) {
            return Ok(());
        }
        match self.document.get(self.at) {
            Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
                Err(Malformed(format!("{what} is not {expected}")))
            }
            _ => Err(self.broken()),
        }
    }

    fn number(&mut self) -> Result<Scalar, Malformed> {
        let start = self.at;
        self.next_is(b'-');
        let integer = self.digits();
        if integer == 0 || (integer > 1 && self.document[self.at - integer] == b'0') {
            return Err(self.broken());
        }
        if self.document.get(self.at) == Some(&b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.broken());
            }
        }
        if matches!(self.document.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.document.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.broken());
            }
        }
        Ok(Scalar::Number(self.slice(start)))
    }

    fn digits(&mut self) -> usize {
        let count = self.document[self.at..].iter().take_while(|b| b.is_ascii_digit()).count();
        self.at += count;
        count
    }

    /// The string whose opening quote was just read.
    fn string(&mut self) -> Result<Text, Malformed> {
        let start = self.at;
        if let [found, rest @ ..] = self.found
            && found.start == start
        {
            self.at = found.end + 1;
            self.found = rest;
            return Ok(Text(self.document.slice(start..start + found.length)));
        }
        if self.ahead.unended() == Some(start) {
            return Err(self.broken());
        }
        let (text, end) = json_text::read(self.document, start, &mut self.utf8).map_err(|broken| match broken {
            Broken::Json => self.broken(),
            Broken::Utf8 => Malformed("the payload is not UTF-8".to_owned()),
        })?;
        self.at = end + 1;
        Ok(Text(match text {
            Cow::Borrowed(_) => self.document.slice(start..end),
            Cow::Owned(bytes) => Bytes::from(bytes),
        }))
    }

    fn slice(&self, start: usize) -> Text {
        Text(self.document.slice(start..self.at))
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.document[self.at..].starts_with(word.as_bytes());
        if found {
            self.at += word.len();
        }
        found
    }

    fn space(&mut self) {
        while matches!(self.document.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn next_is(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.document.get(self.at) == Some(&byte);
        if found {
            self.at += 1;
        }
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.next_is(byte) { Ok(()) } else { Err(self.broken()) }
    }

    fn broken(&self) -> Malformed {
        Malformed(format!("the payload is not JSON (byte {})", self.at))
    }
}
