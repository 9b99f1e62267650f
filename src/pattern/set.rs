//! All patterns of a method: those of the linear engine are tested in one pass over the text.

use regex::{RegexSet, RegexSetBuilder, SetMatches};

use super::linear::SIZE;
use super::selection::{Outcome, Pattern};

/// Patterns in the order in which they are tried.
#[derive(Debug, Clone)]
pub struct PatternSet {
    patterns: Vec<Pattern>,
    set: RegexSet,
    /// Which of the set's members a pattern is.
    members: Vec<Option<usize>>,
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
        PatternSet { patterns: patterns.to_vec(), set: built.unwrap_or_else(RegexSet::empty), members }
    }

    /// The patterns, in the order given.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// What each pattern comes to, in order. Patterns of the backtracking engine are tried only when their turn comes, so
    /// whoever stops at the first match pays for no more.
    pub fn outcomes<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Outcome> + 'a {
        let mut matched: Option<SetMatches> = None;
        self.patterns.iter().zip(&self.members).map(move |(pattern, member)| match *member {
            Some(member) if pattern.needs().met_by(text) => {
                matched.get_or_insert_with(|| self.set.matches(text)).matched(member).into()
            }
            _ => pattern.matches(text),
        })
    }
}

fn build(sources: &[&str]) -> Option<RegexSet> {
    RegexSetBuilder::new(sources).size_limit(SIZE * 4).build().ok()
}
