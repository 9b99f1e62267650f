//! The entries of a map: few are searched one by one, more have an index.

use std::hash::{BuildHasherDefault, Hash};

use indexmap::{Equivalent, IndexMap};
use rustc_hash::FxHasher;

/// Up to how many entries looking at each beats hashing; most JSON objects have no more.
const FEW: usize = 8;

type Indexed<T> = IndexMap<T, T, BuildHasherDefault<FxHasher>>;

/// The entries of a map, in insertion order.
#[derive(Clone)]
pub struct Entries<T>(Store<T>);

#[derive(Clone)]
enum Store<T> {
    Few(Vec<(T, T)>),
    Many(Box<Indexed<T>>),
}

impl<T> Default for Entries<T> {
    fn default() -> Entries<T> {
        Entries(Store::Few(Vec::new()))
    }
}

/// What finds a key.
pub trait Key<T>: Hash + Equivalent<T> {}

impl<T, K: Hash + Equivalent<T>> Key<T> for K {}

impl<T: Hash + Eq> Entries<T> {
    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Store::Few(pairs) => pairs.len(),
            Store::Many(map) => map.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where a key stands.
    pub fn get_index_of(&self, key: &impl Key<T>) -> Option<usize> {
        match &self.0 {
            Store::Few(pairs) => pairs.iter().position(|(k, _)| key.equivalent(k)),
            Store::Many(map) => map.get_index_of(key),
        }
    }

    /// Whether there is such a key.
    pub fn contains_key(&self, key: &impl Key<T>) -> bool {
        self.get_index_of(key).is_some()
    }

    /// The value of a key.
    pub fn get(&self, key: &impl Key<T>) -> Option<&T> {
        match &self.0 {
            Store::Few(pairs) => pairs.iter().find(|(k, _)| key.equivalent(k)).map(|(_, value)| value),
            Store::Many(map) => map.get(key),
        }
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &impl Key<T>) -> Option<&mut T> {
        match &mut self.0 {
            Store::Few(pairs) => pairs.iter_mut().find(|(k, _)| key.equivalent(k)).map(|(_, value)| value),
            Store::Many(map) => map.get_mut(key),
        }
    }

    /// The entry that stands there.
    pub fn get_index(&self, index: usize) -> Option<(&T, &T)> {
        match &self.0 {
            Store::Few(pairs) => pairs.get(index).map(|(key, value)| (key, value)),
            Store::Many(map) => map.get_index(index),
        }
    }

    /// The value that stands there, to change it.
    pub fn value_at_mut(&mut self, index: usize) -> Option<&mut T> {
        match &mut self.0 {
            Store::Few(pairs) => pairs.get_mut(index).map(|(_, value)| value),
            Store::Many(map) => map.get_index_mut(index).map(|(_, value)| value),
        }
    }

    /// Sets a key: a new one at the end, an old one where it stands. Gives the value that it had.
    pub fn insert(&mut self, key: T, value: T) -> Option<T> {
        if let Some(slot) = self.get_mut(&key) {
            return Some(std::mem::replace(slot, value));
        }
        self.append(key, value);
        None
    }

    /// Adds a key that is not there yet.
    pub(super) fn append(&mut self, key: T, value: T) {
        match &mut self.0 {
            Store::Few(pairs) if pairs.len() < FEW => pairs.push((key, value)),
            Store::Few(pairs) => {
                let mut map: Indexed<T> = std::mem::take(pairs).into_iter().collect();
                map.insert(key, value);
                self.0 = Store::Many(Box::new(map));
            }
            Store::Many(map) => {
                map.insert(key, value);
            }
        }
    }

    /// Removes the entry that stands there; those behind it move up.
    pub fn remove(&mut self, index: usize) -> Option<T> {
        match &mut self.0 {
            Store::Few(pairs) => (index < pairs.len()).then(|| pairs.remove(index).1),
            // Not swapped with the last: the order of insertion shows.
            Store::Many(map) => map.shift_remove_index(index).map(|(_, value)| value),
        }
    }

    /// Removes all.
    pub fn clear(&mut self) {
        *self = Entries::default();
    }

    /// Key and value of each.
    pub fn iter(&self) -> impl Iterator<Item = (&T, &T)> {
        let (few, many) = match &self.0 {
            Store::Few(pairs) => (pairs.as_slice(), None),
            Store::Many(map) => (&[][..], Some(map.iter())),
        };
        few.iter().map(|(key, value)| (key, value)).chain(many.into_iter().flatten())
    }

    /// The keys.
    pub fn keys(&self) -> impl Iterator<Item = &T> {
        self.iter().map(|(key, _)| key)
    }

    /// The values.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.iter().map(|(_, value)| value)
    }

    /// Key and value of each.
    pub(super) fn into_pairs(self) -> impl Iterator<Item = (T, T)> {
        let (few, many) = match self.0 {
            Store::Few(pairs) => (pairs, None),
            Store::Many(map) => (Vec::new(), Some(map.into_iter())),
        };
        few.into_iter().chain(many.into_iter().flatten())
    }
}

/// The order does not count.
impl<T: Hash + Eq> PartialEq for Entries<T> {
    fn eq(&self, other: &Entries<T>) -> bool {
        self.len() == other.len() && self.iter().all(|(key, value)| other.get(key).is_some_and(|v| v == value))
    }
}

impl<T: Hash + Eq> FromIterator<(T, T)> for Entries<T> {
    fn from_iter<I: IntoIterator<Item = (T, T)>>(pairs: I) -> Entries<T> {
        let pairs = pairs.into_iter();
        let mut entries = Entries(Store::Few(Vec::with_capacity(pairs.size_hint().0.min(FEW))));
        for (key, value) in pairs {
            entries.insert(key, value);
        }
        entries
    }
}
