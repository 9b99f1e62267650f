//! `Text`: a text of a definition with the place where it stands.

use crate::config::document::{Block, Place};

/// A text and its place.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    /// The text.
    pub value: String,
    /// Where it stands.
    pub place: Place,
    /// Where a literal block's text begins.
    pub block: Option<Block>,
}
