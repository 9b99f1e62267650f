//! File descriptors: how many the process may have, and how many of them client connections leave to all else.

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::log;

/// The least that is left to the admin port, backends, files and the runtime.
const LEAST: usize = 32;
/// The most that is.
const MOST: usize = 4_096;

/// Raises the soft limit to the hard one, which needs no right, and gives what it is then; `None` when there is no bound.
pub(crate) fn raise() -> Option<usize> {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let soft = limit.current;
        limit.current = limit.maximum;
        if let Err(e) = setrlimit(Resource::Nofile, limit) {
            log::warn("the limit of open files cannot be raised", &[("error", &std::io::Error::from(e))]);
            limit.current = soft;
        }
    }
    limit.current.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

/// How many client connections there is room for. A request may need one descriptor more, for its backend.
pub(crate) fn room(limit: usize) -> usize {
    let reserve = (limit / 4).clamp(LEAST, MOST);
    limit.saturating_sub(reserve).max(1)
}

#[cfg(test)]
mod tests {
    #[test]
    fn some_are_left() {
        let rooms = [1, 64, 256, 1_024, 20_000, 1_048_576].map(super::room);
        assert_eq!(rooms, [1, 32, 192, 768, 15_904, 1_044_480]);
    }
}
