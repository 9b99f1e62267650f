//! YAML as nearly everybody writes it, read in one go and without events: blocks, texts and flow collections on one line each, literal
//! blocks. Whatever else YAML has, and whatever is wrong, is `None`: the whole reader reads that document from its beginning.
//!
//! A definition of ten thousand methods is read in a quarter of the time. What comes out is what the whole reader makes of it, places
//! included: the tests compare the two.

use std::borrow::Cow;
use std::sync::Arc;

use smol_str::SmolStr;

use super::limit::NODES;
use super::node::{Block, Data, Entries, Mark, Node, Origin};
use super::scalar::resolve;

/// So deep nobody nests by hand.
const DEPTH: usize = 32;
/// So long is no key that people write.
const KEY: usize = 500;
/// So long is no line that people write, and counting its characters takes its time.
const LINE: usize = 10_000;

/// So many bytes are looked at before anything is said of them.
const PIECE: usize = 4096;

/// The tree of a document, when it is simple.
pub(super) fn parse(text: &str, origin: &Arc<Origin>) -> Option<Node> {
    if text.as_bytes().chunks(PIECE).any(has_odd_bytes) {
        return None;
    }
    let is_ascii = text.is_ascii();
    let is_odd = |c: char| !c.is_ascii() && (c.is_whitespace() || c.is_control() || c == '\u{feff}');
    if !is_ascii && text.contains(is_odd) {
        return None;
    }
    let mut reader = Reader {
        text,
        origin,
        is_ascii,
        start: 0,
        end: 0,
        at: 0,
        line: 0,
        is_over: false,
        is_odd: false,
        nodes: 0,
        depth: 0,
        entries: Vec::new(),
        items: Vec::new(),
    };
    reader.go_to(0);
    if reader.column() == 0 && reader.rest() == "---" {
        reader.go_to(reader.end + 1);
    }
    let node = reader.block(None)?;
    (reader.is_over && !reader.is_odd && reader.nodes <= NODES).then_some(node)
}

/// Whether there are control characters other than line breaks. Without a way out in between, many bytes are looked at at once.
fn has_odd_bytes(piece: &[u8]) -> bool {
    piece.iter().fold(false, |odd, b| odd | ((*b < b' ') & (*b != b'\n')) | (*b == 0x7f))
}

/// The document, and the line that is being read: never a blank one, nor one with a comment alone.
struct Reader<'a> {
    text: &'a str,
    origin: &'a Arc<Origin>,
    is_ascii: bool,
    /// Where the line begins and ends.
    start: usize,
    end: usize,
    /// How far it is read.
    at: usize,
    /// Its number, from 1.
    line: usize,
    /// Whether there is no line any more.
    is_over: bool,
    /// Whether there is a line that is not for this reader.
    is_odd: bool,
    nodes: usize,
    depth: usize,
    /// The entries of the maps that are not read to their ends, and the items of the lists: each collection is made in its size.
    entries: Vec<(SmolStr, Node)>,
    items: Vec<Node>,
}

/// A text of one line, and where it stands.
struct Token<'a> {
    text: Cow<'a, str>,
    mark: Mark,
    is_quoted: bool,
}

/// What was put in from there on, in its size.
fn taken<T>(all: &mut Vec<T>, first: usize) -> Vec<T> {
    let mut own = if first == 0 { std::mem::take(all) } else { all.split_off(first) };
    own.shrink_to_fit();
    own
}

/// Where a comment begins in a text: at the blank before it.
fn comment(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'#', bytes).find(|at| *at > 0 && bytes[at - 1] == b' ').map(|at| at - 1)
}

impl<'a> Reader<'a> {
    /// Goes on to the first line from there on that says something; `start` is where a line begins.
    fn go_to(&mut self, start: usize) {
        self.start = start;
        while self.start < self.text.len() {
            self.line += 1;
            let rest = &self.text.as_bytes()[self.start..];
            self.end = self.start + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let blanks = rest.iter().take_while(|b| **b == b' ').count();
            self.at = self.start + blanks;
            if self.at < self.end && self.text.as_bytes()[self.at] != b'#' {
                self.is_odd |= !self.is_ascii && self.end - self.start > LINE;
                return;
            }
            self.start = self.end + 1;
        }
        self.is_over = true;
        (self.start, self.end, self.at) = (self.text.len(), self.text.len(), self.text.len());
    }

    /// How far in the reading is; at a line's beginning its indent.
    fn column(&self) -> usize {
        self.at - self.start
    }

