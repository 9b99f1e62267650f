//! Branches of a template: which arms of an `#if` were taken, and which loops ran. The nodes that count them are in the tree of a
//! template that was read to be counted, and in no other: a render that nobody watches meets none.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::error::{Error, ErrorKind};

/// How often something ran.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hits(Arc<AtomicUsize>);

impl Hits {
    /// Once more.
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How often so far.
    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// A way that a render may take.
#[derive(Debug, Clone)]
pub(crate) struct Branch {
    /// What leads to it.
    pub(crate) kind: BranchKind,
    /// The line of its directive, counted from 1.
    pub(crate) line: usize,
    /// The column in characters, counted from 1.
    pub(crate) column: usize,
    /// How often it was taken.
    pub(crate) hits: Hits,
}

/// What leads to a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BranchKind {
    If,
    ElseIf,
    Else,
    /// An `#if` without an `#else`, of which no condition holds.
    NoArm,
    /// A loop has an element.
    Foreach,
    /// A loop has none.
    EmptyForeach,
}

impl fmt::Display for BranchKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BranchKind::If => "#if",
            BranchKind::ElseIf => "#elseif",
            BranchKind::Else => "#else",
            BranchKind::NoArm => "#if without effect",
            BranchKind::Foreach => "#foreach",
            BranchKind::EmptyForeach => "#foreach over nothing",
        })
    }
}

/// The branches that a parse has met.
#[derive(Debug, Default)]
pub(super) struct Branches(RefCell<Vec<Branch>>);

impl Branches {
    /// One more, at a byte offset of the source.
    pub(super) fn meet(&self, kind: BranchKind, source: &str, at: usize) -> Hits {
        let Error { line, column, .. } = Error::at(ErrorKind::Parse, source, at, String::new());
        let hits = Hits::default();
        self.0.borrow_mut().push(Branch { kind, line, column, hits: hits.clone() });
        hits
    }

    /// How many so far.
    pub(super) fn count(&self) -> usize {
        self.0.borrow().len()
    }

    /// Those after so many are none.
    pub(super) fn forget(&self, count: usize) {
        self.0.borrow_mut().truncate(count);
    }

    /// All, in the order of the source.
    pub(super) fn all(self) -> Vec<Branch> {
        let mut branches = self.0.into_inner();
        branches.sort_by_key(|branch| (branch.line, branch.column));
        branches
    }
}

#[cfg(test)]
mod tests {
    use crate::value::json;
    use crate::vtl::{Limits, Scope, Template};

    /// A template over `$in`, and its branches with how often each was taken.
    const COUNTED: &[(&str, &[&str])] = &[
        ("no branch $in.a", &[]),
        ("#if($in.a)x#end", &["1:1 #if 1", "1:1 #if without effect 0"]),
        ("#if($in.a == 2)x#elseif($in.a == 1)y#else z#end", &["1:1 #if 0", "1:17 #elseif 1", "1:37 #else 0"]),
        (
            "#foreach($x in $in.list)\n#if($x > 1)b#end#end",
            &["1:1 #foreach 3", "1:1 #foreach over nothing 0", "2:1 #if 2", "2:1 #if without effect 1"],
        ),
        ("#foreach($x in $in.none)a#end", &["1:1 #foreach 0", "1:1 #foreach over nothing 1"]),
        ("#foreach($x in $in.z)a#end", &["1:1 #foreach 0", "1:1 #foreach over nothing 1"]),
        ("#macro(m $y)#if($y)a#else b#end#end#m(1)#m(false)", &["1:13 #if 1", "1:21 #else 1"]),
        ("#set($t = \"#if($in.a)x#else y#end\")$t", &["1:11 #if 1", "1:11 #else 0"]),
        ("#literal()#if($x)a#end#end#if($in.a)x#else y#end", &["1:27 #if 1", "1:38 #else 0"]),
        ("#foreach($x in $in.list)#break#end", &["1:1 #foreach 1", "1:1 #foreach over nothing 0"]),
    ];

    #[test]
    fn branches_are_counted_and_change_nothing() {
        for (source, told) in COUNTED {
            let scope = || {
                let mut scope = Scope::new();
                scope.set("in", json::parse(r#"{"a":1,"list":[1,2,3],"none":[]}"#).expect("JSON"));
                scope
            };
            let (template, branches) = Template::parse_counted(source).expect("a template");
            let counted = template.render(&mut scope(), &Limits::default()).expect("a text");
            let plain = Template::parse(source).expect("a template");
            assert_eq!(counted, plain.render(&mut scope(), &Limits::default()).expect("a text"), "{source}");
            let branches: Vec<String> =
                branches.iter().map(|b| format!("{}:{} {} {}", b.line, b.column, b.kind, b.hits.get())).collect();
            assert_eq!(branches, *told, "{source}");
        }
    }
}
