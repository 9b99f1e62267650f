//! One JSON object with every finding.

use serde_json::{Value, json};

use crate::config::Problem;

/// The findings.
pub(super) fn items(problems: &[Problem]) -> Vec<Value> {
    let item = |p: &Problem| {
        json!({
            "severity": p.severity.to_string(),
            "rule": p.rule,
            "file": p.file.to_string_lossy(),
            "line": p.line,
            "place": p.place,
            "message": p.message,
        })
    };
    problems.iter().map(item).collect()
}
