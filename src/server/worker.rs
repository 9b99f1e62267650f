//! `Worker`: what one serving thread keeps: its connections to backends, its lines of the access log, its count of clients.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, Semaphore};

use super::access_log::Lines;
use super::in_flight::InFlightLayer;
use super::inspector::Budget;
use super::process::{Generation, Process};
use crate::exchange::sample::Sample;
use crate::failure::Failure;
use crate::gateway::BodyCheck;
use crate::integration::Backends;
use crate::log::{self, Level};

/// How often idle upstream connections are looked after.
const SWEEP: Duration = Duration::from_secs(5);
/// How long a line of the access log is held back.
const FLUSH: Duration = Duration::from_millis(200);
/// How often it is looked, at the end, whether calls in the background have ended.
const LOOK: Duration = Duration::from_millis(10);

/// One thread that serves.
pub(crate) struct Worker {
    /// What all threads share.
    pub process: Arc<Process>,
    /// Access log lines that are not written yet.
    pub lines: Lines,
    samples: Budget,
    failures: Budget,
    /// Checks that take long are done one at a time, beside this thread.
    checks: Semaphore,
    local: RefCell<Rc<Local>>,
    /// Bytes that are kept of streams, while they last, for who looks.
    pub shown: Cell<usize>,
    open: Cell<usize>,
    closed: Notify,
}

/// The current generation with this thread's backends.
pub(crate) struct Local {
    /// The generation.
    pub generation: Arc<Generation>,
    /// Its backends, as this thread calls them.
    pub backends: Backends,
}

impl Local {
    fn new(process: &Process) -> Rc<Local> {
        let generation = process.current();
        let backends = Backends::new(&generation.shared);
        Rc::new(Local { generation, backends })
    }
}

/// Counts an open connection of a worker while it lives.
pub(crate) struct Open(Rc<Worker>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.set(self.0.open.get() - 1);
        self.0.closed.notify_one();
    }
}

impl Worker {
    /// A worker that has no connection yet.
    pub(crate) fn new(process: Arc<Process>) -> Worker {
        let local = RefCell::new(Local::new(&process));
        Worker {
            process,
            lines: Lines::default(),
            samples: Budget::of_samples(),
            failures: Budget::of_failures(),
            checks: Semaphore::new(1),
            local,
            shown: Cell::new(0),
            open: Cell::new(0),
            closed: Notify::new(),
        }
    }

    /// The generation for a request that begins.
    pub(crate) fn local(&self) -> Rc<Local> {
        let mut local = self.local.borrow_mut();
        if local.generation.number != self.process.number() {
            *local = Local::new(&self.process);
        }
        local.clone()
    }

    /// Counts a connection.
    pub(crate) fn open(self: &Rc<Worker>) -> Open {
        self.open.set(self.open.get() + 1);
        Open(self.clone())
    }

    /// The bound of the requests that all threads answer at once.
    pub(crate) fn in_flight_layer(&self, most: usize) -> InFlightLayer {
        let metrics = &self.process.metrics;
        let (refused, gauge) = (metrics.requests_refused.clone(), metrics.in_flight.clone());
        InFlightLayer::new(self.process.in_flight.clone(), most, refused, gauge)
    }

    /// A sample of an exchange that begins now, if the log or the page wants to know.
    pub(crate) fn sample(&self, now: Instant) -> Option<Box<Sample>> {
        let wanted = log::enabled(Level::Debug) || (self.process.inspector.is_on() && self.samples.take(now));
        wanted.then(Sample::take)
    }

    /// Checks a body that may take long, while this thread serves others.
    pub(crate) async fn check(&self, check: BodyCheck) -> Result<(), Failure> {
        let _turn = self.checks.acquire().await;
        let verdict = tokio::task::spawn_blocking(move || check.run()).await;
        verdict.unwrap_or_else(|e| Err(Failure::Internal(e.to_string())))
    }

    /// Whether an exchange that failed is kept although nobody sampled it.
    pub(crate) fn keeps_failure(&self) -> bool {
        self.process.inspector.is_on() && self.failures.take(Instant::now())
    }

    /// Writes lines and closes idle connections to backends, for as long as it is polled.
    pub(crate) async fn look_after(self: Rc<Worker>) {
        loop {
            let local = self.local();
            let pause = if local.generation.access_log.is_some() { FLUSH } else { SWEEP };
            local.backends.sweep();
            drop(local);
            self.lines.flush();
            tokio::time::sleep(pause).await;
        }
    }

    /// Waits until every connection has ended, and every call that goes on behind an answered request.
    pub(crate) async fn ended(&self) {
        while self.open.get() > 0 {
            self.closed.notified().await;
        }
        while self.process.current().shared.background() > 0 {
            tokio::time::sleep(LOOK).await;
        }
    }
}
