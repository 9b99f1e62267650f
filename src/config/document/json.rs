//! JSON to a `Node`: strict, with the line of every value and keys that stand twice.
//!
//! serde_json reads the scalars; the structure is read here, because its own maps lose both the lines and a doubled key.

use std::sync::Arc;

use super::fault::Fault;
use super::limit::DEPTH;
use super::node::{Data, Entries, Mark, Node, Origin};

/// Reads one document. A key that stands twice goes to `faults`.
pub(crate) fn parse(text: &str, origin: &Arc<Origin>, faults: &mut Vec<Fault>) -> Result<Node, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { text, at: 0, line: 1, counted: (0, 1), origin, faults };
    reader.space();
    let node = reader.value(0)?;
    reader.space();
    if reader.at < text.len() { Err(reader.fault("the end of the document")) } else { Ok(node) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    /// A byte and its column, up to which the characters of the line are counted.
    counted: (usize, usize),
    origin: &'a Arc<Origin>,
    faults: &'a mut Vec<Fault>,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Result<Node, Fault> {
        if depth >= DEPTH {
            return Err(Fault::new(self.line, format!("nested deeper than {DEPTH} levels")));
        }
        let (line, start) = (self.line, self.column());
        let data = match self.peek() {
            Some(b'{') => self.map(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Data::Text(self.string()?.into()),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ if self.word("true") => Data::Bool(true),
            _ if self.word("false") => Data::Bool(false),
            _ if self.word("null") => Data::Null,
            _ => return Err(self.fault("a value")),
        };
        let end = match data {
            Data::Map(_) | Data::List(_) => start + 1,
            _ => self.column(),
        };
        Ok(Node { mark: Mark::between(start, end), ..Node::new(self.origin, line, data) })
    }

    fn map(&mut self, depth: usize) -> Result<Data, Fault> {
        let mut map = Entries::default();
        self.at += 1;
        self.space();
        if self.byte(b'}') {
            return Ok(Data::Map(map));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.fault("a key in double quotes"));
            }
            let (line, start) = (self.line, self.column());
            let key = self.string()?;
            let mut mark = Mark::between(start, self.column());
            self.space();
            if !self.byte(b':') {
                return Err(self.fault("`:`"));
            }
            self.space();
            let mut node = self.value(depth + 1)?;
            if node.line == line && !matches!(node.data, Data::Map(_) | Data::List(_)) {
                mark = Mark::between(start, node.mark.end());
            }
            (node.line, node.mark) = (line, mark);
            if let Some(first) = map.get(&key) {
                self.faults.push(Fault::twice(&key, first.line, line, mark));
            }
            map.insert(key.into(), node);
            self.space();
            if self.byte(b'}') {
                map.shrink_to_fit();
                return Ok(Data::Map(map));
            }
            if !self.byte(b',') {
                return Err(self.fault("`,` or `}`"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Data, Fault> {
        let mut items = Vec::new();
        self.at += 1;
        self.space();
        if self.byte(b']') {
            return Ok(Data::List(items));
        }
        loop {
            self.space();
            items.push(self.value(depth + 1)?);
            self.space();
            if self.byte(b']') {
                items.shrink_to_fit();
                return Ok(Data::List(items));
            }
            if !self.byte(b',') {
                return Err(self.fault("`,` or `]`"));
            }
        }
    }

    /// The escapes are serde_json's business; here only the end is looked for.
    fn string(&mut self) -> Result<String, Fault> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut end = start + 1;
        loop {
            match bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(b'\n') | None => return Err(self.fault("`\"` at the end of the text")),
                Some(_) => end += 1,
            }
        }
        self.at = end + 1;
        let token = self.text.get(start..=end).unwrap_or_default();
        if !token.bytes().any(|byte| byte == b'\\' || byte < b' ') {
            return Ok(self.text.get(start + 1..end).unwrap_or_default().to_owned());
        }
        serde_json::from_str(token).map_err(|_| Fault::new(self.line, "a text with a bad escape".to_owned()))
    }

    fn number(&mut self) -> Result<Data, Fault> {
        let rest = &self.text[self.at..];
        let length = rest
            .bytes()
            .position(|b| !matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            .unwrap_or(rest.len());
        let token = &rest[..length];
        let Ok(number) = serde_json::from_str(token) else { return Err(self.fault("a number")) };
        self.at += length;
        Ok(Data::Number(number, token.into()))
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn byte(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn space(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek() {
            self.at += 1;
            if byte == b'\n' {
                self.line += 1;
                self.counted = (self.at, 1);
            }
        }
    }

    /// The column of the next byte, from 1.
    fn column(&mut self) -> usize {
        let (byte, column) = self.counted;
        let between = self.text.get(byte..self.at).unwrap_or_default();
        self.counted = (self.at, column + between.chars().count());
        self.counted.1
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn fault(&mut self, expected: &str) -> Fault {
        let found = match self.text[self.at..].chars().next() {
            Some(c) => format!("`{}`", c.escape_debug()),
            None => "the end of the file".to_owned(),
        };
        let column = self.column();
        Fault::new(self.line, format!("expected {expected}, found {found}")).at(column)
    }
}
