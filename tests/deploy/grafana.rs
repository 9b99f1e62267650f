//! The Grafana dashboard: every expression parses, and is about metrics and labels that exist.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::prometheus::promtool;
use super::scrape::everything;
use super::tool::{deploy, read, run, scratch};

#[test]
fn every_expression_parses() {
    let rules: Vec<Value> = expressions()
        .iter()
        .enumerate()
        .map(|(n, expr)| json!({"record": format!("panel:{n}"), "expr": filled_in(expr)}))
        .collect();
    assert!(rules.len() > 20, "only {} expressions found", rules.len());
    let file = scratch("grafana").join("rules.yaml");
    // JSON is YAML.
    std::fs::write(&file, json!({"groups": [{"name": "panels", "rules": rules}]}).to_string()).expect("a file");
    run(promtool().args(["check", "rules"]).arg(&file));
}

/// Every metric of ours is asked for by dashboard or rules, stands in the README, and nothing is asked for that is not there.
#[test]
fn metrics_and_questions_are_the_same_set() {
    let (_backend, stagegate) = everything();
    let metrics = stagegate.ask("/metrics");
    let types = metrics.text().lines().filter_map(|l| l.strip_prefix("# TYPE ")).filter_map(|l| l.split(' ').next());
    let exported: BTreeSet<&str> = types.filter(|name| name.starts_with("stagegate_")).collect();
    let asked_text = expressions().join("\n") + &read("prometheus/rules.yaml");
    let asked: BTreeSet<String> = words(&asked_text)
        .filter(|w| w.starts_with("stagegate_"))
        .map(|w| {
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|s| w.strip_suffix(s));
            family.unwrap_or(w).to_string()
        })
        .collect();
    let asked: BTreeSet<&str> = asked.iter().map(String::as_str).collect();
    assert_eq!(exported, asked);
    let readme = read("../README.md");
    for name in exported.iter().filter_map(|name| name.strip_prefix("stagegate_")) {
        assert!(readme.contains(&format!("`{name}`")), "{name} is not in the README");
    }
}

#[test]
fn panels_have_their_own_number_and_place() {
    let board = board();
    let mut ids = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for panel in board["panels"].as_array().expect("panels") {
        assert!(ids.insert(panel["id"].as_u64().expect("a number")), "{}", panel["title"]);
        let place = |key: &str| panel["gridPos"][key].as_u64().expect("a number");
        assert!(place("x") + place("w") <= 24, "{} sticks out", panel["title"]);
        for x in place("x")..place("x") + place("w") {
            for y in place("y")..place("y") + place("h") {
                assert!(taken.insert((x, y)), "{} lies on another panel", panel["title"]);
            }
        }
    }
}

/// Every expression of the dashboard, as Grafana has it.
pub fn expressions() -> Vec<String> {
    fn collect(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("expr").and_then(Value::as_str).map(str::to_string));
                map.values().for_each(|v| collect(v, found));
            }
            Value::Array(items) => items.iter().for_each(|v| collect(v, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(&board(), &mut found);
    found
}

/// The expression as Prometheus gets it, with every variable on "All".
pub fn filled_in(expr: &str) -> String {
    let mut text = expr.replace("$__rate_interval", "5m").replace("$__range", "1h");
    for variable in ["$namespace", "$resource", "$method"] {
        text = text.replace(variable, ".*");
    }
    assert!(!text.contains('$'), "a variable that this test does not know: {text}");
    text
}

fn board() -> Value {
    let path = deploy("grafana/dashboards/stagegate.json");
    serde_json::from_str(&read("grafana/dashboards/stagegate.json"))
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'))
}
