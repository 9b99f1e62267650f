//! The names of variables: in a template each has a number, under which a render finds it without looking at the name.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use rustc_hash::FxBuildHasher;

/// The name of a variable.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub text: Arc<str>,
    pub slot: Slot,
}

/// The number of a name.
pub(super) type Slot = u32;

pub(super) const FOREACH: Slot = 0;
pub(super) const LOOP_COUNT: Slot = 1;
pub(super) const LOOP_HAS_NEXT: Slot = 2;
pub(super) const BODY: Slot = 3;

/// Names that have the same number in all templates: what loops and macros set.
const KNOWN: [&str; 4] = ["foreach", "velocityCount", "velocityHasNext", "bodyContent"];

static KNOWN_NAMES: LazyLock<[Arc<str>; 4]> = LazyLock::new(|| KNOWN.map(Arc::from));

/// Up to how many names looking at each beats hashing.
const FEW: usize = 16;

/// The names that a template has met.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// All but the known ones.
    own: Vec<Arc<str>>,
    /// Where many stand, while a text is read.
    index: HashMap<Arc<str>, Slot, FxBuildHasher>,
}

impl Names {
    /// How many numbers there are.
    pub(super) fn count(&self) -> usize {
        KNOWN.len() + self.own.len()
    }

    /// The name, which has a number from now on.
    pub(super) fn meet(&mut self, text: Arc<str>) -> Name {
        if self.own.len() > FEW && self.index.is_empty() {
            self.index = self.own.iter().cloned().zip(KNOWN.len() as Slot..).collect();
        }
        if let Some(slot) = self.find(&text) {
            return Name { text: self.text(slot).clone(), slot };
        }
        let slot = self.count() as Slot;
        self.own.push(text.clone());
        if !self.index.is_empty() {
            self.index.insert(text.clone(), slot);
        }
        Name { text, slot }
    }

    /// The number of a name that was met.
    pub(super) fn find(&self, text: &str) -> Option<Slot> {
        if let Some(known) = KNOWN.iter().position(|known| *known == text) {
            return Some(known as Slot);
        }
        if !self.index.is_empty() {
            return self.index.get(text).copied();
        }
        self.own.iter().position(|own| **own == *text).map(|at| (KNOWN.len() + at) as Slot)
    }

    /// All names and their numbers.
    pub(super) fn all(&self) -> impl Iterator<Item = (&Arc<str>, Slot)> {
        KNOWN_NAMES.iter().chain(&self.own).zip(0..)
    }

    /// The text was read: what finds names fast can go.
    pub(super) fn shrink(&mut self) {
        self.own.shrink_to_fit();
        self.index = HashMap::default();
    }

    fn text(&self, slot: Slot) -> &Arc<str> {
        let slot = slot as usize;
        KNOWN_NAMES.get(slot).unwrap_or_else(|| &self.own[slot - KNOWN.len()])
    }
}
