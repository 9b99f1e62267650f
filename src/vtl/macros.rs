//! The macros that are known: the first definition of a name wins.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::ast::Macro;
use super::names::Names;

/// Velocity's own pluggable directives.
const DIRECTIVES: [&str; 9] =
    ["foreach", "include", "parse", "macro", "literal", "evaluate", "break", "define", "stop"];

/// Whether Velocity has a directive of its own of that name (`#if` and `#set` belong to the grammar).
pub(super) fn is_directive(name: &str) -> bool {
    DIRECTIVES.contains(&name)
}

/// Macros by name, and what else the texts of a template share.
#[derive(Debug, Default, Clone)]
pub(super) struct Macros {
    /// Names that a parser has met: they matter to backslashes only.
    seen: HashSet<Arc<str>, FxBuildHasher>,
    table: HashMap<Arc<str>, Arc<Macro>, FxBuildHasher>,
    /// The names of variables that the text speaks of.
    pub(super) names: Names,
    /// The template's text, for the places of errors.
    pub(super) source: Arc<str>,
}

impl Macros {
    /// The macro of that name.
    pub(super) fn get(&self, name: &str) -> Option<&Arc<Macro>> {
        self.table.get(name)
    }

    /// Whether that macro can be called already.
    pub(super) fn is_defined(&self, name: &str) -> bool {
        self.table.contains_key(name)
    }

    /// Whether a backslash before that name escapes it.
    pub(super) fn is_escapable(&self, name: &str) -> bool {
        is_directive(name) || self.seen.contains(name) || self.is_defined(name)
    }

    /// The parser has read a definition.
    pub(super) fn see(&mut self, name: &str) {
        if !self.seen.contains(name) {
            self.seen.insert(Arc::from(name));
        }
    }

    /// Makes a macro callable, unless its name is taken.
    pub(super) fn define(&mut self, definition: Arc<Macro>) {
        // Velocity's default permissions: an inline macro does not replace one that exists.
        self.table.entry(definition.name.clone()).or_insert(definition);
    }
}
