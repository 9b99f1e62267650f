//! What files hold, as one number: whether they read differently than when they were loaded.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::Path;

/// The contents of one file.
pub(crate) fn of(text: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The contents of all files, in their order; `None` for one that could not be read.
pub(crate) fn together(each: impl Iterator<Item = Option<u64>>) -> u64 {
    let mut hasher = DefaultHasher::new();
    each.for_each(|one| one.hash(&mut hasher));
    hasher.finish()
}

/// The contents of the files as they are now.
pub(crate) fn now<'a>(files: impl Iterator<Item = &'a Path>) -> u64 {
    together(files.map(|file| std::fs::read(file).ok().map(|text| of(&text))))
}
