//! `Rule`: one row of the table, and how rows are written.

use crate::config::document::Severity;

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its name, which never changes.
    pub name: &'static str,
    /// The most severe of its findings.
    pub level: Severity,
    /// What it is about, in a few words.
    pub summary: &'static str,
    /// Why it matters: what API Gateway does, or what stagegate does without it.
    pub why: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
}

/// Rows of the table: name and level, then summary, why and remedy.
macro_rules! rows {
    ($($name:literal $level:ident | $summary:literal | $why:literal | $remedy:literal)*) => {
        &[$(Rule {
            name: $name,
            level: $crate::config::document::Severity::$level,
            summary: $summary,
            why: $why,
            remedy: $remedy,
        }),*]
    };
}
pub(super) use rows;
