//! SARIF 2.1.0, for code scanning: every finding, and what each rule is about.

use serde_json::{Value, json};

use crate::config::{Problem, Silenced, rule};

/// The findings as one run.
pub(super) fn sarif(problems: &[Problem], silenced: &[Silenced]) -> Value {
    let all = problems.iter().chain(silenced.iter().map(|silenced| &silenced.problem));
    let mut names: Vec<&str> = all.map(|p| p.rule).collect();
    names.sort_unstable();
    names.dedup();
    let index = |p: &Problem| names.iter().position(|name| *name == p.rule);
    let mut results: Vec<Value> = problems.iter().map(|p| result(p, index(p))).collect();
    results.extend(silenced.iter().map(|silenced| {
        let kind = if silenced.in_source { "inSource" } else { "external" };
        let mut result = result(&silenced.problem, index(&silenced.problem));
        result["suppressions"] = json!([{ "kind": kind, "justification": silenced.why }]);
        result
    }));
    let rules: Vec<Value> = names.iter().map(|name| described(name)).collect();
    let driver = json!({
        "name": "stagegate",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results }],
    })
}

fn described(name: &str) -> Value {
    let Some(rule) = rule(name) else { return json!({ "id": name }) };
    json!({
        "id": rule.name,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.why },
        "help": { "text": rule.remedy },
        "defaultConfiguration": { "level": rule.level.to_string() },
    })
}

fn result(p: &Problem, rule: Option<usize>) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": p.file.to_string_lossy() } });
    if let Some(line) = p.line {
        physical["region"] = match p.mark.column() {
            0 => json!({ "startLine": line }),
            column => json!({ "startLine": line, "startColumn": column, "endColumn": p.mark.end() }),
        };
    }
    let mut location = json!({ "physicalLocation": physical });
    if !p.place.is_empty() {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": p.place }]);
    }
    json!({
        "ruleId": p.rule,
        "ruleIndex": rule,
        "level": p.severity.to_string(),
        "message": { "text": p.message },
        "locations": [location],
    })
}
