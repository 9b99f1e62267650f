//! `Trail`: where in a document a value stands. It is written out for a finding only: a document has many places.

use std::cell::OnceCell;
use std::fmt::Write;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use rustc_hash::FxHasher;
use smol_str::SmolStr;

/// Where a value stands.
#[derive(Debug, Clone)]
pub(crate) struct Trail {
    above: Option<Rc<Above>>,
    step: Step,
}

/// The trail of a map or a list, of which what is inside has a share.
#[derive(Debug)]
pub(crate) struct Above {
    trail: Trail,
    /// The trail's shape, which is asked for again and again.
    shape: OnceCell<u64>,
}

impl From<&Trail> for Above {
    fn from(trail: &Trail) -> Above {
        Above { trail: trail.clone(), shape: OnceCell::new() }
    }
}

/// The last step to a value.
#[derive(Debug, Clone)]
enum Step {
    /// A whole path.
    Path(SmolStr),
    Key(SmolStr),
    Item(usize),
}

impl Trail {
    /// That of the value under a key of the map at `above`.
    pub(super) fn key(above: &Rc<Above>, key: SmolStr) -> Trail {
        Trail { above: Some(above.clone()), step: Step::Key(key) }
    }

    /// That of an item of the list at `above`.
    pub(super) fn item(above: &Rc<Above>, number: usize) -> Trail {
        Trail { above: Some(above.clone()), step: Step::Item(number) }
    }

    /// The path: `api.routes[0].path`.
    pub(crate) fn path(&self) -> String {
        let mut path = String::new();
        self.write(&mut path);
        path
    }

    fn write(&self, path: &mut String) {
        if let Some(above) = &self.above {
            above.trail.write(path);
        }
        match &self.step {
            Step::Path(whole) => path.push_str(whole),
            Step::Key(key) => append(path, key),
            // Nothing fails that writes to memory.
            Step::Item(number) => _ = write!(path, "[{number}]"),
        }
    }

    /// A hash, in which all items of a list count as one.
    pub(super) fn shape(&self) -> u64 {
        let mut hasher = FxHasher::default();
        if let Some(above) = &self.above {
            above.shape.get_or_init(|| above.trail.shape()).hash(&mut hasher);
        }
        match &self.step {
            Step::Path(path) => {
                let pieces = path.split('[').map(|piece| piece.trim_start_matches(|c: char| c.is_ascii_digit()));
                pieces.for_each(|piece| piece.hash(&mut hasher));
            }
            Step::Key(key) => key.hash(&mut hasher),
            Step::Item(_) => 0.hash(&mut hasher),
        }
        hasher.finish()
    }
}

impl Default for Trail {
    fn default() -> Trail {
        Trail::from("")
    }
}

impl From<&str> for Trail {
    fn from(path: &str) -> Trail {
        Trail { above: None, step: Step::Path(path.into()) }
    }
}

impl From<String> for Trail {
    fn from(path: String) -> Trail {
        Trail::from(path.as_str())
    }
}

impl From<&String> for Trail {
    fn from(path: &String) -> Trail {
        Trail::from(path.as_str())
    }
}

impl From<&Trail> for Trail {
    fn from(trail: &Trail) -> Trail {
        trail.clone()
    }
}

/// `path.key`; a key with dots or spaces of its own stands in brackets.
pub(crate) fn join(path: &str, key: &str) -> String {
    let mut path = path.to_owned();
    append(&mut path, key);
    path
}

fn append(path: &mut String, key: &str) {
    if key.is_empty() || key.bytes().any(|byte| matches!(byte, b'.' | b' ' | b'[' | b']' | b'"')) {
        _ = write!(path, "[{key:?}]");
        return;
    }
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}
