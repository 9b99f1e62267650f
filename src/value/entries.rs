//! The entries of a map: few are searched one by one, more have an index.

use std::hash::Hash;

use ahash::RandomState;
use indexmap::{Equivalent, IndexMap};

/// Up to how many entries looking at each beats hashing; most JSON objects have no more.
const FEW: usize = 16;

/// Keys come from clients: with a hash that nobody can foresee none can choose keys that all fall into one place.
type Indexed<T> = IndexMap<T, T, RandomState>;

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

    /// So many entries whose keys are known to differ.
    pub(super) fn of_distinct(pairs: impl Iterator<Item = (T, T)>, count: usize) -> Entries<T> {
        if count <= FEW {
            return Entries(Store::Few(pairs.collect()));
        }
        Entries(Store::Many(Box::new(pairs.collect())))
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::hash::Hasher;

    thread_local! {
        static COMPARED: Cell<usize> = const { Cell::new(0) };
    }

    /// A key that counts how often it is compared.
    struct Counted(String);

    impl Hash for Counted {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    impl PartialEq for Counted {
        fn eq(&self, other: &Counted) -> bool {
            COMPARED.set(COMPARED.get() + 1);
            self.0 == other.0
        }
    }

    impl Eq for Counted {}

    /// Keys that hash alike where nobody keyed the hash: the third block begins with the hash of the first, which makes its second
    /// half count for nothing (rustc-hash).
    fn chosen_keys(count: usize) -> Vec<String> {
        let mix = |x: u64, y: u64| {
            let full = u128::from(x) * u128::from(y);
            full as u64 ^ (full >> 64) as u64
        };
        let block = |n: usize| format!("{n:016}");
        let half = |text: &str| text.bytes().rev().fold(0u64, |word, byte| word << 8 | u64::from(byte));
        let is_plain = |bytes: &[u8]| bytes.iter().all(|b| b.is_ascii_alphanumeric());
        let found = (0..).map(block).find_map(|first| {
            let t = mix(0x243f_6a88_85a3_08d3 ^ half(&first[..8]), 0xa409_3822_299f_31d0 ^ half(&first[8..]));
            let bytes = t.to_le_bytes();
            is_plain(&bytes).then(|| first + &block(0) + &String::from_utf8_lossy(&bytes))
        });
        let start = found.unwrap_or_default();
        (0..count).map(|n| format!("{start}{n:08}{}", block(0))).collect()
    }

    #[test]
    fn chosen_keys_are_found_as_others_are() {
        let mut entries = Entries::default();
        for key in chosen_keys(5_000) {
            entries.insert(Counted(key), Counted(String::new()));
        }
        assert_eq!(entries.len(), 5_000);
        assert!(COMPARED.get() < 20_000, "{} comparisons", COMPARED.get());
    }
}
