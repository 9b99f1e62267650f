//! How much one template or path may still work, counted across the engines that it calls.
//!
//! A template calls paths, paths call regular expressions, and each has a limit of its own; a thousand calls that each end
//! just below theirs would still take hours. One unit is about what one node of a template takes.

use std::cell::Cell;

thread_local! {
    static LEFT: Cell<u64> = const { Cell::new(u64::MAX) };
}

/// Work may go on within this; dropping it gives back what is left.
pub(crate) struct Allowance {
    outer: u64,
    given: u64,
}

impl Allowance {
    /// So many units, or what is left of an allowance around this one.
    pub(crate) fn of(units: u64) -> Allowance {
        let outer = LEFT.get();
        let given = units.min(outer);
        LEFT.set(given);
        Allowance { outer, given }
    }
}

impl Drop for Allowance {
    fn drop(&mut self) {
        let used = self.given - left();
        LEFT.set(if self.outer == u64::MAX { u64::MAX } else { self.outer - used });
    }
}

/// Units that are left; without an allowance there is no end of them.
pub(crate) fn left() -> u64 {
    LEFT.get()
}

/// Takes units away.
pub(crate) fn spend(units: u64) {
    if LEFT.get() != u64::MAX {
        LEFT.set(LEFT.get().saturating_sub(units));
    }
}
