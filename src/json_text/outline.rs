//! Where each value of a JSON text stands, found in one pass that builds none of them.
//!
//! Only of what the strictest reader takes for an object or an array, with nothing but space around it: there all readers agree
//! on what is where. Who meets another text reads it as a whole.

use super::inside::{Inside, inside};

/// How deep values may nest: json-smart goes no deeper.
const MAX_DEPTH: usize = 400;

/// The longest number; json-smart takes none that is longer.
const LONGEST_NUMBER: usize = 1_000;

/// From this length on a decimal number may have an exponent that no reader takes.
const LONG_DECIMAL: usize = 18;

/// No part.
const NONE: u32 = u32::MAX;

/// The values of a text.
#[derive(Debug)]
pub struct Outline {
    parts: Vec<Part>,
}

/// One value, or the name of one: in the order in which they begin.
#[derive(Debug)]
struct Part {
    start: u32,
    end: u32,
    /// The part behind all that lies within this one.
    next: u32,
    kind: Kind,
    canonical: bool,
}

/// What stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    Text,
    /// A number.
    Number,
    /// `true` or `false`
    Truth,
    /// `null`
    Null,
}

/// One value of a text.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    outline: &'a Outline,
    whole: &'a str,
    at: usize,
}

/// A step from a value to one within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// The member of that name; of several the last.
    Name(&'a str),
    /// The item there.
    Index(usize),
}

/// It has names with escapes in them, so that it is not known which they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HiddenNames;

impl Outline {
    /// The outline of a text; `None` if it is not strictly JSON, or neither object nor array.
    pub fn of(text: &str) -> Option<Outline> {
        u32::try_from(text.len()).ok()?;
        // Most values are longer than this; what is not needed is not touched.
        let parts = Vec::with_capacity((text.len() / 16).clamp(16, 1 << 12));
        Tracer { text, at: 0, parts, open: None, depth: 0 }.trace()
    }

    /// As the last member of that name of the text is written.
    pub(crate) fn member_text<'a>(&self, text: &'a str, name: &str) -> Result<Option<&'a str>, HiddenNames> {
        let root = Place { outline: self, whole: text, at: 0 };
        let member = if root.kind() == Kind::Object { root.member(name)? } else { None };
        Ok(member.map(|place| &text[place.part().start as usize..place.part().end as usize]))
    }

    /// The object or array that is the text, which must be the one that the outline was made of.
    pub fn root<'a>(&'a self, text: &'a str) -> Place<'a> {
        Place { outline: self, whole: text, at: 0 }
    }
}

impl<'a> Place<'a> {
    fn part(self) -> &'a Part {
        &self.outline.parts[self.at]
    }

    fn at(self, at: usize) -> Place<'a> {
        Place { at, ..self }
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        self.part().kind
    }

    /// As it is written.
    pub fn text(self) -> &'a str {
        &self.whole[self.part().start as usize..self.part().end as usize]
    }

    /// Whether it is written as json-smart would print it, so that it need not be read to be printed.
    pub fn is_canonical(self) -> bool {
        let part = self.part();
        let within = || self.at..part.next as usize;
        part.canonical && within().all(|at| self.at(at).kind() != Kind::Object || self.at(at).has_each_name_once())
    }

    /// Where the steps lead, if anywhere.
    pub fn find(self, steps: impl Iterator<Item = Step<'a>>) -> Result<Option<Place<'a>>, HiddenNames> {
        let mut place = self;
        for step in steps {
            let next = match (step, place.kind()) {
                (Step::Name(name), Kind::Object) => place.member(name)?,
                (Step::Index(index), Kind::Array) => place.values().nth(index),
                _ => None,
            };
            let Some(next) = next else { return Ok(None) };
            place = next;
        }
        Ok(Some(place))
    }

    /// The last member of that name.
    pub fn member(self, name: &str) -> Result<Option<Place<'a>>, HiddenNames> {
        let mut found = None;
        for (written, value) in self.members() {
            if written == name {
                found = Some(value);
            } else if written.contains('\\') {
                return Err(HiddenNames);
            }
        }
        Ok(found)
    }

    /// Names, as they are written, and values of an object.
    fn members(self) -> impl Iterator<Item = (&'a str, Place<'a>)> {
        self.values().map(move |value| {
            let name = self.at(value.at - 1).text();
            (&name[1..name.len() - 1], value)
        })
    }

    /// The values of an object or an array.
    fn values(self) -> impl Iterator<Item = Place<'a>> {
        let (names, end) = (usize::from(self.kind() == Kind::Object), self.part().next as usize);
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let value = self.at(at + names);
            (at < end).then(|| {
                at = value.part().next as usize;
                value
            })
        })
    }

    fn has_each_name_once(self) -> bool {
        let mut seen = std::collections::HashSet::<&str, ahash::RandomState>::default();
        // Few are compared each with each.
        let mut few: [&str; 8] = [""; 8];
        for (n, (name, _)) in self.members().enumerate() {
            match few.get_mut(n) {
                Some(slot) => {
                    *slot = name;
                    if few[..n].contains(&name) {
                        return false;
                    }
                }
                None => {
                    if n == few.len() {
                        seen.extend(few);
                    }
                    if !seen.insert(name) {
                        return false;
                    }
                }
            }
        }
        true
    }
}

