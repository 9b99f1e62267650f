//! The names that a template can look at, found in its text alone.

use std::collections::BTreeSet;

/// Words that may be names of references, properties or methods; more than there are, never fewer.
#[derive(Debug)]
pub(super) struct Mentioned {
    /// Sorted.
    words: Box<[Box<str>]>,
    /// The template can make names while it renders: by `#evaluate`, or by an escape in a string.
    any: bool,
}

impl Mentioned {
    /// The words of a template's text.
    pub(super) fn of(source: &str) -> Mentioned {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        // Cut from the text and not from the tree: a word too many costs a map that nobody looks at, one too few would cost a
        // value. Names also stand in strings, which are read late.
        let words: BTreeSet<&str> = source
            .split_inclusive(['$', '!', '{', '.'])
            .skip(1)
            .map(|rest| rest.split(|c| !is_part(c)).next().unwrap_or_default())
            .filter(|word| !word.is_empty())
            .collect();
        let any = source.contains("evaluate") || source.contains("\\u");
        Mentioned { words: words.into_iter().map(Box::from).collect(), any }
    }

    /// Whether the template may look at a variable of that name, or call such a method.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.any || self.words.binary_search_by(|word| (**word).cmp(name)).is_ok()
    }
}
