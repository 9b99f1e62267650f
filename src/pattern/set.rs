//! All patterns of a method: those of the linear engine are tested in one pass over the text.

use std::sync::{Arc, OnceLock};

use regex::{RegexSet, RegexSetBuilder, SetMatches};

use super::linear::SIZE;
use super::selection::{Outcome, Pattern};

/// Patterns in the order in which they are tried. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PatternSet(Arc<Together>);

#[derive(Debug)]
struct Together {
    patterns: Box<[Pattern]>,
    /// Of those of the linear engine, where there are several.
    set: Option<RegexSet>,
    /// Which of the set's members a pattern is.
    members: Box<[Option<usize>]>,
    /// What each comes to on an empty text, which is that of every function that did not fail.
    on_empty: OnceLock<Box<[Outcome]>>,
}

impl PatternSet {
    /// The set of these patterns, in this order.
    pub fn new(patterns: &[Pattern]) -> PatternSet {
        let (mut members, mut sources) = (Vec::with_capacity(patterns.len()), Vec::new());
        for pattern in patterns {
            members.push(pattern.linear_source().map(|source| {
                sources.push(source);
                sources.len() - 1
            }));
        }
        // One alone is faster as a plain regex; too many at once may be too large. Then each is tried on its own.
        let built = if sources.len() < 2 { None } else { build(&sources) };
        if built.is_none() {
            members = vec![None; patterns.len()];
        }
        let (patterns, members) = (patterns.into(), members.into());
        PatternSet(Arc::new(Together { patterns, set: built, members, on_empty: OnceLock::new() }))
    }

    /// The patterns, in the order given.
    pub fn patterns(&self) -> &[Pattern] {
        &self.0.patterns
    }

    /// What each pattern comes to, in order. Patterns of the backtracking engine are tried only when their turn comes, so
    /// whoever stops at the first match pays for no more.
    pub fn outcomes<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Outcome> + 'a {
        let mut matched: Option<SetMatches> = None;
        let Together { patterns, set, members, on_empty } = &*self.0;
        let known = || on_empty.get_or_init(|| patterns.iter().map(|pattern| pattern.matches("")).collect());
        let known = text.is_empty().then(known);
        patterns.iter().zip(members).enumerate().map(move |(n, (pattern, member))| match (*member, set) {
            _ if let Some(known) = known => known[n],
            (Some(member), Some(set)) if pattern.needs().met_by(text) => {
                matched.get_or_insert_with(|| set.matches(text)).matched(member).into()
            }
            _ => pattern.matches(text),
        })
    }
}

fn build(sources: &[&str]) -> Option<RegexSet> {
    RegexSetBuilder::new(sources).size_limit(SIZE * 4).build().ok()
}
