//! `Background`: counts the calls that go on behind an answered request, so that a shutdown can wait for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many there are, over all threads.
#[derive(Clone, Default)]
pub(crate) struct Background(Arc<AtomicUsize>);

/// One of them, while it lives.
pub(crate) struct Task(Background);

impl Background {
    /// Counts one more.
    pub(crate) fn task(&self) -> Task {
        self.0.fetch_add(1, Ordering::Relaxed);
        Task(self.clone())
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
