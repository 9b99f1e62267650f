//! One finding: severity, file, place, sentence.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::node::Mark;
use crate::log::OneLine;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Note,
    /// It loads, but will surprise: fails `check --strict`.
    Warning,
    /// What it is about is not served: one method, or nothing at all.
    Error,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// A short name of the rule, such as `unknown-key`: stable, for `--format json` and `sarif`.
    pub rule: &'static str,
    /// The file, or the environment variable or flag.
    pub file: PathBuf,
    /// The line in the file, from 1, when it is known.
    pub line: Option<usize>,
    /// The characters that it is about, when they are known.
    pub mark: Mark,
    /// The path in the document, such as `functions.orders.invoke_api`.
    pub place: String,
    /// What is wrong and what was expected: lower case, no full stop.
    pub message: String,
    /// The line of a text in that place that is meant, such as a template's.
    pub inner: Option<Arc<Inner>>,
}

/// A line of a text that has no line of its own in the file, such as a template between quotes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Inner {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1; 0 for the whole line.
    pub column: usize,
    /// What stands on it.
    pub text: String,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity, self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.place.is_empty() {
            write!(f, ": {}", OneLine(&self.place))?;
        }
        write!(f, ": {} [{}]", OneLine(&self.message), self.rule)
    }
}
