//! What a client is expected to do, and how long it may take.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::clock;

/// What a client is expected to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Send a request, some time.
    Idle,
    /// Send the rest of a head.
    Head,
    /// Wait: its request is being answered.
    Busy,
    /// Take its answer.
    Writing,
    /// Take a stream, or wait for more of it: which one is not known (HTTP/2).
    Streaming,
}

/// How far a connection is.
#[derive(Debug)]
pub(crate) struct Progress {
    /// What the client is expected to do, and since when.
    phase: Cell<(Phase, Instant)>,
    /// Whether the process is about to end: answers say `Connection: close`.
    closing: Cell<bool>,
}

impl Progress {
    /// Of a new connection.
    pub(crate) fn new() -> Progress {
        Progress { phase: Cell::new((Phase::Idle, clock::now())), closing: Cell::new(false) }
    }

    /// The phase, and since when.
    pub(crate) fn phase(&self) -> (Phase, Instant) {
        self.phase.get()
    }

    /// Another phase begins, or the same one again.
    pub(crate) fn enter(&self, phase: Phase) {
        self.enter_at(phase, clock::now());
    }

    /// The same, where the time is known.
    pub(crate) fn enter_at(&self, phase: Phase, now: Instant) {
        self.phase.set((phase, now));
    }

    /// The connection is to end with the present request.
    pub(crate) fn close(&self) {
        self.closing.set(true);
    }

    /// Whether the connection is to end with the present request.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.get()
    }
}

/// How long clients may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For the rest of a head.
    pub head: Duration,
    /// For the next request, and for taking any of an answer.
    pub idle: Duration,
    /// For a connection of HTTP/2 on which only streams are left, and nothing goes by.
    pub stream: Duration,
}

/// What is to be done with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing; look again after that time.
    Keep(Duration),
    /// It is idle: close it.
    Close,
    /// The client is too slow: break it off.
    Break,
}

impl Patience {
    /// Judges a connection that has been in that phase since then.
    pub(crate) fn judge(&self, (phase, since): (Phase, Instant)) -> Verdict {
        let waited = since.elapsed();
        let (patience, end) = match phase {
            Phase::Busy => return Verdict::Keep(self.head),
            // The backend's patience is as long.
            Phase::Streaming => (self.stream, Verdict::Break),
            Phase::Idle => (self.idle, Verdict::Close),
            Phase::Head => (self.head, Verdict::Break),
            Phase::Writing => (self.idle, Verdict::Break),
        };
        match patience.checked_sub(waited) {
            Some(left) if !left.is_zero() => Verdict::Keep(left.min(self.head)),
            _ => end,
        }
    }
}
