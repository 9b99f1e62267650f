//! Patterns without look-around, back references and possessive quantifiers, put into the `regex` crate's words.
//!
//! Classes are written out as ranges, so the crate's own idea of `\w` or `\p{L}` never comes into play.

use std::fmt::Write;

use super::ast::{Assertion, Ast, Kind, Node, Repeat};
use super::charset::CharSet;

/// How long a translation may get.
const LENGTH: usize = 1 << 18;
/// How much memory a compiled translation may take.
pub(super) const SIZE: usize = 1 << 20;

/// A translation, and which texts it is good for.
#[derive(Debug, Clone)]
pub(super) struct Translation {
    /// Matches the whole text.
    pub(super) regex: String,
    pub(super) needs: Needs,
}

/// What a text must be like for the translation to say what Java says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Needs {
    /// Only ASCII: what is a word is another matter beyond it.
    pub(super) ascii: bool,
    /// Does not end in a line terminator, before which a `$` would match too.
    pub(super) no_final_break: bool,
    /// Is one line, and not empty.
    pub(super) single_line: bool,
}

impl Needs {
    /// What a text is like.
    pub(super) fn of(text: &str) -> Needs {
        Needs { ascii: text.is_ascii(), no_final_break: !text.ends_with(is_break), single_line: is_line(text) }
    }

    /// Whether a text like that is so.
    pub(super) fn met_by_one_like(self, text: Needs) -> bool {
        (text.ascii || !self.ascii)
            && (text.no_final_break || !self.no_final_break)
            && (text.single_line || !self.single_line)
    }

    /// Whether the text is so.
    pub(super) fn met_by(self, text: &str) -> bool {
        (!self.ascii || text.is_ascii())
            && (!self.no_final_break || !text.ends_with(is_break))
            && (!self.single_line || is_line(text))
    }
}

fn is_line(text: &str) -> bool {
    !text.is_empty() && !text.contains(is_break)
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Why a pattern has no translation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Untranslatable {
    /// It uses something that the `regex` crate does not have.
    Backtracks,
    /// It would be too large.
    TooLarge,
}

/// Translates, if that can be done.
pub(super) fn translate(ast: &Ast) -> Result<Translation, Untranslatable> {
    let mut writer = Writer { out: String::from(r"\A(?:"), needs: Needs::default(), repeats: 0 };
    writer.node(&ast.node, true)?;
    writer.out.push_str(r")\z");
    Ok(Translation { regex: writer.out, needs: writer.needs })
}

struct Writer {
    out: String,
    needs: Needs,
    /// How many quantifiers we are in.
    repeats: usize,
}

impl Writer {
    /// Writes a part; `last` when the text must end where it ends.
    fn node(&mut self, node: &Node, last: bool) -> Result<(), Untranslatable> {
        if self.out.len() > LENGTH {
            return Err(Untranslatable::TooLarge);
        }
        match node {
            Node::Empty => {}
            Node::Char(c) => self.char(*c),
            Node::Set(set) => self.set(set),
            Node::Concat(parts) => {
                for (at, part) in parts.iter().enumerate() {
                    self.node(part, last && at + 1 == parts.len())?;
                }
            }
            Node::Alternate(branches) => {
                self.out.push_str("(?:");
                for (at, branch) in branches.iter().enumerate() {
                    if at > 0 {
                        self.out.push('|');
                    }
                    self.node(branch, last)?;
                }
                self.out.push(')');
            }
            Node::Group(_, inner) => {
                self.out.push_str("(?:");
                self.node(inner, last)?;
                self.out.push(')');
            }
            Node::Repeat(repeat) => self.repeat(repeat)?,
            Node::Assert(assertion) => self.assertion(*assertion, last)?,
            // Repeated, Java would not part a `\r\n` that it once took as one.
            Node::LineBreak if self.repeats == 0 => {
                self.out.push_str(r"(?:\r\n|[\n\x0B\f\r\x{85}\x{2028}\x{2029}])");
            }
            Node::LineBreak | Node::Look(_) | Node::Atomic(_) | Node::Backref(..) | Node::Grapheme => {
                return Err(Untranslatable::Backtracks);
            }
        }
        Ok(())
    }

    fn char(&mut self, c: u32) {
        match char::from_u32(c) {
            Some(c) if c.is_ascii_alphanumeric() => self.out.push(c),
            Some(_) => _ = write!(self.out, r"\x{{{c:X}}}"),
            // Half a surrogate pair: no text has one.
            None => self.out.push_str(r"[^\x00-\x{10FFFF}]"),
        }
    }

    fn set(&mut self, set: &CharSet) {
        let start = self.out.len();
        self.out.push('[');
        let empty = self.out.len();
        for &(first, last) in set.ranges() {
            // A char is never a surrogate: leave those out.
            for (first, last) in [(first, last.min(0xD7FF)), (first.max(0xE000), last)] {
                if first <= last {
                    _ = write!(self.out, r"\x{{{first:X}}}-\x{{{last:X}}}");
                }
            }
        }
        if self.out.len() == empty {
            self.out.truncate(start);
            self.out.push_str(r"[^\x00-\x{10FFFF}");
        }
        self.out.push(']');
    }

    fn repeat(&mut self, repeat: &Repeat) -> Result<(), Untranslatable> {
        if repeat.kind == Kind::Possessive {
            return Err(Untranslatable::Backtracks);
        }
        self.repeats += 1;
        self.out.push_str("(?:");
        self.node(&repeat.node, false)?;
        self.out.push(')');
        self.repeats -= 1;
        match (repeat.min, repeat.most()) {
            (0, Some(1)) => self.out.push('?'),
            (0, None) => self.out.push('*'),
            (1, None) => self.out.push('+'),
            (min, None) => _ = write!(self.out, "{{{min},}}"),
            (min, Some(max)) => _ = write!(self.out, "{{{min},{max}}}"),
        }
        Ok(())
    }

    fn assertion(&mut self, assertion: Assertion, last: bool) -> Result<(), Untranslatable> {
        self.out.push_str(match assertion {
            // For a match of the whole text, the latest match ended before its start.
            Assertion::Start | Assertion::LastMatch => r"\A",
            Assertion::End => r"\z",
            Assertion::FinalEnd { .. } => {
                self.needs.no_final_break |= !last;
                r"\z"
            }
            Assertion::LineStart { .. } => {
                self.needs.single_line = true;
                r"\A"
            }
            Assertion::LineEnd { .. } => {
                self.needs.single_line |= !last;
                r"\z"
            }
            Assertion::Word { negated, .. } => {
                self.needs.ascii = true;
                if negated { r"(?-u:\B)" } else { r"(?-u:\b)" }
            }
            Assertion::GraphemeBoundary => return Err(Untranslatable::Backtracks),
        });
        Ok(())
    }
}
