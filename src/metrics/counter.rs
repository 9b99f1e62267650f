//! A counter, and the counters of one family that a method has: each is made with its first use and stays.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Counts one.
    pub fn inc(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How many were counted.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counters by key, found by walking: a method has few. Nothing is ever taken out, so a request waits for no lock.
pub(super) struct Counters<K>(OnceLock<Box<Node<K>>>);

struct Node<K> {
    key: K,
    counter: Counter,
    next: Counters<K>,
}

impl<K> Default for Counters<K> {
    fn default() -> Counters<K> {
        Counters(OnceLock::new())
    }
}

impl<K> Counters<K> {
    /// The counter of the key that `is` knows; `make` makes the key when there is none yet.
    pub(super) fn get(&self, is: impl Fn(&K) -> bool, make: impl Fn() -> K) -> &Counter {
        let mut place = self;
        loop {
            let new = || Box::new(Node { key: make(), counter: Counter::default(), next: Counters::default() });
            // Another thread may put another key here meanwhile: then ours stands behind it.
            let node = place.0.get_or_init(new);
            if is(&node.key) {
                return &node.counter;
            }
            place = &node.next;
        }
    }

    /// All, in the order of their first use.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, u64)> {
        std::iter::successors(self.0.get(), |node| node.next.0.get()).map(|node| (&node.key, node.counter.get()))
    }
}