struct Tracer<'a> {
    text: &'a str,
    at: usize,
    parts: Vec<Part>,
    /// The part that is not closed yet, of several the innermost; where such a part will tell its end, it tells the one around it.
    open: Option<u32>,
    depth: usize,
}

impl Tracer<'_> {
    fn trace(mut self) -> Option<Outline> {
        self.space();
        if !matches!(self.peek()?, b'{' | b'[') {
            return None;
        }
        loop {
            // Here begins a value.
            match self.peek()? {
                b'{' => {
                    self.open(Kind::Object)?;
                    if self.peek()? != b'}' {
                        self.name()?;
                        continue;
                    }
                }
                b'[' => {
                    self.open(Kind::Array)?;
                    if self.peek()? != b']' {
                        continue;
                    }
                }
                byte => self.plain_value(byte)?,
            }
            if self.close_and_go_on()? {
                return Some(Outline { parts: self.parts });
            }
        }
    }

    /// Behind a value, or at the end of an empty container: goes to where the next value begins. Whether there is none.
    fn close_and_go_on(&mut self) -> Option<bool> {
        loop {
            let Some(container) = self.open else {
                self.space();
                return (self.at == self.text.len()).then_some(true);
            };
            self.space();
            let is_object = self.parts[container as usize].kind == Kind::Object;
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b',' => {
                    self.space();
                    if is_object {
                        self.name()?;
                    }
                    return Some(false);
                }
                b'}' if is_object => self.close(container),
                b']' if !is_object => self.close(container),
                _ => return None,
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        let start = self.at;
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        if self.at > start {
            self.not_canonical();
        }
    }

    /// The container around what is read now prints otherwise.
    fn not_canonical(&mut self) {
        if let Some(container) = self.open {
            self.parts[container as usize].canonical = false;
        }
    }

    fn open(&mut self, kind: Kind) -> Option<()> {
        if self.depth == MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let part = self.parts.len() as u32;
        self.parts.push(Part { start: self.at as u32, end: self.open.unwrap_or(NONE), next: 0, kind, canonical: true });
        self.open = Some(part);
        self.at += 1;
        self.space();
        Some(())
    }

    fn close(&mut self, container: u32) {
        self.depth -= 1;
        let next = self.parts.len() as u32;
        let part = &mut self.parts[container as usize];
        self.open = Some(part.end).filter(|around| *around != NONE);
        (part.end, part.next) = (self.at as u32, next);
        if !part.canonical {
            self.not_canonical();
        }
    }

    /// Adds what ends here.
    fn add(&mut self, start: usize, kind: Kind, canonical: bool) {
        let next = self.parts.len() as u32 + 1;
        self.parts.push(Part { start: start as u32, end: self.at as u32, next, kind, canonical });
    }

    /// A name and its colon.
    fn name(&mut self) -> Option<()> {
        (self.peek()? == b'"').then(|| self.string())??;
        self.space();
        (self.peek()? == b':').then(|| self.at += 1)?;
        self.space();
        Some(())
    }

    fn plain_value(&mut self, byte: u8) -> Option<()> {
        match byte {
            b'"' => self.string(),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word("true", Kind::Truth),
            b'f' => self.word("false", Kind::Truth),
            b'n' => self.word("null", Kind::Null),
            _ => None,
        }
    }

    fn string(&mut self) -> Option<()> {
        let start = self.at;
        let Inside { end, canonical } = inside(self.text, start + 1)?;
        self.at = end + 1;
        self.end_value(start, Kind::Text, canonical);
        Some(())
    }

    fn word(&mut self, word: &str, kind: Kind) -> Option<()> {
        let start = self.at;
        self.at += word.len();
        (self.text.as_bytes().get(start..self.at)? == word.as_bytes()).then(|| self.end_value(start, kind, true))
    }

    fn number(&mut self) -> Option<()> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let digits = self.at;
        let starts_with_zero = self.peek() == Some(b'0');
        self.digits()?;
        if starts_with_zero && self.at > digits + 1 {
            return None;
        }
        let whole = self.at;
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        let (text, is_whole) = (&self.text[start..self.at], self.at == whole);
        if text.len() > if is_whole { LONGEST_NUMBER } else { LONG_DECIMAL } {
            return None;
        }
        let canonical = if is_whole { text != "-0" } else { is_plain_decimal(&self.text.as_bytes()[digits..self.at]) };
        self.end_value(start, Kind::Number, canonical);
        Some(())
    }

    /// One digit and more.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn end_value(&mut self, start: usize, kind: Kind, canonical: bool) {
        self.add(start, kind, canonical);
        if !canonical {
            self.not_canonical();
        }
    }
}

/// Whether a decimal number without its sign surely prints as it stands: at most 15 digits, from 0.001 up to 10,000,000, without
/// needless zeros.
pub(crate) fn is_plain_decimal(text: &[u8]) -> bool {
    let Some(point) = text.iter().position(|byte| *byte == b'.').filter(|point| (1..=7).contains(point)) else {
        return false;
    };
    let (whole, fraction) = (&text[..point], &text[point + 1..]);
    let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
    let starts_well =
        if whole[0] == b'0' { whole.len() == 1 && (fraction == b"0" || !fraction.starts_with(b"000")) } else { true };
    let ends_well = fraction == b"0" || fraction.last().is_some_and(|last| *last != b'0');
    text.len() <= 16 && digits == text.len() - 1 && starts_well && ends_well
}
