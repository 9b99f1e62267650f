//! What files hold, as one number: whether they read differently than when they were loaded.

use std::path::Path;

use ahash::RandomState;

/// The same for as long as the process lives, which is all that it is compared with.
const HASH: RandomState = RandomState::with_seeds(1, 2, 3, 4);

/// The contents of one file.
pub(crate) fn of(text: &[u8]) -> u64 {
    HASH.hash_one(text)
}

/// The contents of all files, in their order; `None` for one that could not be read.
pub(crate) fn together(each: impl Iterator<Item = Option<u64>>) -> u64 {
    HASH.hash_one(each.collect::<Vec<_>>())
}

/// The contents of the files as they are now.
pub(crate) fn now<'a>(files: impl Iterator<Item = &'a Path>) -> u64 {
    together(files.map(|file| std::fs::read(file).ok().map(|text| of(&text))))
}
