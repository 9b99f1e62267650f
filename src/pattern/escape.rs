//! What a backslash may introduce.

use std::sync::Arc;

use super::ast::{Assertion, Fold, Node};
use super::charset::CharSet;
use super::error::SyntaxError;
use super::family::{binary, by_key, by_name};
use super::parser::Parser;
use super::reader::ascii;
use super::unicode;

impl Parser {
    /// Reads an escape, which is a character or something else; the current character is the backslash.
    ///
    /// `make` is false when the caller only asks whether it is a plain character: then a back reference does not read on.
    pub(super) fn escape(&mut self, in_class: bool, make: bool, range: bool) -> Result<Node, SyntaxError> {
        let c = self.reader.skip();
        let Some(letter) = char::from_u32(c).filter(char::is_ascii_alphanumeric) else {
            return Ok(Node::Char(c));
        };
        if let Some(set) = self.shorthand(letter) {
            // As an end of a range, `\v` is still the vertical tab it was before it became a class.
            return Ok(if letter == 'v' && range { Node::Char(0x0B) } else { Node::Set(Arc::new(set)) });
        }
        Ok(Node::Char(match letter {
            '0' => self.octal()?,
            'a' => 0x07,
            'c' => self.control()?,
            'e' => 0x1B,
            'f' => 0x0C,
            'n' => 0x0A,
            'N' => self.named()?,
            'r' => 0x0D,
            't' => 0x09,
            'u' => self.utf16()?,
            'x' => self.hexadecimal()?,
            _ if in_class => return self.unsupported(),
            _ => return self.outside_class(letter, make),
        }))
    }

    fn unsupported<T>(&self) -> Result<T, SyntaxError> {
        self.reader.error("Illegal/unsupported escape sequence")
    }

    /// The escapes that are no characters and have no place in a class.
    fn outside_class(&mut self, letter: char, make: bool) -> Result<Node, SyntaxError> {
        let flags = self.reader.flags;
        let word = |negated| Assertion::Word { negated, unicode: flags.unicode_class };
        Ok(Node::Assert(match letter {
            '1'..='9' if make => return Ok(self.numbered_reference(u32::from(letter) - u32::from('0'))),
            '1'..='9' => return Ok(Node::Empty),
            'k' => return self.named_reference(),
            'R' => return Ok(Node::LineBreak),
            'X' => return Ok(Node::Grapheme),
            'A' => Assertion::Start,
            'B' => word(true),
            'b' if make && self.reader.peek() == u32::from('{') => {
                if self.reader.skip() == u32::from('g') {
                    if self.reader.read() != u32::from('}') {
                        return self.unsupported();
                    }
                    Assertion::GraphemeBoundary
                } else {
                    self.reader.unread();
                    self.reader.unread();
                    word(false)
                }
            }
            'b' => word(false),
            'G' => Assertion::LastMatch,
            'Z' => Assertion::FinalEnd { unix: flags.unix_lines },
            'z' => Assertion::End,
            _ => return self.unsupported(),
        }))
    }

    /// `\d`, `\w` and the like.
    fn shorthand(&self, letter: char) -> Option<CharSet> {
        let unicode = self.reader.flags.unicode_class;
        let property = |name| binary(name, false).unwrap_or_default();
        let set = match letter.to_ascii_lowercase() {
            'd' if unicode => property("DIGIT"),
            'w' if unicode => property("WORD"),
            's' if unicode => property("WHITE_SPACE"),
            'd' => CharSet::range(0x30, 0x39),
            'w' => CharSet::new(vec![(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)]),
            's' => CharSet::new(vec![(9, 13), (32, 32)]),
            'h' => {
                let single = [0x09, 0x20, 0xA0, 0x1680, 0x180E, 0x202F, 0x205F, 0x3000];
                CharSet::of(&single).union(&CharSet::range(0x2000, 0x200A))
            }
            'v' => CharSet::new(vec![(0x0A, 0x0D), (0x85, 0x85), (0x2028, 0x2029)]),
            _ => return None,
        };
        Some(if letter.is_ascii_uppercase() { set.negate() } else { set })
    }

    /// `\12` is group 12 when there are that many groups already, else group 1 and a `2`.
    fn numbered_reference(&mut self, first: u32) -> Node {
        let mut number = first as usize;
        loop {
            let c = self.reader.peek();
            if !ascii(c, u8::is_ascii_digit) {
                break;
            }
            let longer = number * 10 + (c - u32::from('0')) as usize;
            if longer > self.groups {
                break;
            }
            number = longer;
            self.reader.read();
        }
        Node::Backref(number, self.fold())
    }

    fn named_reference(&mut self) -> Result<Node, SyntaxError> {
        if self.reader.read() != u32::from('<') {
            return self.reader.error("\\k is not followed by '<' for named capturing group");
        }
        let first = self.reader.read();
        let name = self.group_name(first)?;
        match self.names.iter().find(|(known, _)| *known == name) {
            Some(&(_, number)) => Ok(Node::Backref(number, self.fold())),
            None => self.reader.error(format!("named capturing group <{name}> does not exist")),
        }
    }

    fn fold(&self) -> Fold {
        match (self.reader.flags.ignore_case, self.reader.flags.unicode_case) {
            (false, _) => Fold::Exact,
            (true, false) => Fold::Ascii,
            (true, true) => Fold::Unicode,
        }
    }

