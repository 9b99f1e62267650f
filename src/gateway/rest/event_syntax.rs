//! Whether an event is JSON, as strictly as Lambda reads it; if not, why, in the words of its parser (Jackson).
//!
//! Not `serde_json`: it knows neither Jackson's sentences nor its columns, which point behind what was read last. Nothing is
//! built: what is read is skipped. The sentences are compared with Jackson's own in `tests/events.rs`.

use crate::json_text;

const TOKENS: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const IN_A_NUMBER: &str = "a Number value";
/// Where Jackson cuts a word that it does not know.
const LONGEST_WORD: usize = 256;

/// Reads an event; what is wrong is said with its line and column.
pub(crate) fn check(event: &[u8]) -> Result<(), String> {
    let text = match std::str::from_utf8(event) {
        Ok(text) => text.as_bytes(),
        Err(error) => &event[..error.valid_up_to()],
    };
    let mut reader = Reader { source: event, text, at: 0, open: Vec::new(), last: "null" };
    let fault = match reader.document() {
        Ok(()) if text.len() == event.len() => return Ok(()),
        Err(fault) if text.len() == event.len() || !fault.ended => fault,
        // What is cut at the first wrong byte is well up to there.
        Ok(()) | Err(_) => not_utf8(event, text.len()),
    };
    let place = match fault.at {
        Some(at) => reader.location(at, fault.ended),
        None => reader.root(),
    };
    Err(format!("{}\n at {place}", fault.message))
}

struct Reader<'a> {
    source: &'a [u8],
    /// The source, up to the first byte that is not UTF-8.
    text: &'a [u8],
    at: usize,
    open: Vec<Container>,
    /// The token before, by Jackson's name.
    last: &'static str,
}

/// An object or an array that is not closed yet.
struct Container {
    is_object: bool,
    start: usize,
    has_entries: bool,
}

impl Container {
    fn name(&self) -> &'static str {
        if self.is_object { "Object" } else { "Array" }
    }
}

/// What is wrong, and how far was read then (nothing at all: `None`).
struct Fault {
    message: String,
    at: Option<usize>,
    /// Whether the text ended; if not, the last byte that was read is the wrong one.
    ended: bool,
}

type Read<T> = Result<T, Fault>;

