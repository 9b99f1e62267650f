//! How much one read may do, and what it remembers of the way.

use super::fault::{Fault, other};
use super::query::Query;
use crate::value::work;

/// How deep a walk may go. A template can put a map into itself.
pub(super) const MAX_WALK_DEPTH: usize = 800;

/// How many steps one read may take, so that `$..*..*..*` on a large body ends.
pub(super) const MAX_STEPS: usize = 5_000_000;

/// What one read shares with the paths in its filters and functions.
pub(super) struct Budget {
    steps: usize,
    depth: usize,
    scanned: Vec<(*const Query, usize)>,
}

impl Budget {
    pub(super) fn new() -> Budget {
        Budget { steps: MAX_STEPS, depth: 0, scanned: Vec::new() }
    }

    /// Counts the steps as work. Fails when patterns and comparisons in filters took too much of it: then the answer is
    /// none.
    pub(super) fn settle(&self) -> Result<(), Fault> {
        work::spend((MAX_STEPS - self.steps) as u64);
        if work::left() == 0 { too_many_steps() } else { Ok(()) }
    }

    /// One more step, one level deeper.
    pub(super) fn enter(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        self.step()?;
        if self.depth > MAX_WALK_DEPTH { other("StackOverflowError") } else { Ok(()) }
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    pub(super) fn step(&mut self) -> Result<(), Fault> {
        match self.steps.checked_sub(1) {
            Some(left) => self.steps = left,
            None => return too_many_steps(),
        }
        Ok(())
    }

    /// Remembers where in an array the last step of the path was last walked to.
    pub(super) fn note_scanned(&mut self, query: &Query, index: usize) {
        match self.scanned.iter_mut().find(|(known, _)| std::ptr::eq(*known, query)) {
            Some((_, last)) => *last = index,
            None => self.scanned.push((query, index)),
        }
    }

    /// json-path keeps what a scan finds under an array only when the path names that index, and goes on to do so for
    /// whatever its last step meets afterwards: `$..[0].a` is right, but `$..*.a` finds nothing after the first array.
    pub(super) fn keeps(&self, query: &Query) -> bool {
        match self.scanned.iter().find(|(known, _)| std::ptr::eq(*known, query)) {
            Some((_, index)) => query.index_before_last.is_some_and(|i| usize::try_from(i) == Ok(*index)),
            None => true,
        }
    }
}

pub(super) fn too_many_steps<T>() -> Result<T, Fault> {
    other("the path takes too many steps")
}
