//! The name of a member that is looked for often.

use std::fmt;

use super::tape::Mark;

/// The name of a member, and what finds it among others.
#[derive(Debug)]
pub(crate) struct Member {
    pub(super) text: Box<str>,
    pub(super) mark: Mark,
}

impl From<&str> for Member {
    fn from(text: &str) -> Member {
        Member { text: Box::from(text), mark: Mark::of(text.as_bytes()) }
    }
}

impl Member {
    /// The name.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
