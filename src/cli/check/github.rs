//! Workflow commands of GitHub Actions: each finding stands at its line in the change.

use std::fmt::Write;

use crate::cli::annotation::{data, property};
use crate::config::{Problem, Severity};

/// A command for each finding.
pub(super) fn github(problems: &[Problem]) -> String {
    problems.iter().fold(String::new(), |mut out, p| {
        let command = match p.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        // Writing to a string cannot fail.
        let _ = write!(out, "::{command} file={}", property(&p.file.to_string_lossy()));
        if let Some(line) = p.line {
            let _ = write!(out, ",line={line}");
            if p.mark.column() > 0 {
                let _ = write!(out, ",col={},endColumn={}", p.mark.column(), p.mark.end());
            }
        }
        let place = if p.place.is_empty() { String::new() } else { format!("{}: ", p.place) };
        let _ = writeln!(out, ",title={}::{}", property(p.rule), data(&format!("{place}{}", p.message)));
        out
    })
}
