//! Reads a pattern character by character, as Java does: past white space and comments under the `x` flag, and with
//! `\Q…\E` already turned into escapes.

use super::error::SyntaxError;

/// What the flags of `(?idmsuxU)` turn on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) ignore_case: bool,
    pub(super) unix_lines: bool,
    pub(super) multiline: bool,
    pub(super) dot_all: bool,
    pub(super) unicode_case: bool,
    pub(super) comments: bool,
    pub(super) unicode_class: bool,
}

/// The pattern's characters and where we are. A NUL is read past the end, as in Java.
pub(super) struct Reader {
    chars: Vec<u32>,
    /// Which character of the source each came from.
    origin: Vec<usize>,
    end: usize,
    pub(super) at: usize,
    pub(super) flags: Flags,
}

impl Reader {
    /// A reader at the pattern's first character.
    pub(super) fn new(source: &str) -> Reader {
        let (mut chars, origin) = unquote(&source.chars().map(u32::from).collect::<Vec<_>>());
        let end = chars.len();
        chars.extend([0, 0]);
        Reader { chars, origin, end, at: 0, flags: Flags::default() }
    }

    /// Something is wrong with what was read last.
    pub(super) fn error<T>(&self, description: impl Into<String>) -> Result<T, SyntaxError> {
        let last = self.at.saturating_sub(1);
        let past = last.saturating_sub(self.end);
        let index = self.origin.get(last).copied().unwrap_or(self.origin.last().map_or(0, |o| o + 1) + past);
        Err(SyntaxError { description: description.into(), index })
    }

    /// Whether the whole pattern is read.
    pub(super) fn at_end(&self) -> bool {
        self.at >= self.end
    }

    /// Whether reading has run beyond the end.
    pub(super) fn past_end(&self) -> bool {
        self.at > self.end
    }

    /// The character at a position, as it stands.
    pub(super) fn raw(&self, at: usize) -> u32 {
        self.chars.get(at).copied().unwrap_or(0)
    }

    /// The text between two positions, as it stands.
    pub(super) fn slice(&self, start: usize, end: usize) -> String {
        (start..end).map(|at| char::from_u32(self.raw(at)).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    }

    /// Whether a supplementary character stands at or after the position.
    pub(super) fn has_supplementary_from(&self, at: usize) -> bool {
        self.chars.iter().skip(at).any(|&c| c > 0xFFFF)
    }

    /// Puts a character where the end is, so that a search for it stops there; 0 takes it away.
    pub(super) fn mark_end(&mut self, c: u32) {
        self.chars[self.end] = c;
    }

    /// The next character that counts, without taking it.
    pub(super) fn peek(&mut self) -> u32 {
        self.skip_blank(self.raw(self.at))
    }

    /// Takes one character that counts.
    pub(super) fn read(&mut self) -> u32 {
        let mut c = self.raw(self.at);
        self.at += 1;
        if self.flags.comments {
            while is_space(c) || c == u32::from('#') {
                while is_space(c) {
                    c = self.raw_read();
                }
                if c == u32::from('#') {
                    c = self.raw_read();
                    while c != 0 && !self.ends_line(c) {
                        c = self.raw_read();
                    }
                }
            }
        }
        c
    }

    fn raw_read(&mut self) -> u32 {
        self.at += 1;
        self.raw(self.at - 1)
    }

    /// Leaves the current character and peeks at the one after it.
    pub(super) fn next(&mut self) -> u32 {
        self.at += 1;
        self.peek()
    }

    /// Leaves the current character and looks at the one after it, as it stands.
    pub(super) fn next_raw(&mut self) -> u32 {
        self.at += 1;
        self.raw(self.at)
    }

    /// Leaves the current character and takes the one after it, as it stands.
    pub(super) fn skip(&mut self) -> u32 {
        self.at += 2;
        self.raw(self.at - 1)
    }

    /// Goes back by one.
    pub(super) fn unread(&mut self) {
        self.at = self.at.saturating_sub(1);
    }

    /// Takes this character or fails.
    pub(super) fn accept(&mut self, c: char, otherwise: &str) -> Result<(), SyntaxError> {
        if self.read() == u32::from(c) { Ok(()) } else { self.error(otherwise) }
    }

    fn skip_blank(&mut self, mut c: u32) -> u32 {
        if self.flags.comments {
            while is_space(c) || c == u32::from('#') {
                while is_space(c) {
                    c = self.next_raw();
                }
                if c == u32::from('#') {
                    c = self.next_raw();
                    while c != 0 && !self.ends_line(c) {
                        c = self.next_raw();
                    }
                }
            }
        }
        c
    }

    fn ends_line(&self, c: u32) -> bool {
        if self.flags.unix_lines { c == 0x0A } else { matches!(c, 0x0A | 0x0D | 0x85 | 0x2028 | 0x2029) }
    }
}

fn is_space(c: u32) -> bool {
    matches!(c, 9..=13 | 32)
}

/// Whether the code point is this kind of ASCII character.
pub(super) fn ascii(c: u32, is: fn(&u8) -> bool) -> bool {
    u8::try_from(c).is_ok_and(|b| is(&b))
}

/// Rewrites `\Q…\E` as escaped characters; gives the source position of each character as well.
fn unquote(source: &[u32]) -> (Vec<u32>, Vec<usize>) {
    let (mut chars, mut origin) = (Vec::with_capacity(source.len() + 2), Vec::with_capacity(source.len()));
    let backslash = u32::from('\\');
    let (mut quoted, mut first, mut at) = (false, false, 0);
    while at < source.len() {
        let (c, from, following) = (source[at], at, source.get(at + 1).copied());
        at += 1;
        let mut put = |c: u32, from: usize| {
            chars.push(c);
            origin.push(from);
        };
        if c != backslash {
            if quoted && first && ascii(c, u8::is_ascii_digit) {
                // So that the digit cannot lengthen an escape that stands before the quotation.
                [backslash, u32::from('x'), u32::from('3')].into_iter().for_each(|c| put(c, from));
            } else if quoted && c < 128 && !ascii(c, u8::is_ascii_alphanumeric) {
                put(backslash, from);
            }
            put(c, from);
            first = false;
        } else if quoted {
            if following == Some(u32::from('E')) {
                at += 1;
                quoted = false;
            } else {
                put(backslash, from);
                put(backslash, from);
            }
            first = false;
        } else if following == Some(u32::from('Q')) {
            at += 1;
            (quoted, first) = (true, true);
        } else {
            put(c, from);
            if let Some(c) = following {
                put(c, at);
                at += 1;
            }
            first = false;
        }
    }
    (chars, origin)
}
