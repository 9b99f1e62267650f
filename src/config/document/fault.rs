//! `Fault`: what is wrong with a document's text, before anything is read out of it.

use super::node::Mark;

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// Its characters, when they are known.
    pub mark: Mark,
    /// The sentence.
    pub message: String,
    /// What it is.
    pub kind: FaultKind,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// The text cannot be read.
    Syntax,
    /// A key stands twice in a map: the later one is taken.
    Duplicate,
    /// A merge key, which readers of YAML 1.2 need not know.
    Merge,
}

impl Fault {
    /// The same, at a character.
    pub(crate) fn at(self, column: usize) -> Fault {
        Fault { mark: Mark::new(column, 1), ..self }
    }

    /// Text that cannot be read.
    pub(crate) fn new(line: usize, message: String) -> Fault {
        Fault { line, mark: Mark::default(), message, kind: FaultKind::Syntax }
    }

    /// A key that stands twice.
    pub(crate) fn twice(key: &str, first: usize, line: usize, mark: Mark) -> Fault {
        let message = format!("duplicate key `{key}`; it stands on line {first} already");
        Fault { line, mark, message, kind: FaultKind::Duplicate }
    }

    /// `<<`
    pub(crate) fn merge(line: usize, mark: Mark) -> Fault {
        let message = "`<<` puts a map in here, which AWS's own readers may not do".to_owned();
        Fault { line, mark, message, kind: FaultKind::Merge }
    }
}
