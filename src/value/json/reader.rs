//! Text to values, with json-smart's leniences.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use memchr::{memchr, memchr2};

use super::super::number;
use super::super::{Entries, List, ListKind, Map, MapKind, Value};
use super::printer::{is_plain, print_string};
use crate::json_text::{Inside, inside, is_plain_decimal, unescape_str};

/// How deep arrays and objects may nest; json-smart has the same limit.
pub const MAX_DEPTH: usize = 400;

/// The longest number; json-smart has the same limit, as reading long ones takes quadratic time.
pub(crate) const MAX_NUMBER_LENGTH: usize = 1_000;

/// json-smart's end mark. A real U+001A in the text ends it, too.
const END: u8 = 0x1A;

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

type Result<T> = std::result::Result<T, InvalidJson>;

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
    text: &'a str,
    position: usize,
    mode: Mode,
    depth: usize,
    /// Nothing has been read so far that would print differently.
    canonical: bool,
    keys: Keys,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, mode: Mode) -> Reader<'a> {
        Reader { text, position: 0, mode, depth: 0, canonical: mode == Mode::Permissive, keys: Keys::default() }
    }

    /// The one value of the text.
    pub(super) fn value(&mut self) -> Result<Value> {
        let value = self.read_value(Place::Top)?;
        if self.mode == Mode::Rfc4627 {
            self.skip_space();
            if self.current() != END {
                return self.fail("unexpected text after the value");
            }
        }
        Ok(value)
    }

    /// Whether all that was read would print as it stands.
    pub(super) fn is_canonical(&self) -> bool {
        self.canonical && self.position == self.text.len()
    }

    fn lenient(&self) -> bool {
        self.mode == Mode::Permissive
    }

    fn current(&self) -> u8 {
        self.text.as_bytes().get(self.position).copied().unwrap_or(END)
    }

    fn fail<T>(&self, detail: &'static str) -> Result<T> {
        Err(InvalidJson { position: self.position, detail })
    }

    /// What only the permissive mode takes.
    fn tolerate(&mut self, detail: &'static str) -> Result<()> {
        self.canonical = false;
        if self.lenient() { Ok(()) } else { self.fail(detail) }
    }

    fn skip_space(&mut self) {
        while self.current() <= b' ' && self.current() != END {
            self.position += 1;
            self.canonical = false;
        }
    }

    fn read_value(&mut self, place: Place) -> Result<Value> {
        loop {
            return match self.current() {
                b' ' | b'\r' | b'\n' | b'\t' => {
                    self.position += 1;
                    self.canonical = false;
                    continue;
                }
                b':' | b'}' | b']' => self.fail("expected a value"),
                b'{' => self.read_object(),
                b'[' => self.read_array(),
                b'"' | b'\'' => self.read_string().map(|text| Value::Str(Arc::from(text))),
                b'0'..=b'9' | b'-' => self.read_number(place),
                _ => self.read_word(place),
            };
        }
    }

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { self.fail("arrays and objects nest too deep") } else { Ok(()) }
    }

    fn read_array(&mut self) -> Result<Value> {
        self.enter()?;
        self.position += 1;
        let mut items = Vec::new();
        let mut after_value = false;
        let mut after_comma = false;
        loop {
            match self.current() {
                b' ' | b'\r' | b'\n' | b'\t' => {
                    self.position += 1;
                    self.canonical = false;
                }
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
                    items.push(self.read_value(Place::InArray)?);
                    (after_comma, after_value) = (false, true);
                }
            }
        }
        self.depth -= 1;
        self.position += 1;
        Ok(Value::List(List::new(ListKind::Json, items)))
    }

    fn read_object(&mut self) -> Result<Value> {
        self.enter()?;
        let mut entries = Entries::default();
        let mut after_comma = false;
        loop {
            self.position += 1;
            match self.current() {
                b' ' | b'\r' | b'\n' | b'\t' => self.canonical = false,
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
                }
                _ => {
                    self.read_entry(&mut entries)?;
                    self.skip_space();
                    match self.current() {
                        b'}' => break,
                        b',' => after_comma = true,
                        END => return self.fail("the object has no end"),
                        _ => return self.fail("expected `,` or `}`"),
                    }
                }
            }
        }
        self.depth -= 1;
        self.position += 1;
        Ok(Value::Map(Map::new(MapKind::Linked, entries)))
    }

    fn read_entry(&mut self, entries: &mut Entries) -> Result<()> {
        let key = match self.current() {
            b'"' | b'\'' => self.read_string()?,
            _ => {
                self.tolerate("expected a quoted key")?;
                Cow::Borrowed(self.read_bare(Place::Key))
            }
        };
        self.skip_space();
        if self.current() != b':' {
            return self.fail("expected `:` after the key");
        }
        self.position += 1;
        if self.position >= self.text.len() {
            return self.fail("expected a value after the key");
        }
        let value = self.read_value(Place::InObject)?;
        let key = Value::Str(self.keys.share(&key));
        self.canonical &= entries.insert(key, value).is_none();
        Ok(())
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
    fn read_word(&mut self, place: Place) -> Result<Value> {
        let start = self.position;
        let first = self.current();
        let word = self.read_bare(place);
        self.canonical &= word.len() == self.position - start;
        match (first, word) {
            (b'n', "null") => Ok(Value::Null),
            (b't', "true") => Ok(Value::Bool(true)),
            (b'f', "false") => Ok(Value::Bool(false)),
            (b'N', "NaN") if self.lenient() => Ok(Value::Float(f32::NAN)),
            // Also a keyword after a control character that is no space to json-smart, though trimmed off.
            _ => {
                self.tolerate("expected a value")?;
                Ok(Value::from(word))
            }
        }
    }

    fn skip_digits(&mut self) {
        while self.current().is_ascii_digit() {
            self.position += 1;
        }
    }

    /// A number, or a string that starts like one (`12 apples`).
    fn read_number(&mut self, place: Place) -> Result<Value> {
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

    fn not_a_number(&mut self, start: usize, place: Place) -> Result<Value> {
        self.skip_bare(place);
        self.tolerate("expected a number")?;
        Ok(Value::from(self.bare(start)))
    }

    /// Integer, Long or BigInteger, whichever is wide enough. A lone `-` is 0.
    fn integer(&mut self, text: &str) -> Result<Value> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.len() >= 2 && digits.starts_with('0') {
            self.tolerate("a number cannot start with 0")?;
        }
        self.canonical &= !digits.is_empty() && text != "-0";
        // json-smart counts the digits, so that 20 of them are a BigInteger even if most are zeros.
        if digits.len() <= 19 {
            let negative = digits.len() != text.len();
            if let Some(value) = small_integer(digits, negative) {
                return Ok(i32::try_from(value).map_or(Value::Long(value), Value::Int));
            }
        }
        match number::parse_big_integer(text) {
            Some(value) => Ok(Value::BigInt(Rc::new(value))),
            None => self.fail("expected a number"),
        }
    }

    /// Double, or BigDecimal when the text is longer than 18 characters.
    fn float(&mut self, text: &str) -> Result<Value> {
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
            Value::BigDecimal(Rc::new(value))
        } else {
            let Ok(value) = text.parse() else { return self.fail("expected a number") };
            if self.canonical && is_plain_decimal(unsigned) {
                return Ok(Value::Double(value));
            }
            if self.canonical {
                number::print_double(value, &mut printed);
            }
            Value::Double(value)
        };
        self.canonical &= printed == text;
        Ok(value)
    }

    fn read_string(&mut self) -> Result<Cow<'a, str>> {
        let quote = self.current();
        if quote == b'\'' {
            self.tolerate("a string needs double quotes")?;
        }
        let start = self.position + 1;
        if quote == b'"'
            && let Some(Inside { end, canonical }) = inside(self.text, start)
        {
            self.position = end + 1;
            self.canonical &= canonical;
            return Ok(unescaped(&self.text[start..=end]));
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
                Ok(Cow::Borrowed(content))
            }
            Some(_) if memchr(quote, rest).is_some() => self.read_escaped(quote).map(Cow::Owned),
            _ => self.fail("the string has no end"),
        }
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

