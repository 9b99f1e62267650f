//! The errors that are told: of all that a body has, only as many are kept.
//!
//! AWS's validator looks into a value only when the value itself is fine: errors inside a faulty one are not told. So an error is told
//! when what holds it stands before the first faulty value.

use std::collections::{BTreeMap, BTreeSet};

use super::message;

/// Where in the body a value is. Sorted, a value comes before what is in it, and its members by name.
pub(super) type Place = Vec<Key>;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Item(usize),
    Member(String),
}

/// The most bytes of one message: it quotes what the client sent.
const LONGEST: usize = 8 * 1024;

/// Errors by place, at most so many.
pub(super) struct Told {
    most: usize,
    found: BTreeMap<Place, Faults>,
}

#[derive(Default)]
struct Faults {
    messages: BTreeSet<String>,
    missing: BTreeSet<String>,
}

impl Told {
    pub(super) fn new(most: usize) -> Told {
        Told { most: most.max(1), found: BTreeMap::new() }
    }

    /// Whether an error at that place, or within, can still be told.
    pub(super) fn wants(&self, place: &[Key]) -> bool {
        let is_full = self.found.len() >= self.most;
        let is_before_the_last = || self.found.last_key_value().is_none_or(|(last, _)| place <= &last[..]);
        self.is_told(place) && (!is_full || is_before_the_last())
    }

    fn is_told(&self, place: &[Key]) -> bool {
        let Some((first, _)) = self.found.first_key_value() else { return true };
        place.split_last().is_none_or(|(_, holder)| holder < &first[..])
    }

    fn at(&mut self, place: &[Key]) -> Option<&mut Faults> {
        if !self.wants(place) {
            return None;
        }
        if !self.found.contains_key(place) {
            let is_first = self.found.first_key_value().is_none_or(|(first, _)| place < &first[..]);
            self.found.insert(place.to_vec(), Faults::default());
            if is_first {
                self.found.retain(|other, _| other.split_last().is_none_or(|(_, holder)| holder < place));
            }
            if self.found.len() > self.most {
                self.found.pop_last();
            }
        }
        self.found.get_mut(place)
    }

    /// An error at that place.
    pub(super) fn add(&mut self, place: &[Key], message: impl FnOnce() -> String) {
        let most = self.most;
        let Some(faults) = self.at(place).filter(|faults| faults.messages.len() < most) else { return };
        faults.messages.insert(clipped(message()));
    }

    /// The object at that place lacks a member.
    pub(super) fn add_missing(&mut self, place: &[Key], name: &str) {
        if let Some(faults) = self.at(place) {
            faults.missing.insert(serde_json::Value::from(name).to_string());
        }
    }

    /// `[…, …]`
    pub(super) fn into_text(self) -> String {
        let mut messages = Vec::new();
        for mut faults in self.found.into_values() {
            if !faults.missing.is_empty() {
                faults.messages.insert(message::missing(&faults.missing));
            }
            messages.extend(faults.messages);
        }
        messages.truncate(self.most);
        format!("[{}]", messages.join(", "))
    }
}

fn clipped(mut message: String) -> String {
    if message.len() > LONGEST {
        message.truncate(message.floor_char_boundary(LONGEST));
        message.push('…');
    }
    message
}
