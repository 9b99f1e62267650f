//! Java's grammar of patterns: alternatives, sequences, groups, quantifiers. It accepts what Java accepts and refuses
//! what Java refuses, in Java's words.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::ast::{Assertion, Ast, Behind, Kind, Look, Node, Repeat, Shape};
use super::charset::CharSet;
use super::error::SyntaxError;
use super::reader::{Reader, ascii};

/// How deep groups and classes may nest.
pub(super) const DEPTH: usize = 200;
/// How many characters a pattern may have.
pub(super) const LENGTH: usize = 20_000;

/// Reads one pattern.
pub(super) struct Parser {
    pub(super) reader: Reader,
    /// The groups opened so far.
    pub(super) groups: usize,
    pub(super) names: Vec<(String, usize)>,
    pub(super) depth: usize,
    /// The families met so far: they can be large, and patterns repeat them.
    pub(super) families: FxHashMap<(String, bool, bool, bool), Arc<CharSet>>,
}

/// Parses a pattern.
pub(super) fn parse(source: &str) -> Result<Ast, SyntaxError> {
    if source.chars().nth(LENGTH).is_some() {
        return Err(SyntaxError { description: format!("longer than {LENGTH} characters"), index: LENGTH });
    }
    let reader = Reader::new(source);
    let mut parser = Parser { reader, groups: 0, names: Vec::new(), depth: 0, families: FxHashMap::default() };
    let node = parser.alternatives()?;
    if parser.reader.at_end() && !parser.reader.past_end() {
        return Ok(Ast { node, groups: parser.groups, names: parser.names });
    }
    if parser.reader.peek() == u32::from(')') {
        return parser.reader.error("Unmatched closing ')'");
    }
    parser.reader.error("Unexpected internal error")
}

impl Parser {
    /// One level deeper, or too deep.
    pub(super) fn deeper(&mut self) -> Result<(), SyntaxError> {
        self.depth += 1;
        if self.depth > DEPTH { self.reader.error(format!("nested more than {DEPTH} deep")) } else { Ok(()) }
    }

    fn alternatives(&mut self) -> Result<Node, SyntaxError> {
        let mut branches = vec![self.sequence()?];
        while self.reader.peek() == u32::from('|') {
            self.reader.next();
            branches.push(self.sequence()?);
        }
        Ok(if branches.len() == 1 { branches.remove(0) } else { Node::Alternate(branches) })
    }

    fn sequence(&mut self) -> Result<Node, SyntaxError> {
        let mut parts = Vec::new();
        loop {
            let c = self.reader.peek();
            let node = match char::from_u32(c) {
                Some('(') => {
                    parts.extend(self.group()?);
                    continue;
                }
                Some('[') => Node::Set(Arc::new(self.class(true)?)),
                Some('\\') => self.backslash(&mut parts)?,
                Some('^') => {
                    self.reader.next();
                    Node::Assert(self.caret())
                }
                Some('$') => {
                    self.reader.next();
                    Node::Assert(self.dollar())
                }
                Some('.') => {
                    self.reader.next();
                    Node::Set(Arc::new(self.dot()))
                }
                Some('|' | ')') => break,
                Some(c @ ('?' | '*' | '+')) => {
                    self.reader.next();
                    return self.dangling(c);
                }
                Some('\0') if self.reader.at_end() => break,
                _ => self.atom(&mut parts)?,
            };
            parts.push(self.quantifier(node)?);
        }
        Ok(match parts.len() {
            0 => Node::Empty,
            1 => parts.remove(0),
            _ => Node::Concat(parts),
        })
    }

    fn dangling<T>(&self, c: char) -> Result<T, SyntaxError> {
        self.reader.error(format!("Dangling meta character '{c}'"))
    }

    fn backslash(&mut self, parts: &mut Vec<Node>) -> Result<Node, SyntaxError> {
        let c = self.reader.next_raw();
        if c == u32::from('p') || c == u32::from('P') {
            return self.family(c == u32::from('P')).map(Node::Set);
        }
        self.reader.unread();
        self.atom(parts)
    }

    fn caret(&self) -> Assertion {
        let flags = self.reader.flags;
        if flags.multiline { Assertion::LineStart { unix: flags.unix_lines } } else { Assertion::Start }
    }

