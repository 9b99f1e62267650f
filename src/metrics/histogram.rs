//! A histogram of durations: a number for each bucket and a sum, nothing else, as a method has up to three of them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

/// Upper bounds of the buckets, in seconds: around API Gateway's 29 s limit they are dense enough for alerts.
pub(super) const BOUNDS: [f64; 17] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 25.0, 29.0, 30.0];

/// What of a method's requests histograms are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Histograms {
    /// Those of each method.
    #[default]
    Method,
    /// Those of all methods together.
    Api,
    /// None.
    None,
}

/// Durations, counted by bucket.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    /// The last one is above all bounds.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
    /// The last sampled one of each bucket: there once there was one.
    exemplars: OnceLock<Box<Mutex<Exemplars>>>,
}

/// The last of each bucket.
type Exemplars = [Option<Exemplar>; BOUNDS.len() + 1];

/// A duration that a trace tells more about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exemplar {
    pub(super) trace: [u8; 16],
    pub(super) seconds: f64,
    pub(super) time: SystemTime,
}

impl Histogram {
    fn observe(&self, duration: Duration, trace: Option<[u8; 16]>) {
        let seconds = duration.as_secs_f64();
        let bucket = BOUNDS.partition_point(|bound| *bound < seconds);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.nanoseconds.fetch_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        if let Some(trace) = trace {
            let exemplars = self.exemplars.get_or_init(Box::default);
            let exemplar = Exemplar { trace, seconds, time: SystemTime::now() };
            exemplars.lock().unwrap_or_else(PoisonError::into_inner)[bucket] = Some(exemplar);
        }
    }

    /// The last sampled one of each bucket.
    pub(super) fn exemplars(&self) -> Option<Exemplars> {
        let exemplars = self.exemplars.get()?;
        Some(*exemplars.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many took no longer than each bound; the last one is all.
    pub(super) fn cumulative(&self) -> [u64; BOUNDS.len() + 1] {
        let mut total = 0;
        self.buckets.each_ref().map(|bucket| {
            total += bucket.load(Ordering::Relaxed);
            total
        })
    }

    /// Seconds of all together.
    pub(super) fn sum(&self) -> f64 {
        Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed)).as_secs_f64()
    }

    /// As `histogram_quantile` of Prometheus has it: within a bucket, evenly.
    pub(super) fn quantile(&self, q: f64) -> Option<f64> {
        let cumulative = self.cumulative();
        let total = cumulative[BOUNDS.len()];
        if total == 0 {
            return None;
        }
        let rank = q * total as f64;
        let (mut below, mut start) = (0.0, 0.0);
        for (count, end) in cumulative.into_iter().zip(BOUNDS) {
            let count = count as f64;
            if count >= rank && count > below {
                return Some(start + (end - start) * (rank - below) / (count - below));
            }
            (below, start) = (count, end);
        }
        Some(start)
    }
}

/// A histogram that is made with its first use.
#[derive(Default)]
pub(super) struct OnUse(OnceLock<Box<Histogram>>);

impl OnUse {
    pub(super) fn observe(&self, duration: Duration, trace: Option<[u8; 16]>) {
        self.0.get_or_init(Box::default).observe(duration, trace);
    }

    pub(super) fn get(&self) -> Option<&Histogram> {
        self.0.get().map(|histogram| &**histogram)
    }
}

/// The histograms of a method, or of all.
#[derive(Default)]
pub(super) struct Durations {
    /// `request_duration_seconds`
    pub(super) request: OnUse,
    /// `integration_duration_seconds`
    pub(super) integration: OnUse,
    /// `response_first_byte_seconds`
    pub(super) first_byte: OnUse,
}
