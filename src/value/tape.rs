//! A JSON document as it was read: its values one behind the other, until a template changes one of its lists or maps.
//!
//! Most templates only look. What they look at costs nothing to make here, and one drop lets go of all. The first look that needs a
//! list or a map of its own builds them all, once, and from then on every handle speaks of those.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use rustc_hash::FxBuildHasher;

use super::text::{Part, Source};

/// A document of values `T`.
pub(super) struct Tape<T> {
    pub(super) source: Rc<Source>,
    /// What lists and maps hold stands together, before them; the document itself is the last. A map holds names and values in turn.
    pub(super) nodes: Vec<Node>,
    /// Numbers that are long.
    pub(super) numbers: Vec<T>,
    /// The lists and maps, by their nodes, once one was to be changed.
    pub(super) built: OnceCell<HashMap<u32, T, FxBuildHasher>>,
}

/// One value of a document, or a name in a map.
#[derive(Debug, Clone, Copy)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Int(i32),
    Long(i64),
    Float(f32),
    Double(f64),
    /// One of the numbers that are long.
    Number(u32),
    Text(Part),
    Name(Part, Mark),
    List(Span),
    /// Its names and values.
    Map(Span),
}

/// What a list or a map holds: so many nodes from there on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) first: u32,
    pub(super) count: u32,
}

/// What tells most names apart at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark(u32);

impl Mark {
    #[inline(always)]
    pub(super) fn of(bytes: &[u8]) -> Mark {
        let (begin, end) = match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some(begin), Some(end)) => (u32::from_le_bytes(*begin), u32::from_le_bytes(*end)),
            _ => (bytes.iter().fold(0, |word, byte| word << 8 | u32::from(*byte)), 0),
        };
        Mark((begin.wrapping_mul(0x9e37_79b1) ^ end).wrapping_mul(0x85eb_ca6b) ^ bytes.len() as u32)
    }
}

impl<T> Tape<T> {
    #[inline(always)]
    pub(super) fn node(&self, at: u32) -> Node {
        self.nodes.get(at as usize).copied().unwrap_or(Node::Null)
    }

    /// What the list or map there holds.
    pub(super) fn span(&self, at: u32) -> Span {
        match self.node(at) {
            Node::List(span) | Node::Map(span) => span,
            _ => Span { first: 0, count: 0 },
        }
    }

    /// Where the value of the name of that mark stands, in a map.
    #[inline]
    pub(super) fn member(&self, map: Span, name: &str, mark: Mark) -> Option<u32> {
        let entries = self.nodes.get(map.first as usize..(map.first + map.count) as usize)?;
        let name = name.as_bytes();
        let found = position(entries, mark, |part| is_same(self.source.bytes(part), name))?;
        Some(map.first + found as u32 + 1)
    }
}

/// Whether the names are the same; most are too short to call anybody for it.
#[inline(always)]
pub(super) fn is_same(name: &[u8], other: &[u8]) -> bool {
    if name.len() != other.len() {
        return false;
    }
    match (name.first_chunk::<4>(), other.first_chunk::<4>(), name.last_chunk::<4>(), other.last_chunk::<4>()) {
        (Some(begin), Some(other_begin), Some(end), Some(other_end)) if name.len() <= 8 => {
            begin == other_begin && end == other_end
        }
        (None, ..) => name.iter().zip(other).all(|(byte, other)| byte == other),
        _ => name == other,
    }
}

/// Where a name of that mark stands among names and values.
#[inline(always)]
pub(super) fn position(entries: &[Node], mark: Mark, is_it: impl Fn(Part) -> bool) -> Option<usize> {
    let pairs = entries.as_chunks::<2>().0.iter();
    let is_it = |[name, _]: &[Node; 2]| matches!(name, Node::Name(part, known) if *known == mark && is_it(*part));
    pairs.enumerate().find_map(|(n, pair)| is_it(pair).then_some(n * 2))
}
