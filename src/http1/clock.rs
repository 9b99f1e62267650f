//! The clock of a thread: what follows a look at it at once takes that look's time, as each look costs as much as a header line.

use std::cell::Cell;
use std::time::Instant;

thread_local! {
    static LAST: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Looks at the clock.
pub(crate) fn now() -> Instant {
    let now = Instant::now();
    LAST.set(Some(now));
    now
}

/// The time of the thread's last look. Whoever asks follows one without having waited in between.
pub(crate) fn recent() -> Instant {
    LAST.get().unwrap_or_else(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_look_is_kept() {
        let first = recent();
        assert_eq!(recent(), first);
        let second = now();
        assert!(second >= first);
        assert_eq!(recent(), second);
    }
}
