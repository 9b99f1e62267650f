//! `At`: where the resolver is in the document, told only when a finding needs it.

use crate::config::document::join;

/// The keys under which mappings and templates stand: what has no value there makes every call fail.
const MAPPED: [&str; 4] = ["requestTemplates", "responseTemplates", "requestParameters", "responseParameters"];

/// A value's place on the way down.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    above: Option<&'a At<'a>>,
    step: PathSegment<'a>,
    /// Whether it is in a mapping or a template.
    pub mapped: bool,
}

#[derive(Clone, Copy)]
enum PathSegment<'a> {
    Path(&'a str),
    Key(&'a str),
    Item(usize),
}

impl<'a> At<'a> {
    /// A path to begin with.
    pub(crate) fn path(path: &'a str) -> At<'a> {
        At { above: None, step: PathSegment::Path(path), mapped: false }
    }

    /// The value of a key.
    pub(crate) fn key<'b>(&'b self, key: &'b str) -> At<'b>
    where
        'a: 'b,
    {
        let mapped = self.mapped || MAPPED.iter().any(|name| name.eq_ignore_ascii_case(key));
        At { above: Some(self), step: PathSegment::Key(key), mapped }
    }

    /// The same place, for a value that is only looked at to find another.
    pub(crate) fn aside(&self) -> At<'a> {
        At { mapped: false, ..*self }
    }

    /// An item of a list.
    pub(crate) fn item<'b>(&'b self, n: usize) -> At<'b>
    where
        'a: 'b,
    {
        At { above: Some(self), step: PathSegment::Item(n), mapped: self.mapped }
    }

    /// The whole path.
    pub(crate) fn to_path(self) -> String {
        let above = self.above.map(|at| at.to_path()).unwrap_or_default();
        match self.step {
            PathSegment::Path(path) => path.to_owned(),
            PathSegment::Key(key) => join(&above, key),
            PathSegment::Item(n) => format!("{above}[{n}]"),
        }
    }
}