impl Reader<'_> {
    fn document(&mut self) -> Read<()> {
        if self.token()?.is_none() {
            return Err(Fault { at: None, ..self.at_end("No content to map due to end-of-input".to_owned()) });
        }
        while !self.open.is_empty() {
            self.token()?;
        }
        self.space()?;
        let start = self.at;
        let Some(token) = self.token()? else { return Ok(()) };
        let message = format!(
            "Trailing token (of type {token}) found after value (bound as `java.lang.Object`): not allowed as per \
             `DeserializationFeature.FAIL_ON_TRAILING_TOKENS`"
        );
        Err(Fault { message, at: Some(start), ended: true })
    }

    /// Reads one more token, a name together with its value; `None` at the end of the text.
    fn token(&mut self) -> Read<Option<&'static str>> {
        self.space()?;
        let Some(mut byte) = self.take() else {
            return match self.open.last() {
                None => Ok(None),
                Some(container) => Err(self.not_closed(container)),
            };
        };
        if matches!(byte, b'}' | b']') {
            return self.close(byte).map(Some);
        }
        if let Some(container) = self.open.last_mut() {
            let (is_object, name) = (container.is_object, container.name());
            if std::mem::replace(&mut container.has_entries, true) {
                if byte != b',' {
                    let expected = format!("was expecting comma to separate {name} entries");
                    return Err(self.unexpected(byte.into(), &expected));
                }
                byte = self.significant()?;
            }
            if is_object {
                self.name(byte)?;
                byte = self.colon()?;
            }
        }
        self.last = self.value(byte)?;
        Ok(Some(self.last))
    }

    fn close(&mut self, byte: u8) -> Read<&'static str> {
        let is_object = byte == b'}';
        if self.open.last().is_some_and(|container| container.is_object == is_object) {
            self.open.pop();
            self.last = if is_object { "END_OBJECT" } else { "END_ARRAY" };
            return Ok(self.last);
        }
        let (name, start) = match self.open.last() {
            Some(container) => (container.name(), self.location(container.start, true)),
            None => ("root", self.root()),
        };
        let expected = if is_object { ']' } else { '}' };
        let shown = char::from(byte);
        Err(self.wrong(format!(
            "Unexpected close marker '{shown}': expected '{expected}' (for {name} starting at {start})"
        )))
    }

    fn name(&mut self, first: u8) -> Read<()> {
        if first == b'"' {
            self.string("name", "field name")?;
            self.last = "FIELD_NAME";
            return Ok(());
        }
        let c = self.whole_char();
        Err(self.unexpected(c, "was expecting double-quote to start field name"))
    }

    fn colon(&mut self) -> Read<u8> {
        match self.significant()? {
            b':' => self.significant(),
            byte => Err(self.unexpected(byte.into(), "was expecting a colon to separate field name and value")),
        }
    }

    fn value(&mut self, first: u8) -> Read<&'static str> {
        let is_object = first == b'{';
        match first {
            b'"' => {
                self.last = "VALUE_STRING";
                self.string("string value", "VALUE_STRING").map(|()| "VALUE_STRING")
            }
            b'{' | b'[' => {
                self.open.push(Container { is_object, start: self.at - 1, has_entries: false });
                Ok(if is_object { "START_OBJECT" } else { "START_ARRAY" })
            }
            b't' => self.word("true").map(|()| "VALUE_TRUE"),
            b'f' => self.word("false").map(|()| "VALUE_FALSE"),
            b'n' => self.word("null").map(|()| "VALUE_NULL"),
            b'-' | b'0'..=b'9' => self.number(first),
            _ => Err(self.no_value(first)),
        }
    }

    /// The string whose opening quote was just read.
    fn string(&mut self, kind: &str, token: &str) -> Read<()> {
        loop {
            self.at += json_text::well_inside(&self.text[self.at..]);
            match self.take() {
                Some(b'"') => return Ok(()),
                Some(b'\\') => self.escape()?,
                Some(byte) => {
                    return Err(self.wrong(format!(
                        "Illegal unquoted character ({}): has to be escaped using backslash to be included in {kind}",
                        describe(byte.into())
                    )));
                }
                None => return Err(self.end_in(token)),
            }
        }
    }

    fn escape(&mut self) -> Read<()> {
        const WHERE: &str = "character escape sequence";
        match self.take().ok_or_else(|| self.end_in(WHERE))? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => {
                for _ in 0..4 {
                    let byte = self.take().ok_or_else(|| self.end_in(WHERE))?;
                    if !byte.is_ascii_hexdigit() {
                        return Err(self.unexpected(byte.into(), "expected a hex-digit for character escape sequence"));
                    }
                }
                Ok(())
            }
            _ => {
                let c = self.whole_char();
                Err(self.wrong(format!("Unrecognized character escape {}", describe(c))))
            }
        }
    }

    fn number(&mut self, first: u8) -> Read<&'static str> {
        let mut leading = first;
        if first == b'-' {
            leading = self.take().ok_or_else(|| self.end_in(self.last))?;
            if leading == b'I' {
                return Err(self.infinity());
            }
            if !leading.is_ascii_digit() {
                return Err(
                    self.not_numeric(leading, "expected digit (0-9) to follow minus sign, for valid numeric value")
                );
            }
        }
        if leading == b'0' && self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.wrong("Invalid numeric value: Leading zeroes not allowed".to_owned()));
        }
        self.digits();
        let mut kind = "VALUE_NUMBER_INT";
        if self.peek() == Some(b'.') {
            self.at += 1;
            kind = "VALUE_NUMBER_FLOAT";
            let byte = self.take().unwrap_or(b'.');
            if !byte.is_ascii_digit() {
                return Err(self.not_numeric(byte, "Decimal point not followed by a digit"));
            }
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            kind = "VALUE_NUMBER_FLOAT";
            self.exponent()?;
        }
        self.root_space()?;
        Ok(kind)
    }

    fn exponent(&mut self) -> Read<()> {
        let mut byte = self.take().ok_or_else(|| self.end_in(self.last))?;
        if matches!(byte, b'+' | b'-') {
            byte = self.take().ok_or_else(|| self.end_in(self.last))?;
        }
        if !byte.is_ascii_digit() {
            return Err(self.not_numeric(byte, "Exponent indicator not followed by a digit"));
        }
        self.digits();
        Ok(())
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    /// A number that is the whole event must end in white space.
    fn root_space(&mut self) -> Read<()> {
        match self.peek() {
            Some(byte) if self.open.is_empty() && !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') => {
                self.at += 1;
                Err(self.unexpected(byte.into(), "Expected space separating root-level values"))
            }
            _ => Ok(()),
        }
    }

    /// The rest of a literal whose first letter was just read.
    fn word(&mut self, word: &str) -> Read<()> {
        let start = self.at - 1;
        let end = start + word.len();
        if self.text[start..].starts_with(word.as_bytes()) && !self.char_at(end).is_some_and(is_word_part) {
            self.at = end;
            return Ok(());
        }
        Err(self.unknown_word(start))
    }

    /// What begins no value.
    fn no_value(&mut self, first: u8) -> Fault {
        let start = self.at - 1;
        let in_array = self.open.last().is_some_and(|container| !container.is_object);
        match first {
            b',' | b'}' => self.unexpected(first.into(), "expected a value"),
            b']' if in_array => self.unexpected(first.into(), "expected a value"),
            b'N' => self.non_standard(start, "NaN"),
            b'I' => self.non_standard(start, "Infinity"),
            b'+' if self.take().is_none() => self.end_in(IN_A_NUMBER),
            b'+' => self.not_numeric(
                b'+',
                "JSON spec does not allow numbers to have plus signs: enable \
                 `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow",
            ),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' => self.unknown_word(start),
            // Jackson takes the first byte of a longer character for a Latin letter (that of Hebrew for a sign), and so stumbles
            // over the second.
            0x80.. if first != 0xD7 => {
                let second = self.take().unwrap_or_default();
                self.wrong(format!("Invalid UTF-8 start byte 0x{second:x}"))
            }
            _ => self.unexpected(first.into(), &format!("expected a valid value {TOKENS}")),
        }
    }

    fn non_standard(&mut self, start: usize, word: &str) -> Fault {
        let end = start + word.len();
        if !self.text[start..].starts_with(word.as_bytes()) || self.char_at(end).is_some_and(is_word_part) {
            return self.unknown_word(start);
        }
        self.at = end;
        self.wrong(format!("Non-standard token '{word}': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"))
    }

    /// `-I` was read.
    fn infinity(&mut self) -> Fault {
        match self.peek() {
            None => self.end_in(IN_A_NUMBER),
            Some(b'N') => self.non_standard(self.at - 2, "-INF"),
            Some(_) => self.non_standard(self.at - 2, "-Infinity"),
        }
    }

    /// The word that begins there, with the character behind it.
    fn unknown_word(&mut self, start: usize) -> Fault {
        let mut word = String::new();
        self.at = start;
        while let Some(c) = self.char_at(self.at) {
            self.at += c.len_utf8();
            // A sign before `Infinity` belongs to the word.
            if !is_word_part(c) && (c != '-' || !word.is_empty()) {
                break;
            }
            word.push(c);
            if word.len() >= LONGEST_WORD {
                word.push_str("...");
                break;
            }
        }
        self.wrong(format!("Unrecognized token '{word}': was expecting {TOKENS}"))
    }

    /// The next byte that is no white space, inside a container.
    fn significant(&mut self) -> Read<u8> {
        self.space()?;
        let name = self.open.last().map_or("root", Container::name);
        self.take().ok_or_else(|| self.at_end(format!("Unexpected end-of-input within/between {name} entries")))
    }

    fn space(&mut self) -> Read<()> {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'/' => {
                    self.at += 1;
                    return Err(self.unexpected(
                        '/',
                        "maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for \
                         parser)",
                    ));
                }
                0..0x20 => {
                    self.at += 1;
                    return Err(self.wrong(format!(
                        "Illegal character ({}): only regular white space (\\r, \\n, \\t) is allowed between tokens",
                        describe(byte.into())
                    )));
                }
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// The character whose first byte was just read, which is then read as a whole.
    fn whole_char(&mut self) -> char {
        let start = self.at - 1;
        let c = self.char_at(start).unwrap_or(char::REPLACEMENT_CHARACTER);
        self.at = start + c.len_utf8();
        c
    }

    fn char_at(&self, at: usize) -> Option<char> {
        let rest = self.text.get(at..)?;
        let first = &rest[..rest.len().min(4)];
        match std::str::from_utf8(first) {
            Ok(text) => text.chars().next(),
            // The next character is cut off.
            Err(error) => std::str::from_utf8(&first[..error.valid_up_to()]).ok()?.chars().next(),
        }
    }

    fn wrong(&self, message: String) -> Fault {
        Fault { message, at: Some(self.at), ended: false }
    }

    fn at_end(&self, message: String) -> Fault {
        Fault { message, at: Some(self.at), ended: true }
    }

    fn end_in(&self, what: &str) -> Fault {
        self.at_end(format!("Unexpected end-of-input in {what}"))
    }

    fn not_closed(&self, container: &Container) -> Fault {
        let (name, start) = (container.name(), self.location(container.start, true));
        self.at_end(format!("Unexpected end-of-input: expected close marker for {name} (start marker at {start})"))
    }

    fn unexpected(&self, c: char, expected: &str) -> Fault {
        self.wrong(format!("Unexpected character ({}): {expected}", describe(c)))
    }

    fn not_numeric(&self, byte: u8, expected: &str) -> Fault {
        self.wrong(format!("Unexpected character ({}) in numeric value: {expected}", describe(byte.into())))
    }

    /// `[Source: [B@77acd1ac; line: 1, column: 4]`: lines and columns count from 1, columns in bytes. A line break that is the
    /// wrong byte itself begins no line.
    fn location(&self, at: usize, ended: bool) -> String {
        let before = &self.text[..if ended { at } else { at.saturating_sub(1) }.min(self.text.len())];
        let (mut line, mut line_start) = (1, 0);
        for (i, byte) in before.iter().enumerate() {
            if *byte == b'\n' || (*byte == b'\r' && before.get(i + 1) != Some(&b'\n')) {
                (line, line_start) = (line + 1, i + 1);
            }
        }
        format!("[Source: {}; line: {line}, column: {}]", self.source_name(), at - line_start + 1)
    }

    fn root(&self) -> String {
        format!("[Source: {}; line: 1, column: 0]", self.source_name())
    }

    /// Java's name of an array of bytes, with a number that is different for each; here it comes from its bytes (FNV-1a), so
    /// that the same event has the same answer.
    fn source_name(&self) -> String {
        let hash =
            self.source.iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
        format!("[B@{:08x}", (hash & 0x7fff_ffff) | 0x1000_0000)
    }
}

