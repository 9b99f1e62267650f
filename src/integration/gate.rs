//! `Gate`: lets one call through at a time, whichever thread it comes from; the rest wait in line, up to a bound.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use prometheus::IntGauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The line before a backend that takes one call at a time.
pub(crate) struct Gate {
    turn: Arc<Semaphore>,
    waiting: AtomicUsize,
    longest: usize,
    depth: IntGauge,
}

impl Gate {
    /// A gate whose line holds at most `longest` calls; `depth` follows its length.
    pub(crate) fn new(longest: usize, depth: IntGauge) -> Gate {
        Gate { turn: Arc::new(Semaphore::new(1)), waiting: AtomicUsize::new(0), longest, depth }
    }

    /// Gets in line, unless it is full.
    pub(crate) fn enter(self: &Arc<Gate>) -> Option<Place> {
        if let Ok(permit) = self.turn.clone().try_acquire_owned() {
            return Some(Place::Through(permit));
        }
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        if before >= self.longest {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        self.depth.inc();
        Some(Place::InLine(InLine(self.clone())))
    }
}

/// A place in line; leaving early frees it.
pub(crate) enum Place {
    /// It was our turn at once.
    Through(OwnedSemaphorePermit),
    /// Others are before us.
    InLine(InLine),
}

/// Counts one waiting call while it lives.
pub(crate) struct InLine(Arc<Gate>);

impl Drop for InLine {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
        self.0.depth.dec();
    }
}

impl Place {
    /// Waits for our turn, which lasts as long as what is returned. `None` only if the gate is gone.
    pub(crate) async fn turn(self) -> Option<OwnedSemaphorePermit> {
        match self {
            Place::Through(permit) => Some(permit),
            Place::InLine(place) => place.0.turn.clone().acquire_owned().await.ok(),
        }
    }
}
