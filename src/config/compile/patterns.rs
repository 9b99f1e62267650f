//! Selection patterns: an API has few, in many methods, and a compiled one takes kilobytes. Each is compiled once.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use crate::pattern::{Pattern, PatternSet, SyntaxError};

/// The patterns of one copy of the API.
#[derive(Default)]
pub(crate) struct Patterns {
    compiled: RefCell<FxHashMap<String, Pattern>>,
    sets: RefCell<FxHashMap<Vec<String>, PatternSet>>,
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

    /// The set of these patterns, in this order.
    pub(super) fn set(&self, patterns: &[Pattern]) -> PatternSet {
        let sources = patterns.iter().map(|pattern| pattern.source().to_owned()).collect();
        self.sets.borrow_mut().entry(sources).or_insert_with(|| PatternSet::new(patterns)).clone()
    }
}
