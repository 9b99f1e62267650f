//! Prometheus: its configuration, the rules and their unit tests, checked by promtool.

use std::collections::BTreeSet;

use serde_json::Value;

use super::tool::{deploy, read, run, scratch, tool};
use super::yaml::document;

/// `promtool`, which comes with the server.
pub fn promtool() -> std::process::Command {
    tool("promtool", "the Debian package prometheus")
}

#[test]
fn rules_pass_their_unit_tests() {
    run(promtool().args(["test", "rules"]).arg(deploy("prometheus/rules.test.yaml")));
}

#[test]
fn every_rule_is_tested() {
    let rules = document(&read("prometheus/rules.yaml"));
    let tests = document(&read("prometheus/rules.test.yaml"));
    let rules: Vec<&Value> = list(&rules["groups"]).iter().flat_map(|group| list(&group["rules"])).collect();
    let named = |key: &str| -> BTreeSet<&str> { rules.iter().filter_map(|rule| rule[key].as_str()).collect() };
    let (mut fires, mut quiet, mut records) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for test in list(&tests["tests"]) {
        for alert in test["alert_rule_test"].as_array().into_iter().flatten() {
            let name = alert["alertname"].as_str().expect("a name");
            if list(&alert["exp_alerts"]).is_empty() {
                quiet.insert(name)
            } else {
                fires.insert(name)
            };
        }
        for expr in test["promql_expr_test"].as_array().into_iter().flatten() {
            records.insert(expr["expr"].as_str().expect("an expression").split(['{', ' ']).next().expect("a name"));
        }
    }
    assert_eq!(named("alert"), fires, "each alert is seen firing");
    assert_eq!(named("alert"), quiet, "each alert is seen keeping quiet");
    let readme = read("README.md");
    named("alert")
        .iter()
        .for_each(|name| assert!(readme.contains(&format!("`{name}`")), "{name} is not in the README"));
    assert_eq!(named("record"), records, "each recording rule has its value checked");
}

#[test]
fn scrape_configurations_are_valid() {
    run(promtool().args(["check", "config"]).arg(deploy("prometheus/prometheus.yaml")));
    // Debian builds promtool without service discovery: a static target stands in for it.
    let discovery = "    kubernetes_sd_configs:\n      - role: pod\n";
    let text = read("prometheus/kubernetes.yaml");
    assert!(text.contains(discovery));
    let folder = scratch("prometheus-kubernetes");
    let stand_in = "    static_configs:\n      - targets: [a]\n";
    std::fs::write(folder.join("prometheus.yaml"), text.replace(discovery, stand_in)).expect("a file");
    std::fs::copy(deploy("prometheus/rules.yaml"), folder.join("rules.yaml")).expect("the rules");
    run(promtool().args(["check", "config"]).arg(folder.join("prometheus.yaml")));
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("a list was expected, not {value}"))
}
