//! Bounds on documents: a small text must not take all memory or the whole stack.

/// Deepest nesting of a document.
pub(crate) const DEPTH: usize = 128;
/// Most values of a document, with every copy that an alias makes.
pub(crate) const NODES: usize = 2_000_000;
/// Most bytes of a document.
pub(crate) const FILE_BYTES: u64 = 64 * 1024 * 1024;
