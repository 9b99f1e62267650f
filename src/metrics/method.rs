//! The series of a method, or of the requests that match none.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::counter::{Counter, Counters};
use super::histogram::Durations;
use super::words::{FaultCause, MaskedKind};

/// The series of a method: made with their first use, but for those that are asked for at load.
pub struct MethodMetrics {
    /// The label.
    pub(super) resource: Arc<str>,
    /// The label.
    pub(super) method: Box<str>,
    pub(super) responses: Counters<u16>,
    pub(super) failures: Counters<(u16, &'static str)>,
    pub(super) faults: Counters<&'static str>,
    rules: Mutex<Vec<Arc<Rule>>>,
    pub(super) step_limits: Counters<Box<str>>,
    masked: [Counter; 3],
    /// The kinds of masked error that are shown, a bit each.
    shown: AtomicU8,
    pub(super) durations: Kept,
}

/// Where a method's durations go.
pub(super) enum Kept {
    Own(Durations),
    Together(Arc<Durations>),
    Nowhere,
}

/// The matches of an integration response.
pub struct Rule {
    pub(super) pattern: Box<str>,
    pub(super) status: u16,
    /// How often it was chosen.
    pub matches: Counter,
}

/// What the page shows of a method.
#[derive(Debug)]
pub(crate) struct Counts {
    /// By status.
    pub responses: Vec<(u16, u64)>,
    pub masked: u64,
    /// Seconds.
    pub p50: Option<f64>,
    pub p99: Option<f64>,
}

impl MethodMetrics {
    pub(super) fn new(resource: Arc<str>, method: &str, durations: Kept) -> MethodMetrics {
        MethodMetrics {
            resource,
            method: method.into(),
            responses: Counters::default(),
            failures: Counters::default(),
            faults: Counters::default(),
            rules: Mutex::default(),
            step_limits: Counters::default(),
            masked: Default::default(),
            shown: AtomicU8::new(0),
            durations,
        }
    }

    /// Counts an answer.
    pub fn response(&self, status: u16) {
        self.responses.get(|s| *s == status, || status).inc();
    }

    /// The counter of a cause with the status it gives.
    pub fn failure(&self, status: u16, cause: &'static str) -> &Counter {
        self.failures.get(|key| *key == (status, cause), || (status, cause))
    }

    /// The counter of what goes wrong on purpose; shown as 0 from now on.
    pub(crate) fn fault(&self, cause: FaultCause) -> &Counter {
        self.faults.get(|word| *word == cause.as_str(), || cause.as_str())
    }

    /// The matches of an integration response; shown as 0 from now on.
    pub fn integration_response(&self, pattern: &str, status: u16) -> Arc<Rule> {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rule) = rules.iter().find(|rule| (&*rule.pattern, rule.status) == (pattern, status)) {
            return rule.clone();
        }
        let rule = Arc::new(Rule { pattern: pattern.into(), status, matches: Counter::default() });
        rules.push(rule.clone());
        rule
    }

    /// Every integration response.
    pub(super) fn rules(&self) -> Vec<Arc<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets go of the integration responses whose pattern is no more.
    pub(super) fn keep(&self, is_kept: impl Fn(&str) -> bool) {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        rules.retain(|rule| is_kept(&rule.pattern));
    }

    /// The texts on which a selection pattern took too many steps; shown as 0 from now on.
    pub fn step_limit(&self, pattern: &str) -> &Counter {
        self.step_limits.get(|p| **p == *pattern, || pattern.into())
    }

    /// Shows a kind of masked error as 0 from now on.
    pub fn can_mask(&self, kind: MaskedKind) {
        self.shown.fetch_or(1 << kind as u8, Ordering::Relaxed);
    }

    /// Counts a backend failure that the client saw as a status below 400.
    pub fn masked(&self, kind: MaskedKind) {
        self.can_mask(kind);
        self.masked[kind as usize].inc();
    }

    /// The masked errors, by kind.
    pub(super) fn masked_errors(&self) -> impl Iterator<Item = (MaskedKind, u64)> {
        let shown = self.shown.load(Ordering::Relaxed);
        let kinds = MaskedKind::ALL.into_iter().filter(move |kind| shown & (1 << *kind as u8) != 0);
        kinds.map(|kind| (kind, self.masked[kind as usize].get()))
    }

    /// Observes from the request to the answer, and the backend's share.
    pub fn observe(&self, request: Duration, integration: Option<Duration>, first_byte: Option<Duration>) {
        let durations = match &self.durations {
            Kept::Own(durations) => durations,
            Kept::Together(durations) => durations,
            Kept::Nowhere => return,
        };
        durations.request.observe(request);
        if let Some(integration) = integration {
            durations.integration.observe(integration);
        }
        if let Some(first_byte) = first_byte {
            durations.first_byte.observe(first_byte);
        }
    }

    /// How many answers have left so far.
    pub(super) fn answered(&self) -> u64 {
        self.responses.iter().map(|(_, count)| count).sum()
    }

    /// What the page shows.
    pub(crate) fn counts(&self) -> Counts {
        let request = match &self.durations {
            Kept::Own(durations) => durations.request.get(),
            Kept::Together(_) | Kept::Nowhere => None,
        };
        let quantile = |q| request.and_then(|histogram| histogram.quantile(q));
        Counts {
            responses: self.responses.iter().map(|(status, count)| (*status, count)).collect(),
            masked: self.masked_errors().map(|(_, count)| count).sum(),
            p50: quantile(0.5),
            p99: quantile(0.99),
        }
    }
}
