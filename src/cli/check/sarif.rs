//! SARIF 2.1.0, for code scanning: every finding, and what each rule is about.

use serde_json::{Value, json};

use crate::config::{Problem, rule};

/// The findings as one run.
pub(super) fn sarif(problems: &[Problem]) -> Value {
    let mut names: Vec<&str> = problems.iter().map(|p| p.rule).collect();
    names.sort_unstable();
    names.dedup();
    let index = |p: &Problem| names.iter().position(|name| *name == p.rule);
    let results: Vec<Value> = problems.iter().map(|p| result(p, index(p))).collect();
    let rules: Vec<Value> = names.iter().map(|name| described(name)).collect();
    let driver = json!({
        "name": "stagegate",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "results": results }],
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
        physical["region"] = json!({ "startLine": line });
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
