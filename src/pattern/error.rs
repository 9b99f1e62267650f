//! What is wrong with a pattern, and where.

use std::fmt;

/// Java would throw a `PatternSyntaxException` for this pattern, or it is beyond a limit of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong, in Java's words where Java has some.
    pub description: String,
    /// Which character of the pattern it was noticed at, from 0.
    pub index: usize,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} near index {}", self.description, self.index)
    }
}

impl std::error::Error for SyntaxError {}
