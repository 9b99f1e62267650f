//! The names that a template can look at, found in its text alone.

use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

/// Words that may be names of references, properties or methods; more than there are, never fewer.
#[derive(Debug)]
pub(super) struct Mentioned {
    /// Their hashes, sorted: two words of one hash are one word too many at worst.
    words: Box<[u64]>,
    /// The template can make names while it renders: by `#evaluate`, or by an escape in a string.
    any: bool,
}

impl Mentioned {
    /// The words of a template's text.
    pub(super) fn of(source: &str) -> Mentioned {
        // Cut from the text and not from the tree: a word too many costs a map that nobody looks at, one too few would cost a
        // value. Names also stand in strings, which are read late.
        let words: BTreeSet<u64> = source
            .split_inclusive(['$', '!', '{', '.'])
            .skip(1)
            .map(|rest| rest.split(|c| !is_part(c)).next().unwrap_or_default())
            .filter(|word| !word.is_empty())
            .map(hash)
            .collect();
        let any = source.contains("evaluate") || source.contains("\\u");
        Mentioned { words: words.into_iter().collect(), any }
    }

    /// Whether the template can make names while it renders.
    pub(super) fn any(&self) -> bool {
        self.any
    }

    /// Whether the template may look at a variable of that name, or call such a method.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.any || self.words.binary_search(&hash(name)).is_ok()
    }
}

fn hash(word: &str) -> u64 {
    FxBuildHasher.hash_one(word)
}

/// The members that a template can look at of a variable, if it does no more with it than `$name.member`.
pub(super) fn members_of(source: &str, name: &str) -> Option<Box<[Arc<str>]>> {
    let mut members = BTreeSet::new();
    for (before, behind) in occurrences(source, name) {
        if !before.ends_with(['$', '!', '{']) || behind.starts_with(is_part) {
            continue;
        }
        let member = behind.strip_prefix('.').filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))?;
        let (member, behind) = member.split_at(member.find(|c| !is_part(c)).unwrap_or(member.len()));
        if behind.trim_start().starts_with('(') {
            return None;
        }
        // What stands behind a `-` may be no part of the name.
        members.extend(member.match_indices('-').map(|(at, _)| &member[..at]).chain([member]));
    }
    Some(members.into_iter().map(Arc::from).collect())
}

/// The arguments of a method, if it is called with none but one plain text each time.
pub(super) fn arguments_of(source: &str, name: &str) -> Option<Box<[Arc<str>]>> {
    let mut arguments = BTreeSet::new();
    for (before, behind) in occurrences(source, name) {
        if !before.ends_with('.') || behind.starts_with(is_part) {
            continue;
        }
        let behind = behind.strip_prefix('(')?.trim_start();
        let quote = behind.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (argument, behind) = behind[1..].split_once(quote)?;
        if !behind.trim_start().starts_with(')') || argument.contains(['$', '#', '\\']) {
            return None;
        }
        arguments.insert(argument);
    }
    Some(arguments.into_iter().map(Arc::from).collect())
}

/// What stands before and behind each time that the word is written.
fn occurrences<'s>(source: &'s str, word: &'s str) -> impl Iterator<Item = (&'s str, &'s str)> {
    source.match_indices(word).map(move |(at, _)| (&source[..at], &source[at + word.len()..]))
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{arguments_of, members_of};

    fn listed(names: Option<Box<[Arc<str>]>>) -> String {
        names.map_or("any".to_owned(), |names| names.join(" "))
    }

    #[test]
    fn members_that_a_template_looks_at() {
        let rows = [
            ("", ""),
            ("no context here, nor mycontext or $contextual.x", ""),
            ("$context.id and $!context.page", "id page"),
            ("${context.identity.address} $!{context.path}.", "identity path"),
            ("#set($context.responseOverride.status = 400)", "responseOverride"),
            ("$util.escapeJavaScript(\"$context.page\") $x.context $!x.context(1)", "page"),
            ("$context.page-x", "page page-x"),
            ("$context.identity.get('address') $context.page.length()", "identity page"),
            ("$context", "any"),
            ("$context.", "any"),
            ("$context.page #set($all = $context)", "any"),
            ("$context['page']", "any"),
            ("$context.get('page')", "any"),
            ("$context.get ('page')", "any"),
            ("#foreach($name in $context.keySet())$name#end", "any"),
            ("${context}", "any"),
        ];
        for (source, expected) in rows {
            assert_eq!(listed(members_of(source, "context")), expected, "{source}");
        }
    }

    #[test]
    fn arguments_that_a_template_gives() {
        let rows = [
            ("", ""),
            ("no params here, nor $params or $input.paramsOf('x')", ""),
            ("$input.params('a')$input.params( \"b-c\" ).length()", "a b-c"),
            ("#set($i = $input)$i.params('X-Y')", "X-Y"),
            ("$input.params()", "any"),
            ("$input.params", "any"),
            ("$input.params().header", "any"),
            ("$input.params($name)", "any"),
            ("$input.params(\"$name\")", "any"),
            ("$input.params(\"#if(true)a#end\")", "any"),
            ("$input.params('it''s')", "any"),
            ("$input.params('a', 'b')", "any"),
            ("$input.params('a' + 'b')", "any"),
            ("$input.params('a", "any"),
        ];
        for (source, expected) in rows {
            assert_eq!(listed(arguments_of(source, "params")), expected, "{source}");
        }
    }
}
