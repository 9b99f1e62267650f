//! The regular expression of a filter, `=~ /…/i`: Java's, and it has to match the whole text.

use crate::pattern::{Outcome, Pattern};

/// A compiled regular expression.
#[derive(Debug, Clone)]
pub(super) struct Matcher(Pattern);

impl Matcher {
    /// Compiles a pattern with flags such as `i`, which Java also takes at the start of the pattern.
    pub(super) fn compile(pattern: &str, flags: &str) -> Result<Matcher, String> {
        let pattern = if flags.is_empty() { pattern.to_owned() } else { format!("(?{flags}){pattern}") };
        Pattern::compile(&pattern).map(Matcher).map_err(|e| e.to_string())
    }

    /// Whether it matches the whole text.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.matches(text) == Outcome::Match
    }
}
