//! The inspector: the last exchanges with their traces, for the page on the admin port. Failures are kept apart, so that no
//! flood of good answers washes them away.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::Value;
use tokio::sync::watch;

use super::record::Record;

/// Exchanges that a thread records in a second on the long run: under load the page shows a sample, and costs nothing.
const PER_SECOND: f64 = 50.0;
/// Failures that a thread records in a second, sampled or not.
const FAILURES_PER_SECOND: f64 = 200.0;
/// Bytes of all exchanges that are kept; then the oldest go. Each takes up to 64 KiB of each of its bodies.
const BYTES: usize = 4 << 20;

/// The last exchanges.
pub(crate) struct Inspector {
    kept: Mutex<Kept>,
    capacity: usize,
    /// The number of the latest exchange, for whoever waits for it.
    latest: watch::Sender<u64>,
}

#[derive(Default)]
struct Kept {
    good: Ring,
    failed: Ring,
    /// Counts the exchanges that were kept.
    number: u64,
}

/// The last exchanges of one sort, the newest last.
#[derive(Default)]
struct Ring {
    records: VecDeque<(u64, Arc<Record>)>,
    bytes: usize,
}

impl Ring {
    fn keep(&mut self, number: u64, record: Record, capacity: usize) {
        self.bytes += record.size;
        self.records.push_back((number, Arc::new(record)));
        while self.records.len() > capacity || (self.bytes > BYTES / 2 && self.records.len() > 1) {
            let Some((_, oldest)) = self.records.pop_front() else { break };
            self.bytes -= oldest.size;
        }
    }
}

impl Inspector {
    /// Keeps that many exchanges, and as many failures; 0 turns it off.
    pub(crate) fn new(capacity: usize) -> Inspector {
        Inspector { kept: Mutex::default(), capacity, latest: watch::Sender::new(0) }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether exchanges are kept.
    pub(crate) fn is_on(&self) -> bool {
        self.capacity > 0
    }

    /// How many exchanges were recorded so far.
    pub(crate) fn number(&self) -> u64 {
        self.lock().number
    }

    /// Keeps one.
    pub(crate) fn keep(&self, record: Record) {
        let mut kept = self.lock();
        kept.number += 1;
        let number = kept.number;
        let ring = if record.failed { &mut kept.failed } else { &mut kept.good };
        ring.keep(number, record, self.capacity);
        drop(kept);
        self.latest.send_replace(number);
    }

    /// The exchanges kept after that number, the newest first, without their traces; and the number of the newest.
    pub(crate) fn after(&self, number: u64) -> (u64, Vec<Value>) {
        let (latest, mut records) = {
            let kept = self.lock();
            let records = kept.good.records.iter().chain(&kept.failed.records).filter(|(own, _)| *own > number);
            (kept.number, records.cloned().collect::<Vec<_>>())
        };
        records.sort_by_key(|(own, _)| std::cmp::Reverse(*own));
        (latest, records.into_iter().map(|(_, record)| record.summary.clone()).collect())
    }

    /// One exchange with everything.
    pub(crate) fn get(&self, id: &str) -> Option<Value> {
        let record = {
            let kept = self.lock();
            let mut records = kept.good.records.iter().chain(&kept.failed.records);
            records.find(|(_, record)| record.id == id).map(|(_, record)| record.clone())
        };
        record.map(|record| record.whole())
    }

    /// Tells the number of the latest exchange as it changes.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }
}

/// How many exchanges a thread may still record.
pub(crate) struct Budget {
    left: Cell<(f64, Instant)>,
    per_second: f64,
}

impl Budget {
    /// For exchanges that are sampled: enough for a few requests by hand at once.
    pub(crate) fn of_samples() -> Budget {
        Budget { left: Cell::new((PER_SECOND, Instant::now())), per_second: PER_SECOND }
    }

    /// For failures that were not sampled.
    pub(crate) fn of_failures() -> Budget {
        Budget { left: Cell::new((FAILURES_PER_SECOND, Instant::now())), per_second: FAILURES_PER_SECOND }
    }

    /// Whether the next exchange is recorded.
    pub(crate) fn take(&self, now: Instant) -> bool {
        let (mut left, mut since) = self.left.get();
        if left < 1.0 {
            left = (left + now.saturating_duration_since(since).as_secs_f64() * self.per_second).min(self.per_second);
            since = since.max(now);
        }
        let granted = left >= 1.0;
        self.left.set((if granted { left - 1.0 } else { left }, since));
        granted
    }
}
