//! `check`: broken configurations are inputs of the first class; the whole report is compared word for word.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use stagegate::check::{Format, report};
use stagegate::{Node, Sources, load, parse};

use crate::support;

/// `KEY=VALUE` lines of a file, if it is there.
fn pairs(file: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let pair = |line: &str| line.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
    text.lines().filter_map(pair).collect()
}

/// The sources of a case: its configuration file, and `environment` and `flags` beside it.
fn sources(folder: &Path) -> Sources {
    let config = ["stagegate.yaml", "stagegate.json", "stagegate.toml"]
        .iter()
        .map(|name| folder.join(name))
        .find(|path| path.exists())
        .unwrap_or_else(|| folder.join("stagegate.yaml"));
    Sources {
        config: Some(config),
        environment: pairs(&folder.join("environment")),
        flags: pairs(&folder.join("flags")),
        ..Sources::default()
    }
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(of).expect("a readable folder");
    let mut folders: Vec<PathBuf> =
        entries.map(|e| e.expect("a readable entry").path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(!folders.is_empty(), "no case in {}", of.display());
    folders
}

/// Names in reports are relative to the case's folder.
fn shortened(text: &str, folder: &Path) -> String {
    text.replace(&format!("{}/", folder.display()), "")
}

#[test]
fn reports_are_word_for_word() {
    let mut wrong = Vec::new();
    for folder in folders(&support::data("check")) {
        for (format, name) in [(Format::Short, "report.txt"), (Format::Text, "people.txt")] {
            let (text, code) = report(&sources(&folder), format, false, false);
            let plain = anstream::adapter::strip_str(&text).to_string();
            let actual = format!("{}exit {code}\n", shortened(&plain, &folder));
            wrong.extend(support::golden(&folder.join(name), &actual));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// In the folders `lint-…` a path says what is expected of it: `/fires/RULE/…` has a finding of the rule, `/near/RULE/…` has none.
#[test]
fn lints_fire_where_they_should_and_nowhere_else() {
    let (mut wrong, mut rows) = (Vec::new(), 0);
    for folder in folders(&support::data("check")).iter().filter(|f| f.display().to_string().contains("/lint-")) {
        let (report, _) = report(&sources(folder), Format::Short, false, false);
        let text = std::fs::read_to_string(folder.join("openapi.yaml")).expect("a definition");
        for path in text.lines().filter_map(|line| line.strip_prefix("  /")?.strip_suffix(':')) {
            rows += 1;
            let mut pieces = path.split('/');
            let (kind, rule) = (pieces.next().unwrap_or_default(), pieces.next().unwrap_or_default());
            assert!(stagegate::rule(rule).is_some(), "`{rule}` is no rule");
            let findings: Vec<&str> = report.lines().filter(|line| line.contains(&format!("/{path}."))).collect();
            let fires = findings.iter().any(|line| line.ends_with(&format!("[{rule}]")));
            let bad = match kind {
                "fires" => !fires,
                _ => fires,
            };
            if bad {
                wrong.push(format!("{}: /{path}: {findings:#?}", folder.display()));
            }
        }
    }
    assert!(rows > 20, "{rows} rows only");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn strict_fails_on_warnings() {
    let folder = support::data("check").join("patterns");
    assert_eq!(report(&sources(&folder), Format::Text, false, false).1, 0);
    assert_eq!(report(&sources(&folder), Format::Text, true, false).1, 78);
}

#[test]
fn formats_for_programs_name_rule_file_and_line() {
    let mut wrong = Vec::new();
    let formats =
        [(Format::Json, "report.json"), (Format::Sarif, "report.sarif"), (Format::Github, "report.github.txt")];
    let folders = [("unknown-keys", 78), ("silenced", 0)];
    for ((format, name), (folder, exit)) in
        formats.into_iter().flat_map(|format| folders.map(|folder| (format, folder)))
    {
        let folder = support::data("check").join(folder);
        let (text, code) = report(&sources(&folder), format, false, false);
        assert_eq!(code, exit);
        if format != Format::Github {
            serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
        }
        wrong.extend(support::golden(&folder.join(name), &shortened(&text, &folder)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(name)
}

fn embedded(tree: Node) -> Sources {
    Sources {
        embedded: Some(tree),
        environment: vec![("HOME".to_owned(), "k7Vd2sXq9LmTz4RfBw1N".to_owned())],
        ..Sources::default()
    }
}

#[test]
fn the_minimal_configuration_loads() {
    let sources = Sources { config: Some(shipped("minimal.yaml")), ..Sources::default() };
    let loaded = load(&sources).expect("it loads");
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.api.resources()[0].path, "/{proxy+}");
}

#[test]
fn the_errors_example_warns_of_the_pattern_that_does_not_match() {
    let sources = Sources { config: Some(shipped("errors.yaml")), ..Sources::default() };
    let loaded = load(&sources).expect("it loads");
    let rules: Vec<(&str, &str)> = loaded.problems.iter().map(|p| (p.rule, p.place.as_str())).collect();
    let pattern = "api.routes[2].integration.responses[1].selectionPattern";
    assert_eq!(rules, [("errors-hidden", "api.routes[0].integration.responses[0]"), ("pattern-star", pattern)]);
}

/// A path as steps; indexes, and names that the user chooses, are `*`.
fn generic(steps: impl Iterator<Item = String>) -> String {
    const NAMED: &[&str] = &[
        "functions",
        "api_keys",
        "usage_plans",
        "methods",
        "gateway_responses",
        "request_validators",
        "models",
        "keys",
        "authorizers",
        "issuers",
    ];
    let mut out: Vec<String> = Vec::new();
    for step in steps {
        let chosen = out.last().is_some_and(|parent| NAMED.contains(&parent.as_str()));
        let index = step.bytes().all(|b| b.is_ascii_digit());
        out.push(if chosen || index { "*".to_owned() } else { step });
    }
    out.join(".")
}

/// The steps of `a.b[0]["c.d"].e`.
fn steps(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some((name, after)) = rest.strip_prefix("[\"").and_then(|r| r.split_once("\"]")) {
            steps.push(name.to_owned());
            rest = after;
        } else {
            let start = rest.trim_start_matches(['.', '[']);
            let end = start.find(['.', '[', ']']).unwrap_or(start.len());
            steps.push(start[..end].to_owned());
            rest = start[end..].trim_start_matches(']');
        }
    }
    steps
}

fn document_keys(value: &serde_json::Value, path: &[String], keys: &mut BTreeSet<String>) {
    let below: Vec<(String, &serde_json::Value)> = match value {
        serde_json::Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        serde_json::Value::Array(items) => items.iter().enumerate().map(|(n, item)| (n.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    for (key, value) in below {
        let inside: Vec<String> = path.iter().cloned().chain([key]).collect();
        keys.insert(generic(inside.iter().cloned()));
        document_keys(value, &inside, keys);
    }
}

#[test]
fn the_reference_documents_every_key() {
    let (mut documented, mut known) = (BTreeSet::new(), BTreeSet::new());
    for name in ["reference.yaml", "reference-http.yaml"] {
        let file = shipped(name);
        let text = std::fs::read_to_string(&file).expect("the reference");
        let loaded = parse(&file, &text).and_then(|tree| load(&embedded(tree))).expect("the reference loads");
        let tree = parse(&file, &text).expect("YAML").to_json();
        document_keys(&tree, &[], &mut documented);
        // What is read out of the definition has its own documentation: API Gateway's.
        let own = loaded.keys.iter().filter(|key| !key.starts_with("paths") && !key.starts_with("x-amazon"));
        known.extend(own.map(|key| generic(steps(key).into_iter())));
    }
    // Aliases, and what is only there to be named when it cannot be honoured.
    let silent = [
        "cacheKeyParameters",
        "connectionId",
        "credentials",
        "credentialsArn",
        "integrationMethod",
        "integrationSubtype",
        "integrationType",
        "integrationUri",
        "payloadFormatVersion",
        "responseTransferMode",
        "tlsConfig",
        "uri",
    ];
    let missing: Vec<&String> = known
        .difference(&documented)
        .filter(|key| !silent.iter().any(|s| key.ends_with(&format!("integration.{s}"))))
        .collect();
    assert!(known.len() > 100, "{} keys only", known.len());
    assert!(missing.is_empty(), "not in config/reference.yaml: {missing:#?}");
}

#[test]
fn what_the_reference_calls_default_is_the_default() {
    let file = shipped("reference.yaml");
    let text = std::fs::read_to_string(&file).expect("the reference");
    let show = |text: &str| {
        let loaded = parse(&file, text).and_then(|tree| load(&embedded(tree))).expect("the reference loads");
        format!("{:#?} {:#?} {:#?}", loaded.settings, loaded.api, loaded.canary)
    };
    let whole = show(&text);
    let mut checked = 0;
    for (n, line) in text.lines().enumerate() {
        let Some((code, comment)) = line.split_once(" #") else { continue };
        if !comment.contains("; default") || code.trim().is_empty() {
            continue;
        }
        let without: Vec<&str> = text.lines().enumerate().filter(|(m, _)| *m != n).map(|(_, l)| l).collect();
        assert_eq!(whole, show(&without.join("\n")), "line {}: {line}", n + 1);
        checked += 1;
    }
    assert!(checked > 25, "{checked} defaults only");
}

#[test]
fn the_reference_has_only_the_findings_that_it_means() {
    let file = shipped("reference.yaml");
    let text = std::fs::read_to_string(&file).expect("the reference");
    let loaded = parse(&file, &text).and_then(|tree| load(&embedded(tree))).expect("the reference loads");
    let rules: BTreeSet<&str> = loaded.problems.iter().map(|p| p.rule).collect();
    assert_eq!(
        rules,
        BTreeSet::from(["faults-armed", "unused-authorizer", "unused-function"]),
        "{:#?}",
        loaded.problems
    );
}

/// The reference, cut off at many places and with single characters changed: a report, never a panic.
#[test]
fn broken_configurations_are_reported() {
    let file = shipped("reference.yaml");
    let text = std::fs::read_to_string(&file).expect("the reference");
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    let mut errors = 0;
    for (n, line) in lines.iter().enumerate() {
        for change in [": [", "\"", "  extra: 1", "*a", "- x", "\tx", "{", "!Sub x", "<<: *b"] {
            let mut changed = lines.clone();
            let replaced = match change {
                ": [" => line.replacen(": ", change, 1),
                _ => format!("{}{change}", &line[..line.find(|c| c != ' ').unwrap_or(0)]),
            };
            changed[n] = &replaced;
            let loaded = parse(&file, &changed.join("\n")).and_then(|tree| load(&embedded(tree)));
            errors += usize::from(loaded.is_err());
        }
    }
    assert!(errors > 500, "{errors} broken configurations only");
}
