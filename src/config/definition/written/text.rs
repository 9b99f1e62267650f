//! `Text`: a text of a definition with the place where it stands.

use crate::config::document::Place;

/// A text and its place.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    /// The text.
    pub value: String,
    /// Where it stands.
    pub place: Place,
    /// The line on which a literal block's text begins; 0 for all else.
    pub text_line: usize,
}
