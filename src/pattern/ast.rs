//! What a pattern says, once its syntax is out of the way: classes are resolved to sets, flags to what they change.

use std::sync::Arc;

use super::charset::CharSet;

/// A part of a pattern.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// Matches without looking.
    Empty,
    /// This one code point.
    Char(u32),
    /// One code point of the set.
    Set(Arc<CharSet>),
    /// One after the other.
    Concat(Vec<Node>),
    /// The first that leads to a match.
    Alternate(Vec<Node>),
    /// `(…)` with its number, `(?:…)` and `(?flags:…)` without.
    Group(Option<usize>, Box<Node>),
    /// A quantifier and what it repeats.
    Repeat(Box<Repeat>),
    /// `(?=…)` and its three kin.
    Look(Box<Look>),
    /// `(?>…)`
    Atomic(Box<Node>),
    /// `\1` or `\k<name>`
    Backref(usize, Fold),
    /// Matches at a place, not at characters.
    Assert(Assertion),
    /// `\R`
    LineBreak,
    /// `\X`
    Grapheme,
}

/// A quantifier.
#[derive(Debug, Clone)]
pub(super) struct Repeat {
    pub(super) node: Node,
    pub(super) min: u32,
    /// As written; `None` for no bound.
    pub(super) max: Option<u32>,
    pub(super) kind: Kind,
    /// The shape of `node`.
    pub(super) shape: Shape,
}

impl Repeat {
    /// The most rounds there can be; Java's largest number is its "no bound".
    pub(super) fn most(&self) -> Option<u32> {
        self.max.filter(|&max| max < i32::MAX as u32)
    }
}

/// How long a part can be and whether it can match in one way only, as Java reckons it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) min: i32,
    pub(super) max: i32,
    /// Whether `max` means something.
    pub(super) bounded: bool,
    /// Whether it can match in at most one way.
    pub(super) fixed: bool,
}

/// How eager a quantifier is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Greedy,
    Lazy,
    Possessive,
}

/// A look-around.
#[derive(Debug, Clone)]
pub(super) struct Look {
    pub(super) node: Node,
    pub(super) negated: bool,
    pub(super) behind: Option<Behind>,
}

/// How far back a look-behind starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Behind {
    pub(super) min: i32,
    pub(super) max: i32,
    /// Counted in code points, not in UTF-16 units: so it is when a supplementary character stands in the pattern.
    pub(super) by_char: bool,
}

/// Which differences of letter case a back reference overlooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    Exact,
    Ascii,
    Unicode,
}

/// A place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assertion {
    /// `^` and `\A`
    Start,
    /// `^` with the `m` flag; `unix`: only `\n` ends a line
    LineStart { unix: bool },
    /// `$` and `\Z`: the end, or before the line terminator that ends the text
    FinalEnd { unix: bool },
    /// `$` with the `m` flag
    LineEnd { unix: bool },
    /// `\z`
    End,
    /// `\G`
    LastMatch,
    /// `\b`, and `\B` when negated; `unicode`: by the `U` flag's `\w`
    Word { negated: bool, unicode: bool },
    /// `\b{g}`
    GraphemeBoundary,
}

/// A parsed pattern.
#[derive(Debug, Clone)]
pub(super) struct Ast {
    pub(super) node: Node,
    /// How many groups there are, the whole match not counted.
    pub(super) groups: usize,
    /// The named groups.
    pub(super) names: Vec<(String, usize)>,
}
