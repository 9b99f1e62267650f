//! `Concurrency`: how many calls of a function run at once, over all threads, and how many may.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use prometheus::IntGauge;

/// A function's calls that run.
pub(crate) struct Concurrency {
    running: AtomicUsize,
    most: AtomicUsize,
    gauge: IntGauge,
}

impl Concurrency {
    /// None runs yet; `gauge` follows those that do.
    pub(crate) fn new(most: usize, gauge: IntGauge) -> Concurrency {
        Concurrency { running: AtomicUsize::new(0), most: AtomicUsize::new(most), gauge }
    }

    /// Another bound, after a reload.
    pub(crate) fn set_most(&self, most: usize) {
        self.most.store(most, Ordering::Relaxed);
    }

    /// Counts one more, unless as many run as may.
    pub(crate) fn enter(self: &Arc<Concurrency>) -> Option<Running> {
        let most = self.most.load(Ordering::Relaxed);
        let more = |running: usize| (running < most).then_some(running + 1);
        self.running.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        self.gauge.inc();
        Some(Running(self.clone()))
    }
}

/// One call, for as long as it runs: up to the last byte of an answer that streams.
pub(crate) struct Running(Arc<Concurrency>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
        self.0.gauge.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_may_run_at_once() {
        let gauge = IntGauge::new("running", "running").unwrap_or_else(|e| unreachable!("{e}"));
        let concurrency = Arc::new(Concurrency::new(2, gauge.clone()));
        let (a, b, c) = (concurrency.enter(), concurrency.enter(), concurrency.enter());
        assert_eq!((a.is_some(), b.is_some(), c.is_some(), gauge.get()), (true, true, false, 2));
        drop(a);
        assert!(concurrency.enter().is_some());
        concurrency.set_most(1);
        assert!(concurrency.enter().is_none());
        drop(b);
        assert_eq!(gauge.get(), 0);
    }
}