/// The content of a strict string, which is given with its closing quote.
fn unescaped(quoted: &str) -> Cow<'_, str> {
    let content = &quoted[..quoted.len() - 1];
    if memchr(b'\\', content.as_bytes()).is_none() {
        return Cow::Borrowed(content);
    }
    let mut text = String::with_capacity(quoted.len());
    unescape_str(quoted, &mut text);
    Cow::Owned(text)
}

fn small_integer(digits: &str, negative: bool) -> Option<i64> {
    let mut value: i64 = 0;
    for digit in digits.bytes() {
        value = value.checked_mul(10)?.checked_sub(i64::from(digit - b'0'))?;
    }
    if negative { Some(value) } else { value.checked_neg() }
}

/// The keys read last, so that a list of alike objects holds each of its keys once.
#[derive(Default)]
struct Keys([Option<Arc<str>>; 32]);

impl Keys {
    fn share(&mut self, key: &str) -> Arc<str> {
        let bytes = key.as_bytes();
        let (first, last) = (bytes.first().copied().unwrap_or(0), bytes.last().copied().unwrap_or(0));
        let slot = &mut self.0[(usize::from(first) ^ usize::from(last) << 1 ^ bytes.len() << 2) % 32];
        match slot {
            Some(known) if **known == *key => known.clone(),
            _ => slot.insert(Arc::from(key)).clone(),
        }
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
