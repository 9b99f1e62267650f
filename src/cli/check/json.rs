//! One JSON object with every finding.

use serde_json::{Value, json};

use crate::config::{Problem, Silenced};

/// The findings.
pub(super) fn items(problems: &[Problem]) -> Vec<Value> {
    problems.iter().map(item).collect()
}

/// Those that are silenced, and why.
pub(super) fn silenced(silenced: &[Silenced]) -> Vec<Value> {
    let told = |silenced: &Silenced| {
        let mut item = item(&silenced.problem);
        item["why"] = json!(silenced.why);
        item
    };
    silenced.iter().map(told).collect()
}

fn item(p: &Problem) -> Value {
    let column = p.line.and(Some(p.mark.column())).filter(|column| *column > 0);
    json!({
        "severity": p.severity.to_string(),
        "rule": p.rule,
        "file": p.file.to_string_lossy(),
        "line": p.line,
        "column": column,
        "endColumn": column.map(|_| p.mark.end()),
        "place": p.place,
        "message": p.message,
    })
}