    fn dollar(&self) -> Assertion {
        let unix = self.reader.flags.unix_lines;
        if self.reader.flags.multiline { Assertion::LineEnd { unix } } else { Assertion::FinalEnd { unix } }
    }

    fn dot(&self) -> CharSet {
        let flags = self.reader.flags;
        match (flags.dot_all, flags.unix_lines) {
            (true, _) => CharSet::all(),
            (false, true) => CharSet::of(&[0x0A]).negate(),
            (false, false) => CharSet::of(&[0x0A, 0x0D, 0x85, 0x2028, 0x2029]).negate(),
        }
    }

    /// A run of plain characters: all but the last go to `parts`, as a quantifier belongs to the last alone.
    fn atom(&mut self, parts: &mut Vec<Node>) -> Result<Node, SyntaxError> {
        let mut run: Vec<u32> = Vec::new();
        let mut before_last = self.reader.at;
        let mut c = self.reader.peek();
        loop {
            match char::from_u32(c) {
                Some('*' | '+' | '?' | '{') => {
                    if run.len() > 1 {
                        self.reader.at = before_last;
                        run.pop();
                    }
                    break;
                }
                Some('$' | '.' | '^' | '(' | '[' | '|' | ')') => break,
                Some('\\') => {
                    let c2 = self.reader.next_raw();
                    let family = c2 == u32::from('p') || c2 == u32::from('P');
                    if family && run.is_empty() {
                        return self.family(c2 == u32::from('P')).map(Node::Set);
                    }
                    self.reader.unread();
                    if family {
                        break;
                    }
                    let start = self.reader.at;
                    match self.escape(false, run.is_empty(), false)? {
                        Node::Char(c) => {
                            before_last = start;
                            run.push(c);
                        }
                        node if run.is_empty() => return Ok(node),
                        _ => {
                            self.reader.at = start;
                            break;
                        }
                    }
                    c = self.reader.peek();
                }
                Some('\0') if self.reader.at_end() => break,
                _ => {
                    before_last = self.reader.at;
                    run.push(c);
                    c = self.reader.next();
                }
            }
        }
        let in_run = run.len() > 1;
        let Some(last) = run.pop() else { return Ok(Node::Empty) };
        parts.extend(run.into_iter().map(|c| self.literal(c, in_run)));
        Ok(self.literal(last, in_run))
    }

    fn literal(&self, c: u32, in_run: bool) -> Node {
        match if in_run { self.variants_in_run(c) } else { self.variants(c) } {
            Some(set) => Node::Set(Arc::new(set)),
            None => Node::Char(c),
        }
    }

    /// A group with its quantifier; nothing for `(?i)` and the like.
    fn group(&mut self) -> Result<Option<Node>, SyntaxError> {
        self.deeper()?;
        let flags = self.reader.flags;
        let node = if self.reader.next() == u32::from('?') {
            let Some(node) = self.special_group()? else {
                self.depth -= 1;
                return Ok(None);
            };
            node
        } else {
            self.capture(None)?
        };
        self.reader.accept(')', "Unclosed group")?;
        self.reader.flags = flags;
        self.depth -= 1;
        self.quantifier(node).map(Some)
    }

    fn capture(&mut self, name: Option<String>) -> Result<Node, SyntaxError> {
        self.groups += 1;
        let number = self.groups;
        self.names.extend(name.map(|name| (name, number)));
        Ok(Node::Group(Some(number), Box::new(self.alternatives()?)))
    }

    /// What follows `(?`.
    fn special_group(&mut self) -> Result<Option<Node>, SyntaxError> {
        let c = self.reader.skip();
        Ok(Some(match char::from_u32(c) {
            Some(':') => Node::Group(None, Box::new(self.alternatives()?)),
            Some('=' | '!') => {
                let node = self.alternatives()?;
                Node::Look(Box::new(Look { node, negated: c == u32::from('!'), behind: None }))
            }
            Some('>') => Node::Atomic(Box::new(self.alternatives()?)),
            Some('<') => self.named_or_behind()?,
            Some('$' | '@') => return self.reader.error("Unknown group type"),
            _ => {
                self.reader.unread();
                self.add_flags();
                match char::from_u32(self.reader.read()) {
                    Some(')') => return Ok(None),
                    Some(':') => Node::Group(None, Box::new(self.alternatives()?)),
                    _ => return self.reader.error("Unknown inline modifier"),
                }
            }
        }))
    }

