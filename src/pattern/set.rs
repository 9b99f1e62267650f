//! All patterns of a method: those of the linear engine are tested in one pass over the text; of very many those alone that can match,
//! by what must stand in the text.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use aho_corasick::AhoCorasick;
use regex::{RegexSet, RegexSetBuilder, SetMatches};

use super::linear::{Needs, SIZE};
use super::selection::{Outcome, Pattern};

/// So many are not tested together: that is for few.
const MANY: usize = 32;

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
    /// What must stand in a text, where there are very many.
    required: Option<Required>,
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
        let required = if sources.len() < MANY { None } else { Required::of(patterns) };
        // One alone is faster as a plain regex; too many at once may be too large. Then each is tried on its own.
        let built = if sources.len() < 2 || required.is_some() { None } else { build(&sources) };
        if built.is_none() {
            members = vec![None; patterns.len()];
        }
        let (patterns, members) = (patterns.into(), members.into());
        PatternSet(Arc::new(Together { patterns, set: built, members, required, on_empty: OnceLock::new() }))
    }

    /// The patterns, in the order given.
    pub fn patterns(&self) -> &[Pattern] {
        &self.0.patterns
    }

    /// What each pattern comes to, in order. Patterns of the backtracking engine are tried only when their turn comes, so
    /// whoever stops at the first match pays for no more.
    pub fn outcomes<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Outcome> + 'a {
        let mut matched: Option<SetMatches> = None;
        let Together { patterns, set, members, required, on_empty } = &*self.0;
        let missing = required.as_ref().filter(|_| !text.is_empty()).map(|required| required.missing_in(text));
        let known = || on_empty.get_or_init(|| patterns.iter().map(|pattern| pattern.matches("")).collect());
        let known = text.is_empty().then(known);
        patterns.iter().zip(members).enumerate().map(move |(n, (pattern, member))| match (*member, set) {
            _ if let Some(known) = known => known[n],
            _ if missing.as_ref().is_some_and(|missing| missing(n)) => Outcome::NoMatch,
            (Some(member), Some(set)) if pattern.needs().met_by(text) => {
                matched.get_or_insert_with(|| set.matches(text)).matched(member).into()
            }
            _ => pattern.matches(text),
        })
    }
}

/// What patterns of the linear engine require of a text.
#[derive(Debug)]
struct Required {
    find: AhoCorasick,
    /// How many different ones there are.
    count: usize,
    /// Of each pattern: which of them it requires, and what the text must be like for that to be all.
    of: Box<[Option<(usize, Needs)>]>,
}

impl Required {
    /// That of these patterns.
    fn of(patterns: &[Pattern]) -> Option<Required> {
        let mut texts: HashMap<String, usize> = HashMap::new();
        let of = patterns.iter().map(|pattern| {
            let text = pattern.required().filter(|_| pattern.is_linear())?;
            let next = texts.len();
            Some((*texts.entry(text).or_insert(next), pattern.needs()))
        });
        let of: Box<[_]> = of.collect();
        // Those that require nothing are better tested together.
        if of.iter().flatten().count() < of.len() / 2 {
            return None;
        }
        let count = texts.len();
        let mut sorted: Vec<(String, usize)> = texts.into_iter().collect();
        sorted.sort_by_key(|(_, place)| *place);
        let find = AhoCorasick::new(sorted.iter().map(|(text, _)| text)).ok()?;
        Some(Required { find, count, of })
    }

    /// Tells of each pattern whether the text lacks what it requires.
    fn missing_in(&self, text: &str) -> impl Fn(usize) -> bool {
        let (like, mut found) = (Needs::of(text), vec![false; self.count]);
        self.find.find_overlapping_iter(text).for_each(|one| found[one.pattern().as_usize()] = true);
        move |pattern| self.of[pattern].is_some_and(|(text, needs)| !found[text] && needs.met_by_one_like(like))
    }
}

fn build(sources: &[&str]) -> Option<RegexSet> {
    RegexSetBuilder::new(sources).size_limit(SIZE * 4).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn very_many_patterns_say_what_each_says_alone() {
        let mut sources: Vec<String> = (0..60).map(|n| format!(".*item {n} was not found.*")).collect();
        let others = [
            "",
            ".*",
            "4\\d{2}",
            "(?i).*ITEM.*",
            "(a|b)+",
            "(?=.*item 7 ).*",
            "item 7.*$",
            "\\w+ .*",
            "[^i]*item 7 was.*",
            "(.+)\\1",
        ];
        sources.extend(others.map(str::to_owned));
        let patterns: Vec<Pattern> = sources
            .iter()
            .map(|source| Pattern::compile(source).unwrap_or_else(|e| unreachable!("{source}: {e:?}")))
            .collect();
        let set = PatternSet::new(&patterns);
        assert!(set.0.required.is_some() && PatternSet::new(&patterns[..20]).0.required.is_none());
        let texts = [
            "",
            "the item 7 was not found",
            "the item 17 was not found",
            "item 7 was",
            "item 7 was\n",
            "404",
            "abab",
            "\u{e9} item 59 was not found",
            "item 1 was not found, item 2 was not found",
            "line\nitem 3 was not found",
            "xx",
        ];
        for text in texts {
            let alone: Vec<Outcome> = patterns.iter().map(|pattern| pattern.matches(text)).collect();
            assert_eq!(set.outcomes(text).collect::<Vec<_>>(), alone, "{text:?}");
        }
    }
}