    /// What of the line is not read.
    fn rest(&self) -> &'a str {
        &self.text[self.at..self.end]
    }

    fn peek(&self) -> Option<u8> {
        self.bytes().first().copied()
    }

    /// What of the line is not read, where its characters do not matter.
    fn bytes(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..self.end]
    }

    fn blanks(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    /// Whether nothing but a comment follows; blanks are passed.
    fn is_at_end(&mut self) -> bool {
        let before = self.at;
        self.blanks();
        self.at == self.end || (self.at > before && self.peek() == Some(b'#'))
    }

    /// Goes on to the next line, which must not belong to what stands on this one: a text goes on in lines that are indented more.
    fn next(&mut self, indent: usize) -> Option<()> {
        if !self.is_at_end() {
            return None;
        }
        self.go_to(self.end + 1);
        (self.is_over || self.column() <= indent).then_some(())
    }

    /// Characters from the line's beginning.
    fn characters(&self, to: usize) -> usize {
        if self.is_ascii { to - self.start } else { self.text[self.start..to].chars().count() }
    }

    /// That of one character.
    fn mark(&self, at: usize) -> Mark {
        Mark::new(self.characters(at) + 1, 1)
    }

    fn node(&mut self, line: usize, mark: Mark, data: Data) -> Node {
        self.nodes += 1;
        Node { mark, ..Node::new(self.origin, line, data) }
    }

    /// Whether an item of a list begins here.
    fn is_item(&self) -> bool {
        matches!(self.bytes(), [b'-'] | [b'-', b' ', ..])
    }

    /// A map or a list of more than one line, which stands further in than `parent`.
    fn block(&mut self, parent: Option<usize>) -> Option<Node> {
        if self.is_over
            || self.is_odd
            || parent.is_some_and(|parent| self.column() <= parent)
            || (parent.is_none() && self.column() > 0)
        {
            return None;
        }
        let indent = self.column();
        if self.is_item() {
            return self.list(indent);
        }
        let key = self.key()?;
        self.map(indent, key)
    }

    fn deeper(&mut self) -> Option<()> {
        self.depth += 1;
        (self.depth <= DEPTH).then_some(())
    }

    fn list(&mut self, indent: usize) -> Option<Node> {
        self.deeper()?;
        let (line, mark) = (self.line, self.mark(self.at));
        let first = self.items.len();
        while !self.is_over && self.column() == indent && self.is_item() {
            self.at += 1;
            let item = self.item(indent)?;
            self.items.push(item);
        }
        self.depth -= 1;
        let items = taken(&mut self.items, first);
        (self.is_over || self.column() <= indent).then(|| self.node(line, mark, Data::List(items)))
    }

    /// What stands behind a hyphen.
    fn item(&mut self, indent: usize) -> Option<Node> {
        if self.is_at_end() {
            self.go_to(self.end + 1);
            return self.block(Some(indent));
        }
        if let Some(b'{' | b'[') = self.peek() {
            let node = self.flow()?;
            self.next(indent)?;
            return Some(node);
        }
        let column = self.column();
        let begin = self.at;
        if let Some(key) = self.key() {
            return self.map(column, key);
        }
        self.at = begin;
        let token = self.scalar()?;
        let node = self.text_node(token);
        self.next(indent)?;
        Some(node)
    }

    /// The map whose first key was read, on this line.
    fn map(&mut self, indent: usize, first: Token<'a>) -> Option<Node> {
        self.deeper()?;
        let (line, mark) = (self.line, Mark::new(first.mark.column(), 1));
        let (begin, mut key) = (self.entries.len(), first);
        loop {
            let key_line = self.line;
            let value = self.value(indent)?;
            self.add(key, key_line, value);
            if self.is_over || self.column() < indent {
                break;
            }
            if self.column() > indent || self.is_item() {
                return None;
            }
            key = self.key()?;
        }
        self.depth -= 1;
        let data = self.map_from(begin)?;
        Some(self.node(line, mark, data))
    }

    /// What stands behind a key of a map with that indent.
    fn value(&mut self, indent: usize) -> Option<Node> {
        if self.is_at_end() {
            let (line, end) = (self.line, self.end);
            self.go_to(end + 1);
            return match self.is_over || self.column() < indent {
                true => Some(self.node(line, Mark::default(), Data::Null)),
                false if self.column() == indent && self.is_item() => self.list(indent),
                false if self.column() == indent => Some(self.node(line, Mark::default(), Data::Null)),
                false => self.block(Some(indent)),
            };
        }
        let node = match self.peek()? {
            b'{' | b'[' => self.flow()?,
            b'|' => return self.literal(indent),
            _ => {
                let token = self.scalar()?;
                self.text_node(token)
            }
        };
        self.next(indent)?;
        Some(node)
    }

    fn text_node(&mut self, token: Token<'a>) -> Node {
        let data = if token.is_quoted { Data::Text(token.text.into()) } else { resolve(&token.text) };
        self.node(self.line, token.mark, data)
    }

    /// A key of a block, and its colon.
    fn key(&mut self) -> Option<Token<'a>> {
        let token = match self.peek()? {
            b'"' | b'\'' => self.quoted()?,
            _ => {
                let rest = self.rest();
                let colon = memchr::memchr_iter(b':', rest.as_bytes())
                    .find(|colon| matches!(rest.as_bytes().get(colon + 1), None | Some(b' ')))?;
                let text = &rest[..colon];
                if comment(text).is_some() {
                    return None;
                }
                self.plain(text)?
            }
        };
        let is_key = matches!(self.bytes(), [b':'] | [b':', b' ', ..]);
        if !is_key || token.mark.width() > KEY {
            return None;
        }
        self.at += 1;
        Some(token)
    }

    /// A text on its own in a block.
    fn scalar(&mut self) -> Option<Token<'a>> {
        if let Some(b'"' | b'\'') = self.peek() {
            return self.quoted();
        }
        let rest = self.rest();
        let text = comment(rest).map_or(rest, |comment| &rest[..comment]).trim_end_matches(' ');
        let is_key = |colon: usize| matches!(text.as_bytes().get(colon + 1), None | Some(b' '));
        if memchr::memchr_iter(b':', text.as_bytes()).any(is_key) {
            return None;
        }
        self.plain(text)
    }

    /// A plain text that begins here, was measured already, and has no comment in it.
    fn plain(&mut self, text: &'a str) -> Option<Token<'a>> {
        let may_begin = match text.as_bytes() {
            [b'-', second, ..] => second.is_ascii_alphanumeric(),
            [
                b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@'
                | b'`',
                ..,
            ] => false,
            [b'?' | b':' | b'-' | b' ', ..] | [] => false,
            _ => true,
        };
        if !may_begin || text.starts_with("...") || text.ends_with(' ') || text == "<<" {
            return None;
        }
        let width = if self.is_ascii { text.len() } else { text.chars().count() };
        let mark = Mark::new(self.characters(self.at) + 1, width);
        self.at += text.len();
        Some(Token { text: Cow::Borrowed(text), mark, is_quoted: false })
    }

    /// A text in quotes, on this line.
    fn quoted(&mut self) -> Option<Token<'a>> {
        let begin = self.at;
        let quote = self.peek()?;
        let mut text = Cow::Borrowed("");
        self.at += 1;
        loop {
            let rest = self.rest();
            let stop = memchr::memchr2(quote, b'\\', rest.as_bytes())?;
            let is_end = rest.as_bytes()[stop] == quote;
            let next = rest.as_bytes().get(stop + 1).copied();
            // In single quotes a backslash is one, and a quote is written twice.
            let (piece, step) = match (is_end, quote, next) {
                (true, b'\'', Some(b'\'')) => (&rest[..=stop], 2),
                (true, ..) => (&rest[..stop], 1),
                (false, b'\'', _) => (&rest[..=stop], 1),
                (false, ..) => (&rest[..stop], 2),
            };
            match text.is_empty() {
                true => text = Cow::Borrowed(piece),
                false => text.to_mut().push_str(piece),
            }
            self.at += stop + step;
            match (is_end, quote, next) {
                (true, b'\'', Some(b'\'')) | (false, b'\'', _) => {}
                (true, ..) => break,
                (false, _, Some(b'n')) => text.to_mut().push('\n'),
                (false, _, Some(b't')) => text.to_mut().push('\t'),
                (false, _, Some(c @ (b'"' | b'\\' | b'/'))) => text.to_mut().push(char::from(c)),
                _ => return None,
            }
        }
        // The whole reader takes a comment behind it for a part of its place.
        let is_comment = match self.bytes() {
            [b' ', behind @ ..] => behind.iter().find(|b| **b != b' ') == Some(&b'#'),
            _ => false,
        };
        let end = if is_comment { self.at + self.rest().trim_end().len() } else { self.at };
        let width = self.characters(end) - self.characters(begin);
        Some(Token { text, mark: Mark::new(self.characters(begin) + 1, width), is_quoted: true })
    }

    /// A literal block behind a key of a map with that indent; its head ends the line.
    fn literal(&mut self, indent: usize) -> Option<Node> {
        self.at += 1;
        let is_stripped = self.peek() == Some(b'-');
        self.at += usize::from(is_stripped);
        if !self.is_at_end() {
            return None;
        }
        let (mut text, mut blanks, mut inner, mut first) = (String::new(), 0, 0, self.line + 1);
        let mut start = self.end + 1;
        while start < self.text.len() {
            let rest = &self.text[start..];
            // The last line has no break that the text could end with.
            let line = &rest[..memchr::memchr(b'\n', rest.as_bytes())?];
            let column = line.bytes().take_while(|b| *b == b' ').count();
            if line.is_empty() {
                blanks += 1;
            } else if column == line.len() {
                return None;
            } else if (inner == 0 && column <= indent) || column < inner {
                break;
            } else {
                if inner == 0 {
                    (inner, first) = (column, self.line + 1);
                }
                text.extend(std::iter::repeat_n('\n', blanks));
                text.extend([&line[inner..], "\n"]);
                self.line += blanks;
                blanks = 0;
                self.line += 1;
            }
            start += line.len() + 1;
        }
        if inner == 0 {
            return None;
        }
        if is_stripped {
            text.pop();
        }
        let mut node = self.node(0, Mark::default(), Data::Text(text.into()));
        node.block = Some(Block::new(first, inner + 1));
        self.line += blanks;
        self.go_to(start);
        (self.is_over || self.column() <= indent).then_some(node)
    }

    /// A flow collection or a text in one, all on this line.
    fn flow(&mut self) -> Option<Node> {
        let mark = self.mark(self.at);
        match self.peek()? {
            b'{' => {
                self.deeper()?;
                let begin = self.entries.len();
                self.flow_entries(b'}', |reader| {
                    let key = reader.flow_scalar()?;
                    let is_key = reader.peek() == Some(b':');
                    reader.at += 1;
                    // Only behind quotes may the value follow at once.
                    if !is_key || !(key.is_quoted || reader.peek() == Some(b' ')) || key.mark.width() > KEY {
                        return None;
                    }
                    reader.blanks();
                    let (line, value) = (reader.line, reader.flow()?);
                    reader.add(key, line, value);
                    Some(())
                })?;
                self.depth -= 1;
                let data = self.map_from(begin)?;
                Some(self.node(self.line, mark, data))
            }
            b'[' => {
                self.deeper()?;
                let first = self.items.len();
                self.flow_entries(b']', |reader| {
                    let item = reader.flow()?;
                    reader.items.push(item);
                    Some(())
                })?;
                self.depth -= 1;
                let items = taken(&mut self.items, first);
                Some(self.node(self.line, mark, Data::List(items)))
            }
            _ => {
                let token = self.flow_scalar()?;
                Some(self.text_node(token))
            }
        }
    }

    /// What stands between brackets, with commas between.
    fn flow_entries(&mut self, close: u8, mut entry: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.at += 1;
        self.blanks();
        if self.peek() == Some(close) {
            self.at += 1;
            return Some(());
        }
        loop {
            entry(self)?;
            self.blanks();
            let next = self.peek()?;
            self.at += 1;
            match next {
                b',' => self.blanks(),
                _ if next == close => return Some(()),
                _ => return None,
            }
        }
    }

    fn flow_scalar(&mut self) -> Option<Token<'a>> {
        if let Some(b'"' | b'\'') = self.peek() {
            return self.quoted();
        }
        let bytes = self.bytes();
        let (mut end, mut is_commented) = (0, false);
        loop {
            match bytes.get(end)? {
                b',' | b'[' | b']' | b'{' | b'}' => break,
                b':' if matches!(bytes.get(end + 1), None | Some(b' ' | b',' | b'[' | b']' | b'{' | b'}')) => break,
                b'#' => is_commented = true,
                _ => {}
            }
            end += 1;
        }
        let text = self.text[self.at..self.at + end].trim_end_matches(' ');
        // A blank before a colon is more than people write, a hyphen before a bracket an error.
        if (text.len() < end && bytes[end] == b':') || text.ends_with('-') || (is_commented && comment(text).is_some())
        {
            return None;
        }
        self.plain(text)
    }

    /// Puts a value under its key, at the key's place.
    fn add(&mut self, key: Token<'_>, line: usize, mut node: Node) {
        node.mark = match &node.data {
            Data::Map(_) | Data::List(_) | Data::Null => key.mark,
            _ if node.line != line => key.mark,
            _ => Mark::between(key.mark.column(), node.mark.end().max(key.mark.end())),
        };
        node.line = line;
        self.entries.push((key.text.into(), node));
    }

    /// The map of the entries from there on, when none stands twice.
    fn map_from(&mut self, begin: usize) -> Option<Data> {
        Entries::of_different(taken(&mut self.entries, begin)).map(Data::Map)
    }
}
