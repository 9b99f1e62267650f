//! `Fault`: what is wrong with a document's text, before anything is read out of it.

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// The sentence.
    pub message: String,
    /// A key that stands twice in a map: the later one is taken.
    pub duplicate: bool,
}

impl Fault {
    /// Text that cannot be read.
    pub(crate) fn new(line: usize, message: String) -> Fault {
        Fault { line, message, duplicate: false }
    }

    /// A key that stands twice.
    pub(crate) fn twice(key: &str, first: usize, line: usize) -> Fault {
        Fault { line, message: format!("duplicate key `{key}`; it stands on line {first} already"), duplicate: true }
    }
}