    fn octal(&mut self) -> Result<u32, SyntaxError> {
        let digit = |c: u32| c.checked_sub(0x30).filter(|&d| d < 8);
        let Some(first) = digit(self.reader.read()) else {
            return self.reader.error("Illegal octal escape sequence");
        };
        let Some(second) = digit(self.reader.read()) else {
            self.reader.unread();
            return Ok(first);
        };
        match digit(self.reader.read()) {
            Some(third) if first < 4 => Ok(first * 64 + second * 8 + third),
            _ => {
                self.reader.unread();
                Ok(first * 8 + second)
            }
        }
    }

    fn control(&mut self) -> Result<u32, SyntaxError> {
        if self.reader.at_end() {
            return self.reader.error("Illegal control escape sequence");
        }
        Ok(self.reader.read() ^ 64)
    }

    fn hexadecimal(&mut self) -> Result<u32, SyntaxError> {
        let first = self.reader.read();
        if let Some(high) = hex(first) {
            if let Some(low) = hex(self.reader.read()) {
                return Ok(high * 16 + low);
            }
        } else if first == u32::from('{') && hex(self.reader.peek()).is_some() {
            return self.braced_hexadecimal();
        }
        self.reader.error("Illegal hexadecimal escape sequence")
    }

    fn braced_hexadecimal(&mut self) -> Result<u32, SyntaxError> {
        let mut value = 0;
        loop {
            let c = self.reader.read();
            let Some(digit) = hex(c) else {
                return if c == u32::from('}') {
                    Ok(value)
                } else {
                    self.reader.error("Unclosed hexadecimal escape sequence")
                };
            };
            value = value * 16 + digit;
            if value > super::charset::MAX {
                return self.reader.error("Hexadecimal codepoint is too big");
            }
        }
    }

    /// `\u` and four digits; two that make a surrogate pair are one character.
    fn utf16(&mut self) -> Result<u32, SyntaxError> {
        let high = self.four_digits()?;
        if (0xD800..0xDC00).contains(&high) {
            let after = self.reader.at;
            if self.reader.read() == u32::from('\\') && self.reader.read() == u32::from('u') {
                let low = self.four_digits()?;
                if (0xDC00..0xE000).contains(&low) {
                    return Ok(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
                }
            }
            self.reader.at = after;
        }
        Ok(high)
    }

    fn four_digits(&mut self) -> Result<u32, SyntaxError> {
        let mut value = 0;
        for _ in 0..4 {
            match hex(self.reader.read()) {
                Some(digit) => value = value * 16 + digit,
                None => return self.reader.error("Illegal Unicode escape sequence"),
            }
        }
        Ok(value)
    }

    /// `\N{LATIN SMALL LETTER A}`
    fn named(&mut self) -> Result<u32, SyntaxError> {
        if self.reader.read() != u32::from('{') {
            return self.reader.error("Illegal character name escape sequence");
        }
        let start = self.reader.at;
        while self.reader.read() != u32::from('}') {
            if self.reader.at_end() {
                return self.reader.error("Unclosed character name escape sequence");
            }
        }
        let name = self.reader.slice(start, self.reader.at - 1);
        match unicode::by_name(&name) {
            Some(c) => Ok(c),
            None => self.reader.error(format!("Unknown character name [{name}]")),
        }
    }

    /// `\pL`, `\p{Name}` or `\p{key=value}`; the current character is the `p`.
    pub(super) fn family(&mut self, complement: bool) -> Result<Arc<CharSet>, SyntaxError> {
        let single = self.reader.next() != u32::from('{');
        if single {
            self.reader.unread();
        }
        self.reader.next();
        let name = if single {
            let name = self.reader.slice(self.reader.at, self.reader.at + 1);
            self.reader.read();
            name
        } else {
            self.braced_name()?
        };
        let (ignore_case, unicode) = (self.reader.flags.ignore_case, self.reader.flags.unicode_class);
        let known = (name, complement, ignore_case, unicode);
        if let Some(set) = self.families.get(&known) {
            return Ok(Arc::clone(set));
        }
        let set = self.look_up(&known.0, ignore_case, unicode)?;
        let set = Arc::new(if complement { set.negate() } else { set });
        self.families.insert(known, Arc::clone(&set));
        Ok(set)
    }

    fn look_up(&self, name: &str, ignore_case: bool, unicode: bool) -> Result<CharSet, SyntaxError> {
        let Some((key, value)) = name.split_once('=') else {
            return match by_name(name, unicode, ignore_case) {
                Some(set) => Ok(set),
                None => self.reader.error(format!("Unknown character property name {{{name}}}")),
            };
        };
        let key = key.to_lowercase();
        match by_key(&key, value, ignore_case) {
            Some(set) => Ok(set),
            None => self.reader.error(format!("Unknown Unicode property {{name=<{key}>, value=<{value}>}}")),
        }
    }

    fn braced_name(&mut self) -> Result<String, SyntaxError> {
        let start = self.reader.at;
        self.reader.mark_end(u32::from('}'));
        // A comment can hide the mark at the end.
        while self.reader.read() != u32::from('}') && !self.reader.past_end() {}
        self.reader.mark_end(0);
        let end = self.reader.at;
        if self.reader.past_end() {
            return self.reader.error("Unclosed character family");
        }
        if start + 1 >= end {
            return self.reader.error("Empty character family");
        }
        Ok(self.reader.slice(start, end - 1))
    }
}

fn hex(c: u32) -> Option<u32> {
    char::from_u32(c)?.to_digit(16)
}