    /// What follows `(?<`.
    fn named_or_behind(&mut self) -> Result<Node, SyntaxError> {
        let c = self.reader.read();
        if c != u32::from('=') && c != u32::from('!') {
            let name = self.group_name(c)?;
            if self.names.iter().any(|(known, _)| *known == name) {
                return self.reader.error(format!("Named capturing group <{name}> is already defined"));
            }
            return self.capture(Some(name));
        }
        let start = self.reader.at;
        let node = self.alternatives()?;
        let shape = Shape::of(&node);
        if !shape.bounded {
            return self.reader.error("Look-behind group does not have an obvious maximum length");
        }
        let by_char = self.reader.has_supplementary_from(start);
        let behind = Some(Behind { min: shape.min, max: shape.max, by_char });
        Ok(Node::Look(Box::new(Look { node, negated: c == u32::from('!'), behind })))
    }

    /// A group's name, its first character already read, up to the `>`.
    pub(super) fn group_name(&mut self, first: u32) -> Result<String, SyntaxError> {
        if !ascii(first, u8::is_ascii_alphabetic) {
            return self.reader.error("capturing group name does not start with a Latin letter");
        }
        let (mut name, mut c) = (String::new(), first);
        while ascii(c, u8::is_ascii_alphanumeric) {
            name.extend(char::from_u32(c));
            c = self.reader.read();
        }
        if c != u32::from('>') {
            return self.reader.error("named capturing group is missing trailing '>'");
        }
        Ok(name)
    }

    fn add_flags(&mut self) {
        let (mut on, mut c) = (true, self.reader.peek());
        loop {
            let flags = &mut self.reader.flags;
            match char::from_u32(c) {
                Some('i') => flags.ignore_case = on,
                Some('m') => flags.multiline = on,
                Some('s') => flags.dot_all = on,
                Some('d') => flags.unix_lines = on,
                Some('u') => flags.unicode_case = on,
                // Canonical equivalence: Java takes the flag here but has no use for it halfway through a pattern.
                Some('c') => {}
                Some('x') => flags.comments = on,
                Some('U') => (flags.unicode_class, flags.unicode_case) = (on, on),
                Some('-') if on => on = false,
                _ => return,
            }
            c = self.reader.next();
        }
    }

    /// The node with the quantifier that follows it, if one does.
    fn quantifier(&mut self, node: Node) -> Result<Node, SyntaxError> {
        let (min, max) = match char::from_u32(self.reader.peek()) {
            Some('?') => (0, Some(1)),
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('{') => self.bounds()?,
            _ => return Ok(node),
        };
        let kind = match char::from_u32(self.reader.next()) {
            Some('?') => Kind::Lazy,
            Some('+') => Kind::Possessive,
            _ => Kind::Greedy,
        };
        if kind != Kind::Greedy {
            self.reader.next();
        }
        let shape = Shape::of(&node);
        Ok(Node::Repeat(Box::new(Repeat { node, min, max, kind, shape })))
    }

    /// `{n}`, `{n,}` or `{n,m}`, up to before the brace that ends it.
    fn bounds(&mut self) -> Result<(u32, Option<u32>), SyntaxError> {
        let mut c = self.reader.skip();
        if !ascii(c, u8::is_ascii_digit) {
            return self.reader.error("Illegal repetition");
        }
        let min = self.number(&mut c)?;
        let mut max = Some(min);
        if c == u32::from(',') {
            c = self.reader.read();
            max = if c == u32::from('}') { None } else { Some(self.number(&mut c)?) };
        }
        if c != u32::from('}') {
            return self.reader.error("Unclosed counted closure");
        }
        if max.is_some_and(|max| max < min) {
            return self.reader.error("Illegal repetition range");
        }
        self.reader.unread();
        Ok((min, max))
    }

    fn number(&mut self, c: &mut u32) -> Result<u32, SyntaxError> {
        let mut n: u32 = 0;
        while ascii(*c, u8::is_ascii_digit) {
            let digit = *c - u32::from('0');
            match n.checked_mul(10).and_then(|n| n.checked_add(digit)).filter(|&n| n <= i32::MAX as u32) {
                Some(next) => n = next,
                None => return self.reader.error("Illegal repetition range"),
            }
            *c = self.reader.read();
        }
        Ok(n)
    }
}
