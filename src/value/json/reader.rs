//! Text to values, with json-smart's leniences.

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use ahash::RandomState;

use super::super::Value;
use super::super::number;
use super::super::tape::{Mark, Node, Span, Tape, is_same, position};
use super::super::text::{Part, Source, Text};
use crate::json_text::is_plain_decimal;

/// How deep arrays and objects may nest; json-smart has the same limit.
pub const MAX_DEPTH: usize = 400;

/// The longest number; json-smart has the same limit, as reading long ones takes quadratic time.
pub(crate) const MAX_NUMBER_LENGTH: usize = 1_000;

/// The longest text, so that 32 bits count its bytes twice.
const LONGEST_TEXT: usize = u32::MAX as usize / 2;

/// From so many entries on a map's names are found by their hashes.
const MANY: usize = 32;

/// Room for so many values is made before they are read.
const MOST_GUESSED: usize = 4096;

/// Room for so many values of lists and maps that have not ended.
const USUALLY_OPEN: usize = 64;

/// json-smart's end mark. A real U+001A in the text ends it, too.
pub(super) const END: u8 = 0x1A;

/// What everyone takes for a blank.
const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

#[inline(always)]
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// From this character on nothing stops a bare word.
const FIRST_UNSTOPPABLE: u8 = 126;

/// Why a text is not JSON, not even to json-smart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidJson {
    /// Where, in bytes.
    pub position: usize,
    /// What is wrong.
    pub detail: &'static str,
}

impl fmt::Display for InvalidJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid JSON at byte {}: {}", self.position, self.detail)
    }
}

impl std::error::Error for InvalidJson {}

/// Why reading stopped is in a box, so that what is read comes back in registers.
pub(super) type Result<T> = std::result::Result<T, Box<InvalidJson>>;

/// Which of json-smart's modes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Permissive,
    Rfc4627,
}

/// What ends a bare word: it depends on where the word stands.
#[derive(Clone, Copy)]
enum Place {
    Top,
    Key,
    InObject,
    InArray,
}

impl Place {
    fn stops(self, c: u8) -> bool {
        match self {
            Place::Top => c == END,
            Place::Key => matches!(c, b':' | END),
            Place::InObject => matches!(c, b',' | b'}' | END),
            Place::InArray => matches!(c, b',' | b']' | END),
        }
    }
}

pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) position: usize,
    mode: Mode,
    depth: usize,
    /// Nothing has been read so far that would print differently, but for blanks between the values.
    pub(super) canonical: bool,
    /// There were such blanks.
    spaced: bool,
    /// What lists and maps hold that are read to their ends.
    nodes: Vec<Node>,
    /// What those hold that are not, the innermost last.
    open: Vec<Node>,
    numbers: Vec<Value>,
    pub(super) unescaped: String,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, mode: Mode) -> Reader<'a> {
        Reader {
            text,
            position: 0,
            mode,
            depth: 0,
            canonical: mode == Mode::Permissive,
            spaced: false,
            // A name or a value takes some ten bytes.
            nodes: Vec::with_capacity((text.len() / 8).min(MOST_GUESSED)),
            open: Vec::with_capacity((text.len() / 8).min(USUALLY_OPEN)),
            numbers: Vec::new(),
            unescaped: String::new(),
        }
    }

    /// The one value of the text, which is also given as one to keep.
    pub(super) fn value(&mut self, kept: impl FnOnce() -> Arc<str>) -> Result<Value> {
        if self.text.len() > LONGEST_TEXT {
            return self.fail("the text is too long");
        }
        let node = self.read_value(Place::Top)?;
        if self.mode == Mode::Rfc4627 {
            self.skip_space();
            if self.current() != END {
                return self.fail("unexpected text after the value");
            }
        }
        Ok(match node {
            // Alone it need not keep the whole text.
            Node::Text(part) => Value::Str(Text::from(self.content(part))),
            node => {
                self.nodes.push(node);
                let is_plain = !matches!(node, Node::List(_) | Node::Map(_));
                let written = if is_plain { Arc::from("") } else { kept() };
                let source = Rc::new(Source::new(written, std::mem::take(&mut self.unescaped)));
                let (nodes, numbers) = (std::mem::take(&mut self.nodes), std::mem::take(&mut self.numbers));
                Value::of_tape(Tape { source, nodes, numbers, built: Default::default() })
            }
        })
    }

    /// Whether all that was read would print as it stands.
    pub(super) fn is_canonical(&self) -> bool {
        self.canonical && !self.spaced && self.position == self.text.len()
    }

    /// Up to where the text would print as it stands, but for blanks between the values.
    pub(super) fn spaced_end(&self) -> Option<usize> {
        self.canonical.then_some(self.position)
    }

    pub(super) fn lenient(&self) -> bool {
        self.mode == Mode::Permissive
    }

    pub(super) fn current(&self) -> u8 {
        self.text.as_bytes().get(self.position).copied().unwrap_or(END)
    }

    #[cold]
    pub(super) fn fail<T>(&self, detail: &'static str) -> Result<T> {
        Err(Box::new(InvalidJson { position: self.position, detail }))
    }

    /// What only the permissive mode takes.
    pub(super) fn tolerate(&mut self, detail: &'static str) -> Result<()> {
        self.canonical = false;
        if self.lenient() { Ok(()) } else { self.fail(detail) }
    }

    /// Skips what is a blank to everyone.
    #[inline(always)]
    fn skip_blanks(&mut self) {
        while is_blank(self.current()) {
            self.position += 1;
            self.spaced = true;
        }
    }

    /// Skips what is a blank to json-smart.
    #[inline(always)]
    fn skip_space(&mut self) {
        while self.current() <= b' ' && self.current() != END {
            self.canonical &= is_blank(self.current());
            self.spaced = true;
            self.position += 1;
        }
    }

    #[inline(always)]
    fn read_value(&mut self, place: Place) -> Result<Node> {
        self.skip_blanks();
        match self.current() {
            b'"' => match self.plain_string() {
                Some(part) => Ok(Node::Text(part)),
                None => self.read_string().map(Node::Text),
            },
            b'0'..=b'9' => match self.short_integer(place) {
                Some(number) => Ok(number),
                None => self.read_number(place),
            },
            _ => self.read_other(place),
        }
    }

    /// What is no string and no number of few digits.
    fn read_other(&mut self, place: Place) -> Result<Node> {
        match self.current() {
            b':' | b'}' | b']' => self.fail("expected a value"),
            b'{' => self.read_object(),
            b'[' => self.read_array(),
            b'\'' => self.read_string().map(Node::Text),
            b'-' => self.read_number(place),
            _ => self.read_word(place),
        }
    }

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { self.fail("arrays and objects nest too deep") } else { Ok(()) }
    }

    fn read_array(&mut self) -> Result<Node> {
        self.enter()?;
        self.position += 1;
        let begin = self.open.len();
        let mut after_value = false;
        let mut after_comma = false;
        loop {
            self.skip_blanks();
            match self.current() {
                b']' => {
                    if after_comma {
                        self.tolerate("expected a value after the comma")?;
                    }
                    break;
                }
                b':' | b'}' => return self.fail("expected a value, `,` or `]`"),
                b',' => {
                    if after_comma {
                        self.tolerate("expected a value after the comma")?;
                    }
                    self.canonical &= after_value;
                    self.position += 1;
                    (after_comma, after_value) = (true, false);
                }
                END => return self.fail("the array has no end"),
                _ => {
                    // json-smart needs no comma between two values.
                    self.canonical &= !after_value;
                    let item = self.read_value(Place::InArray)?;
                    self.open.push(item);
                    (after_comma, after_value) = (false, true);
                }
            }
        }
        self.depth -= 1;
        self.position += 1;
        Ok(Node::List(self.close(begin)))
    }

    fn read_object(&mut self) -> Result<Node> {
        self.enter()?;
        let begin = self.open.len();
        let mut names = None;
        let mut after_comma = false;
        loop {
            self.position += 1;
            self.skip_blanks();
            match self.current() {
                b'"' => {}
                b':' | b'{' | b'[' | b']' => return self.fail("expected a key"),
                b'}' => {
                    if after_comma {
                        self.tolerate("expected a key after the comma")?;
                    }
                    break;
                }
                b',' => {
                    if after_comma {
                        self.tolerate("expected a key after the comma")?;
                    }
                    self.canonical = false;
                    after_comma = true;
                    continue;
                }
                _ => {}
            }
            self.read_entry(begin, &mut names)?;
            self.skip_space();
            match self.current() {
                b',' => after_comma = true,
                b'}' => break,
                END => return self.fail("the object has no end"),
                _ => return self.fail("expected `,` or `}`"),
            }
        }
        self.depth -= 1;
        self.position += 1;
        Ok(Node::Map(self.close(begin)))
    }

    /// What was opened there is read to its end.
    fn close(&mut self, begin: usize) -> Span {
        let first = self.nodes.len();
        self.nodes.extend_from_slice(&self.open[begin..]);
        self.open.truncate(begin);
        Span { first: first as u32, count: (self.nodes.len() - first) as u32 }
    }

    #[inline(always)]
    fn read_entry(&mut self, begin: usize, names: &mut Option<Names>) -> Result<()> {
        let name = match self.current() {
            b'"' => match self.plain_string() {
                Some(name) => name,
                None => self.read_string()?,
            },
            _ => self.read_bare_name()?,
        };
        self.skip_space();
        if self.current() != b':' {
            return self.fail("expected `:` after the key");
        }
        self.position += 1;
        if self.position >= self.text.len() {
            return self.fail("expected a value after the key");
        }
        let mark = Mark::of(self.bytes(name));
        let value = self.read_value(Place::InObject)?;
        // Of several with one name the first keeps its place, and the last its value.
        match self.known(begin, name, mark, names) {
            Some(place) => {
                self.open[place + 1] = value;
                self.canonical = false;
            }
            None => {
                self.open.push(Node::Name(name, mark));
                self.open.push(value);
            }
        }
        Ok(())
    }

    /// A name in other quotes, or in none.
    fn read_bare_name(&mut self) -> Result<Part> {
        if self.current() == b'\'' {
            return self.read_string();
        }
        self.tolerate("expected a quoted key")?;
        let name = self.read_bare(Place::Key);
        Ok(self.written(name))
    }

    /// Where the map that was opened there holds the name.
    fn known(&self, begin: usize, name: Part, mark: Mark, names: &mut Option<Names>) -> Option<usize> {
        let entries = &self.open[begin..];
        let look_through =
            || position(entries, mark, |part| is_same(self.bytes(part), self.bytes(name))).map(|at| begin + at);
        if entries.len() < MANY * 2 {
            return look_through();
        }
        let content = self.content(name);
        let names = names.get_or_insert_with(|| self.names(begin));
        let hash = names.keys.hash_one(content);
        let Some(first) = names.places.get(&hash) else {
            names.places.insert(hash, entries.len());
            return None;
        };
        // Two names of one hash: nobody can bring that about.
        let is_it = matches!(entries.get(*first), Some(Node::Name(part, _)) if self.content(*part) == content);
        if is_it { Some(begin + *first) } else { look_through() }
    }

    fn names(&self, begin: usize) -> Names {
        let mut names = Names { keys: RandomState::new(), places: HashMap::default() };
        for (n, node) in self.open[begin..].iter().enumerate().step_by(2) {
            if let Node::Name(part, _) = node {
                names.places.insert(names.keys.hash_one(self.content(*part)), n);
            }
        }
        names
    }

    /// Where a part of the text stands.
    fn written(&self, part: &str) -> Part {
        let start = part.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        Part { start: start as u32, length: part.len() as u32 }
    }

    /// Where what stands at the end of the unescaped text from there on stands.
    pub(super) fn unescaped_from(&self, start: usize) -> Part {
        Part { start: (self.text.len() + start) as u32, length: (self.unescaped.len() - start) as u32 }
    }

    fn bytes(&self, part: Part) -> &[u8] {
        let (start, length) = (part.start as usize, part.length as usize);
        let found = match start.checked_sub(self.text.len()) {
            Some(start) if length > 0 => self.unescaped.as_bytes().get(start..start + length),
            _ => self.text.as_bytes().get(start..start + length),
        };
        found.unwrap_or_default()
    }

    fn content(&self, part: Part) -> &str {
        let (start, length) = (part.start as usize, part.length as usize);
        let found = match start.checked_sub(self.text.len()) {
            Some(start) if length > 0 => self.unescaped.get(start..start + length),
            _ => self.text.get(start..start + length),
        };
        found.unwrap_or_default()
    }

    /// The text up to what stops it here, without surrounding space.
    fn read_bare(&mut self, place: Place) -> &'a str {
        let start = self.position;
        self.skip_bare(place);
        self.bare(start)
    }

    fn skip_bare(&mut self, place: Place) {
        while self.position < self.text.len() && !place.stops(self.current()) {
            self.position += 1;
        }
    }

    fn bare(&self, start: usize) -> &'a str {
        self.text[start..self.position].trim_matches(|c| c <= ' ')
    }

    /// `null`, `true`, `false`, `NaN`, or else a string without quotes.
    fn read_word(&mut self, place: Place) -> Result<Node> {
        let start = self.position;
        let first = self.current();
        let word = self.read_bare(place);
        if word.len() != self.position - start {
            self.canonical &= self.text[start..self.position].trim_end_matches(BLANKS) == word;
            self.spaced = true;
        }
        match (first, word) {
            (b'n', "null") => Ok(Node::Null),
            (b't', "true") => Ok(Node::Bool(true)),
            (b'f', "false") => Ok(Node::Bool(false)),
            (b'N', "NaN") if self.lenient() => Ok(Node::Float(f32::NAN)),
            // Also a keyword after a control character that is no space to json-smart, though trimmed off.
            _ => {
                self.tolerate("expected a value")?;
                Ok(Node::Text(self.written(word)))
            }
        }
    }

    fn skip_digits(&mut self) {
        while self.current().is_ascii_digit() {
            self.position += 1;
        }
    }

    /// An Integer of few digits with nothing between it and what ends it, as most numbers are.
    #[inline(always)]
    fn short_integer(&mut self, place: Place) -> Option<Node> {
        const MOST: usize = 9;
        let bytes = &self.text.as_bytes()[self.position..];
        let (mut value, mut digits) = (0, 0);
        let next = loop {
            let next = *bytes.get(digits)?;
            let digit = next.wrapping_sub(b'0');
            if digit > 9 || digits == MOST {
                break next;
            }
            value = value * 10 + i32::from(digit);
            digits += 1;
        };
        let ends = next != END && place.stops(next);
        let is_plain = digits == 1 || digits > 1 && bytes[0] != b'0';
        (ends && is_plain).then(|| {
            self.position += digits;
            Node::Int(value)
        })
    }

    /// A number, or a string that starts like one (`12 apples`).
    fn read_number(&mut self, place: Place) -> Result<Node> {
        let start = self.position;
        self.position += 1;
        self.skip_digits();
        let mut integer = true;
        if self.current() == b'.' {
            integer = false;
            self.position += 1;
            self.skip_digits();
        }
        if matches!(self.current(), b'E' | b'e') {
            integer = false;
            self.position += 1;
            if !matches!(self.current(), b'+' | b'-' | b'0'..=b'9') {
                return self.not_a_number(start, place);
            }
            self.position += 1;
            self.skip_digits();
        }
        self.skip_space();
        let next = self.current();
        if next < FIRST_UNSTOPPABLE && next != END && !place.stops(next) {
            return self.not_a_number(start, place);
        }
        let text = self.bare(start);
        if text.len() > MAX_NUMBER_LENGTH {
            return self.fail("the number is too long");
        }
        if integer { self.integer(text) } else { self.float(text) }
    }

    fn not_a_number(&mut self, start: usize, place: Place) -> Result<Node> {
        self.skip_bare(place);
        self.tolerate("expected a number")?;
        let text = self.bare(start);
        Ok(Node::Text(self.written(text)))
    }

    /// Integer, Long or BigInteger, whichever is wide enough. A lone `-` is 0.
    fn integer(&mut self, text: &str) -> Result<Node> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.len() >= 2 && digits.starts_with('0') {
            self.tolerate("a number cannot start with 0")?;
        }
        self.canonical &= !digits.is_empty() && text != "-0";
        // json-smart counts the digits, so that 20 of them are a BigInteger even if most are zeros.
        if digits.len() <= 19 {
            let negative = digits.len() != text.len();
            if let Some(value) = small_integer(digits, negative) {
                return Ok(i32::try_from(value).map_or(Node::Long(value), Node::Int));
            }
        }
        match number::parse_big_integer(text) {
            Some(value) => Ok(self.long_number(Value::BigInt(Rc::new(value)))),
            None => self.fail("expected a number"),
        }
    }

    fn long_number(&mut self, number: Value) -> Node {
        self.numbers.push(number);
        Node::Number(self.numbers.len() as u32 - 1)
    }

    /// Double, or BigDecimal when the text is longer than 18 characters.
    fn float(&mut self, text: &str) -> Result<Node> {
        let unsigned = text.strip_prefix('-').unwrap_or(text).as_bytes();
        if unsigned.len() >= 2 && unsigned[0] == b'0' && unsigned[1].is_ascii_digit() {
            self.tolerate("a number cannot start with 0")?;
        }
        let mut printed = String::new();
        let value = if text.len() > 18 {
            let Some(value) = number::parse_big_decimal(text) else { return self.fail("expected a number") };
            if self.canonical {
                number::print_big_decimal(&value, &mut printed);
            }
            self.long_number(Value::BigDecimal(Rc::new(value)))
        } else {
            let Ok(value) = text.parse() else { return self.fail("expected a number") };
            if self.canonical && is_plain_decimal(unsigned) {
                return Ok(Node::Double(value));
            }
            if self.canonical {
                number::print_double(value, &mut printed);
            }
            Node::Double(value)
        };
        self.canonical &= printed == text;
        Ok(value)
    }
}

fn small_integer(digits: &str, negative: bool) -> Option<i64> {
    let mut value: i64 = 0;
    for digit in digits.bytes() {
        value = value.checked_mul(10)?.checked_sub(i64::from(digit - b'0'))?;
    }
    if negative { Some(value) } else { value.checked_neg() }
}

/// The names of a map that has many, by their hashes.
struct Names {
    keys: RandomState,
    places: HashMap<u64, usize>,
}
