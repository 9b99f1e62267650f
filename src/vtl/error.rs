//! What is wrong with a template: kind, place and detail, printed with the source line and a marker.

use std::fmt;

/// Which step failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text is no template.
    Parse,
    /// The template failed while it ran, as a Java exception would fail it.
    Render,
    /// The template used up one of the limits.
    Limit,
}

/// Why a template could not be read or run, for its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Which step failed.
    pub kind: ErrorKind,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What was found and what was expected.
    pub message: String,
    /// The source line.
    pub source: String,
}

impl Error {
    /// An error at a byte offset of the source.
    pub fn at(kind: ErrorKind, source: &str, offset: usize, message: String) -> Error {
        let mut offset = offset.min(source.len());
        while !source.is_char_boundary(offset) {
            offset -= 1;
        }
        let start = source[..offset].rfind('\n').map_or(0, |n| n + 1);
        let end = source[offset..].find('\n').map_or(source.len(), |n| offset + n);
        Error {
            kind,
            line: source[..start].matches('\n').count() + 1,
            column: source[start..offset].chars().count() + 1,
            message,
            source: source[start..end].trim_end_matches('\r').to_owned(),
        }
    }
}

/// The longest piece of a source line that an error shows.
const SHOWN: usize = 120;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ErrorKind::Parse => "cannot parse the template",
            ErrorKind::Render => "the template failed",
            ErrorKind::Limit => "the template went over a limit",
        };
        writeln!(f, "{kind}, line {}, column {}: {}", self.line, self.column, self.message)?;
        let skipped = (self.column - 1).saturating_sub(SHOWN / 2);
        let mut shown: String =
            self.source.chars().skip(skipped).take(SHOWN).map(|c| if c == '\t' { ' ' } else { c }).collect();
        if skipped > 0 {
            shown.replace_range(..shown.chars().next().map_or(0, char::len_utf8), "…");
        }
        if self.source.chars().nth(skipped + SHOWN).is_some() {
            shown.push('…');
        }
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        writeln!(f, "{number} | {shown}")?;
        write!(f, "{margin} | {}^", " ".repeat(self.column - 1 - skipped))
    }
}

impl std::error::Error for Error {}
