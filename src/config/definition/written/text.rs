//! `Text`: a text of a definition with the place where it stands.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::config::document::{Block, Inner, Mark, Place};

/// A text and its place.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    /// The text.
    pub value: SmolStr,
    /// Where it stands.
    pub place: Place,
    /// Where a literal block's text begins.
    pub block: Option<Block>,
}

impl Text {
    /// The place of a line of the text, from 1.
    pub(crate) fn line(&self, line: usize) -> Place {
        match self.block {
            None if self.value.lines().nth(1).is_none() => self.place.clone(),
            _ => self.at(line, 0),
        }
    }

    /// The place of a position in the text: in the file when it is a literal block, else in the text itself. Column 0 is the whole line.
    pub(crate) fn at(&self, line: usize, column: usize) -> Place {
        let mut place = self.place.clone();
        let Some(before) = line.checked_sub(1) else { return place };
        // Its end is that of its last line, not the beginning of what follows.
        let last = self.value.lines().count().saturating_sub(1);
        let (before, column) = match self.value.lines().nth(last).filter(|_| before > last) {
            Some(end) => (last, end.chars().count() + 1),
            None => (before, column),
        };
        match self.block {
            Some(block) => {
                place.line = block.line() + before;
                place.mark = match column.checked_sub(1) {
                    Some(column) => Mark::new(block.column() + column, 1),
                    None => Mark::default(),
                };
            }
            None => {
                let text = self.value.lines().nth(before).unwrap_or_default().to_owned();
                place.inner = Some(Arc::new(Inner { line: before + 1, column, text }));
            }
        }
        place
    }
}
