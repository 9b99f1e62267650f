//! A text and the places in it, as Java's UTF-16 sees them: what stands before and after, and which assertions hold.
//!
//! Positions are byte offsets. The one between the two halves of a surrogate pair is the middle of the four bytes; only a
//! look-behind can get there, as it counts UTF-16 units.

use super::ast::Assertion;
use super::charset::CharSet;
use super::unicode::{Grapheme, grapheme, word_sets};

/// A text being matched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'t>(pub(super) &'t str);

/// What some assertions remember.
#[derive(Debug, Clone, Copy)]
pub(super) struct Last {
    /// Where the match before this one ended.
    pub(super) matched: usize,
    /// Where a part that was tried on its own ended, most recently.
    pub(super) part: usize,
}

impl Text<'_> {
    /// How many bytes it has.
    pub(super) fn len(self) -> usize {
        self.0.len()
    }

    /// The code point at the position and where the next one starts.
    #[inline]
    pub(super) fn at(self, pos: usize) -> Option<(u32, usize)> {
        let byte = *self.0.as_bytes().get(pos)?;
        if byte < 0x80 {
            return Some((u32::from(byte), pos + 1));
        }
        match self.0.get(pos..) {
            Some(rest) => rest.chars().next().map(|c| (u32::from(c), pos + c.len_utf8())),
            None => {
                let (c, _) = self.at(pos.checked_sub(2)?)?;
                Some((0xDC00 + ((c - 0x10000) & 0x3FF), pos + 2))
            }
        }
    }

    /// The code point that ends at the position and where it starts.
    #[inline]
    pub(super) fn before(self, pos: usize) -> Option<(u32, usize)> {
        match self.0.get(..pos) {
            Some(head) => head.chars().next_back().map(|c| (u32::from(c), pos - c.len_utf8())),
            None => {
                let (c, _) = self.at(pos.checked_sub(2)?)?;
                Some((0xD800 + ((c - 0x10000) >> 10), pos - 2))
            }
        }
    }

    /// The position one UTF-16 unit back.
    pub(super) fn unit_before(self, pos: usize) -> Option<usize> {
        let (c, start) = self.before(pos)?;
        Some(if c > 0xFFFF { pos - 2 } else { start })
    }

    /// Whether the assertion holds at the position.
    pub(super) fn holds(self, assertion: Assertion, pos: usize, last: Last) -> bool {
        match assertion {
            Assertion::Start => pos == 0,
            Assertion::End => pos == self.len(),
            Assertion::LastMatch => pos == last.matched,
            Assertion::LineStart { unix } => self.starts_line(pos, unix),
            Assertion::FinalEnd { unix } => self.ends_text(pos, unix),
            Assertion::LineEnd { unix } => self.ends_line(pos, unix),
            Assertion::Word { negated, unicode } => self.word_boundary(pos, unicode) != negated,
            // Java looks for the first boundary after wherever something matched last, not for one here.
            Assertion::GraphemeBoundary => {
                pos == 0 || pos == self.len() || self.at_char(pos) && self.grapheme_end(last.part) <= pos
            }
        }
    }

    fn at_char(self, pos: usize) -> bool {
        self.0.is_char_boundary(pos)
    }

    fn byte(self, pos: usize) -> Option<u8> {
        self.0.as_bytes().get(pos).copied()
    }

    fn starts_line(self, pos: usize, unix: bool) -> bool {
        if pos == self.len() {
            return false;
        }
        match self.before(pos) {
            None => true,
            Some((0x0D, _)) => !unix && self.byte(pos) != Some(b'\n'),
            Some((c, _)) => is_line_break(c, unix),
        }
    }

    fn ends_line(self, pos: usize, unix: bool) -> bool {
        match self.at(pos) {
            None => true,
            Some((0x0A, _)) => unix || pos == 0 || self.byte(pos - 1) != Some(b'\r'),
            Some((c, _)) => is_line_break(c, unix),
        }
    }

    fn ends_text(self, pos: usize, unix: bool) -> bool {
        match self.at(pos) {
            None => true,
            Some((0x0D, next)) if !unix && self.byte(next) == Some(b'\n') => next + 1 == self.len(),
            Some((_, next)) => next == self.len() && self.ends_line(pos, unix),
        }
    }

    fn word_boundary(self, pos: usize, unicode: bool) -> bool {
        let sets = word_sets();
        let word = if unicode { &sets.unicode_word } else { &sets.letter_or_digit };
        let left = self.before(pos).is_some_and(|(c, _)| {
            word.contains(c) || sets.mark.contains(c) && self.has_base(self.unit_before(pos), &sets.letter_or_digit)
        });
        let right = self.at(pos).is_some_and(|(c, _)| {
            word.contains(c) || sets.mark.contains(c) && self.has_base(Some(pos), &sets.letter_or_digit)
        });
        left != right
    }

    /// Whether a letter or digit stands before the marks at this position. Java steps over single UTF-16 units here, so a
    /// supplementary character is no base.
    fn has_base(self, from: Option<usize>, letter_or_digit: &CharSet) -> bool {
        let mut pos = from;
        while let Some((at, (c, _))) = pos.and_then(|at| Some((at, self.at(at)?))) {
            if !word_sets().mark.contains(c) {
                return c != u32::from('_') && letter_or_digit.contains(c);
            }
            pos = self.unit_before(at);
        }
        false
    }

    /// Where the grapheme cluster that starts at the position ends.
    pub(super) fn grapheme_end(self, pos: usize) -> usize {
        let Some((first, mut end)) = self.at(pos) else { return pos };
        let mut left = grapheme(first);
        let mut picture = left == Grapheme::Pictographic;
        let mut regional = usize::from(left == Grapheme::Regional);
        while let Some((c, next)) = self.at(end) {
            let right = grapheme(c);
            let joined = joins(left, right)
                || picture && left == Grapheme::Zwj && right == Grapheme::Pictographic
                || left == Grapheme::Regional && right == Grapheme::Regional && regional % 2 == 1;
            if !joined {
                break;
            }
            picture = right == Grapheme::Pictographic || picture && matches!(right, Grapheme::Extend | Grapheme::Zwj);
            regional = if right == Grapheme::Regional { regional + 1 } else { 0 };
            (left, end) = (right, next);
        }
        end
    }
}

/// The rules GB3 to GB9b of UAX #29.
fn joins(left: Grapheme, right: Grapheme) -> bool {
    use Grapheme::{Control, Cr, Extend, L, Lf, Lv, Lvt, Prepend, Spacing, T, V, Zwj};
    match (left, right) {
        (Cr, Lf) => true,
        (Control | Cr | Lf, _) | (_, Control | Cr | Lf) => false,
        (L, L | V | Lv | Lvt) | (Lv | V, V | T) | (Lvt | T, T) => true,
        (_, Extend | Zwj | Spacing) | (Prepend, _) => true,
        _ => false,
    }
}

fn is_line_break(c: u32, unix: bool) -> bool {
    c == 0x0A || !unix && matches!(c, 0x0D | 0x85 | 0x2028 | 0x2029)
}
