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

impl Text {
    /// The place of a line of the text, from 1: known exactly when it is a literal block.
    pub(crate) fn line(&self, line: usize) -> Place {
        let mut place = self.place.clone();
        if self.text_line > 0 && line > 0 {
            place.line = self.text_line + line - 1;
        }
        place
    }
}
