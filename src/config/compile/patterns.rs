//! Selection patterns: an API has few, in many methods, and a compiled one takes kilobytes. Each is compiled once.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use crate::pattern::{Pattern, PatternSet, SyntaxError};

/// The patterns of one copy of the API.
#[derive(Default)]
pub(crate) struct Patterns {
    compiled: RefCell<FxHashMap<String, Pattern>>,
    /// By the addresses of the patterns' texts, which `compiled` keeps.
    sets: RefCell<FxHashMap<Vec<usize>, PatternSet>>,
}

impl Patterns {
    /// The pattern of that source.
    pub(super) fn pattern(&self, source: &str) -> Result<Pattern, SyntaxError> {
        if let Some(pattern) = self.compiled.borrow().get(source) {
            return Ok(pattern.clone());
        }
        let pattern = Pattern::compile(source)?;
        self.compiled.borrow_mut().insert(source.to_owned(), pattern.clone());
        Ok(pattern)
    }

    /// The set of these patterns, in this order: all are of `pattern`.
    pub(super) fn set(&self, patterns: &[Pattern]) -> PatternSet {
        let addresses = patterns.iter().map(|pattern| pattern.source().as_ptr() as usize).collect();
        self.sets.borrow_mut().entry(addresses).or_insert_with(|| PatternSet::new(patterns)).clone()
    }
}
