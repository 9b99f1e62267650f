//! `Found`: the map, and what is known of its cells.

use std::collections::{BTreeMap, BTreeSet};

use super::history::Key;
use super::map::{Cell, Row};

/// The map, and what is known of it.
pub(super) struct Found {
    pub name: String,
    pub origins: Vec<String>,
    pub rows: Vec<Row>,
    pub unrouted: Vec<Cell>,
    pub happened: Option<BTreeMap<Key, u64>>,
    pub covered: Option<BTreeSet<Key>>,
}

fn key(method: &str, path: &str, cause: &str) -> Key {
    (method.to_owned(), path.to_owned(), cause.to_owned())
}

impl Found {
    /// How often a cell happened, when that is known.
    pub(super) fn count(&self, method: &str, path: &str, cause: &str) -> Option<u64> {
        let happened = self.happened.as_ref()?;
        Some(happened.get(&key(method, path, cause)).copied().unwrap_or_default())
    }

    /// Whether a case exercises a cell, when cases were given.
    pub(super) fn is_covered(&self, method: &str, path: &str, cause: &str) -> Option<bool> {
        self.covered.as_ref().map(|covered| covered.contains(&key(method, path, cause)))
    }

    /// Every cell by its key.
    fn keys(&self) -> BTreeSet<Key> {
        let of_row = |row: &Row| -> Vec<Key> {
            row.cells.iter().map(|(cause, _)| key(row.route.method, &row.route.path, cause)).collect()
        };
        let unrouted = self.unrouted.iter().map(|(cause, _)| key("", "", cause));
        self.rows.iter().flat_map(of_row).chain(unrouted).collect()
    }

    /// What happened and is no cell.
    pub(super) fn others(&self) -> Vec<(Key, u64)> {
        let keys = self.keys();
        let happened = self.happened.iter().flatten();
        happened.filter(|(key, _)| !keys.contains(key)).map(|(key, count)| (key.clone(), *count)).collect()
    }

    /// How many cells cases exercise, when cases were given.
    pub(super) fn covered_cells(&self) -> Option<usize> {
        self.covered.as_ref().map(|covered| covered.intersection(&self.keys()).count())
    }
}