fn not_utf8(event: &[u8], at: usize) -> Fault {
    let length = match event[at] {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        byte => {
            return Fault { message: format!("Invalid UTF-8 start byte 0x{byte:x}"), at: Some(at + 1), ended: false };
        }
    };
    let rest = &event[at..event.len().min(at + length)];
    let wrong = rest.iter().skip(1).position(|byte| byte & 0xC0 != 0x80).map_or(1, |i| i + 1);
    match rest.get(wrong) {
        Some(byte) => {
            Fault { message: format!("Invalid UTF-8 middle byte 0x{byte:x}"), at: Some(at + wrong + 1), ended: false }
        }
        None => Fault { message: "Unexpected end-of-input".to_owned(), at: Some(event.len()), ended: true },
    }
}

/// A character as Jackson shows it.
fn describe(c: char) -> String {
    let code = u32::from(c);
    match code {
        0..0x20 | 0x7F..0xA0 => format!("(CTRL-CHAR, code {code})"),
        0x100.. => format!("'{c}' (code {code} / 0x{code:x})"),
        _ => format!("'{c}' (code {code})"),
    }
}

/// `Character.isJavaIdentifierPart`, nearly.
fn is_word_part(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '_' | '$' | '\u{A2}'..='\u{A5}' | '\u{20A0}'..='\u{20BF}' | '\0'..='\u{8}' | '\u{E}'..='\u{1B}')
}
