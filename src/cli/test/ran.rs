//! `Ran`: a case that ran, and what came of it.

use std::path::PathBuf;
use std::time::Duration;

use crate::case::Miss;

/// A case that ran.
pub(super) struct Ran {
    pub(super) file: PathBuf,
    pub(super) line: usize,
    pub(super) name: String,
    /// Its place in the file.
    pub(super) number: usize,
    pub(super) misses: Vec<Miss>,
    /// Whether the file was changed to say what is answered.
    pub(super) is_blessed: bool,
    pub(super) took: Duration,
}
