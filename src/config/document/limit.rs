//! Bounds on documents, and what is wrong with one before anything is read out of it.

/// Deepest nesting of a document.
pub const DEPTH: usize = 128;
/// Most values of a document, with every copy that an alias makes.
pub const NODES: usize = 2_000_000;
/// Most bytes of a document.
pub const FILE_BYTES: u64 = 64 * 1024 * 1024;
/// Most bytes of an API definition that API Gateway imports.
pub const DEFINITION_BYTES: usize = 6 * 1024 * 1024;
/// Most bytes of a mapping template.
pub const TEMPLATE_BYTES: usize = 300 * 1024;

/// What is wrong with a document's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// The sentence.
    pub message: String,
    /// A key that stands twice in a map: the later one is taken.
    pub duplicate: bool,
}

impl Fault {
    /// Text that cannot be read.
    pub fn new(line: usize, message: String) -> Fault {
        Fault { line, message, duplicate: false }
    }

    /// A key that stands twice.
    pub fn twice(key: &str, first: usize, line: usize) -> Fault {
        Fault { line, message: format!("duplicate key `{key}`; it stands on line {first} already"), duplicate: true }
    }
}
