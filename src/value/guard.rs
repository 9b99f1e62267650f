//! Bounds for walks over values: lists and maps can hold themselves, and one list many times over.

use std::cell::Cell;

/// How many lists, maps and objects one walk enters at most.
const VISITS: u32 = 1_000_000;
/// How deep it goes.
const DEPTH: u32 = 150;

// Of the thread, as a walk goes through traits (`PartialEq`, `Hash`, `Object`) that have no parameter for it.
thread_local! {
    static LEFT: Cell<u32> = const { Cell::new(0) };
    static DEEP: Cell<u32> = const { Cell::new(0) };
    static EXHAUSTED: Cell<bool> = const { Cell::new(false) };
}

/// One level of a walk; leaving it is dropping it.
pub(super) struct Level;

impl Level {
    /// Goes one level down, unless the walk has taken too long or is too deep. The outermost level begins a new walk.
    pub(super) fn enter() -> Option<Level> {
        let deep = DEEP.get();
        if deep == 0 {
            LEFT.set(VISITS);
            EXHAUSTED.set(false);
        }
        if deep >= DEPTH || LEFT.get() == 0 {
            EXHAUSTED.set(true);
            return None;
        }
        LEFT.set(LEFT.get() - 1);
        DEEP.set(deep + 1);
        Some(Level)
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        DEEP.set(DEEP.get() - 1);
    }
}

/// Whether the walk under way, or else the last one, had to stop early.
pub(super) fn was_exhausted() -> bool {
    EXHAUSTED.get()
}
