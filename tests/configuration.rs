//! The configuration itself: its JSON Schema against the examples and against what `check` finds, and what `check --show` tells.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::{Value, json};
use stagegate::check::{Format, report, schema, show};
use stagegate::{Sources, parse};

use crate::support;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn validator() -> Validator {
    let schema: Value = serde_json::from_str(&schema()).expect("JSON");
    jsonschema::validator_for(&schema).expect("a schema")
}

fn read(file: &Path) -> Value {
    let text = std::fs::read_to_string(file).expect("a file");
    parse(file, &text).expect("a document").to_json()
}

const EXAMPLES: &[&str] = &[
    "config/minimal.yaml",
    "config/errors.yaml",
    "config/reference.yaml",
    "config/reference-http.yaml",
    "deploy/kubernetes/components/emulator/stagegate.yaml",
    "deploy/kubernetes/components/sidecar/stagegate.yaml",
    "src/cli/demo/rest.yaml",
    "src/cli/demo/http.yaml",
];

#[test]
fn the_published_schema_is_what_the_readers_ask_for() {
    let published = support::golden(&root().join("config/stagegate.schema.json"), &schema());
    assert!(published.is_none(), "{published:?}");
}

#[test]
fn every_example_names_the_schema_and_is_valid() {
    let validator = validator();
    let published = root().join("config/stagegate.schema.json").canonicalize().expect("the schema");
    for example in EXAMPLES {
        let file = root().join(example);
        let errors: Vec<String> = validator.iter_errors(&read(&file)).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{example}: {errors:#?}");
        let text = std::fs::read_to_string(&file).expect("a file");
        let named = text.lines().next().and_then(|line| line.strip_prefix("# yaml-language-server: $schema="));
        let named = file.parent().expect("a folder").join(named.expect("the comment"));
        assert_eq!(named.canonicalize().expect("the schema"), published, "{example}");
    }
}

/// Each change to a valid configuration, and whether it stays one.
#[test]
fn unknown_keys_and_wrong_types_are_not_valid() {
    let validator = validator();
    let minimal = read(&root().join("config/minimal.yaml"));
    let route = "/api/routes/0";
    let cases = [
        ("", "listen", json!("127.0.0.1:8080"), true),
        ("", "listen", json!("localhost:1"), true),
        ("", "listen", json!("[::1]:8080"), true),
        ("", "listen", json!(8080), false),
        ("", "listen", json!("example.com:80"), false),
        ("", "lissten", json!("127.0.0.1:8080"), false),
        ("", "threads", json!(2), true),
        ("", "threads", json!(0), false),
        ("", "threads", json!("2"), false),
        ("", "drain", json!("1m30s"), true),
        ("", "drain", json!(30), false),
        ("", "drain", json!("30 minutes"), false),
        ("", "limits", json!({ "request_body": "10MiB", "event": 1 }), true),
        ("", "limits", json!({ "request_body": "10 apples" }), false),
        ("", "limits", json!({ "request_bodies": 1 }), false),
        ("", "log", json!({ "format": "JSON", "redact": ["a"] }), true),
        ("", "log", json!({ "format": "xml" }), false),
        ("", "log", json!({ "redact": [["a"]] }), false),
        ("", "services", json!({ "sqs": "http://127.0.0.1:4566" }), true),
        ("", "services", json!({ "sqs": "127.0.0.1:4566" }), false),
        ("", "lint", json!({ "ignore": [{ "rule": "timeout", "why": "raised" }] }), true),
        ("", "lint", json!({ "ignore": [{ "rule": "timeout" }] }), false),
        ("/functions", "other", json!({ "http": "http://127.0.0.1:1/" }), true),
        ("/functions", "other", json!({ "htp": "http://127.0.0.1:1/" }), false),
        ("/api", "definition", json!("openapi.yaml"), true),
        ("/api", "definition", json!({ "openapi": "3.0.1" }), true),
        ("/api", "definition", json!([]), false),
        ("/api", "compat", json!(2022), true),
        ("/api", "compat", json!("2023"), false),
        ("/api", "canary", json!({ "percent": 101 }), false),
        ("/api", "canary", json!({}), false),
        ("/api", "strict", json!("yes"), false),
        (route, "requestValidator", json!({ "validateRequestBody": true }), true),
        (route, "requestValidator", json!([]), false),
        (route, "methodResponses", json!([200, { "statusCode": 400 }]), true),
        (route, "methods", json!("GET"), false),
        ("/api/routes/0/integration", "requestTemplates", json!({ "a/b": "{}" }), true),
        ("/api/routes/0/integration", "requestTemplates", json!(["{}"]), false),
        ("/api/routes/0/integration", "requestTemplate", json!({}), false),
    ];
    for (place, key, value, is_valid) in cases {
        let mut changed = minimal.clone();
        let map = changed.pointer_mut(place).and_then(Value::as_object_mut).expect("a map");
        map.insert(key.to_owned(), value.clone());
        assert_eq!(validator.is_valid(&changed), is_valid, "{place}/{key}: {value}");
    }
}

fn cases() -> Vec<(PathBuf, Sources)> {
    let entries = std::fs::read_dir(support::data("check")).expect("a folder");
    let config = |folder: PathBuf| {
        let names = ["stagegate.yaml", "stagegate.json", "stagegate.toml"];
        let config = names.iter().map(|name| folder.join(name)).find(|file| file.exists());
        config.map(|config| (folder, Sources { config: Some(config), ..Sources::default() }))
    };
    entries.filter_map(|entry| config(entry.expect("an entry").path())).collect()
}

/// What `check` says of keys and types in the file itself is what the schema says.
#[test]
fn the_schema_agrees_with_check() {
    let validator = validator();
    let (mut valid, mut wrong) = (0, 0);
    for (folder, sources) in cases() {
        let config = sources.config.clone().expect("a file");
        let Ok(text) = std::fs::read_to_string(&config) else { continue };
        let Some(tree) = parse(&config, &text).ok().filter(|tree| tree.to_json().is_object()) else { continue };
        let report: Value = serde_json::from_str(&report(&sources, Format::Json, false, true).0).expect("JSON");
        let problems = report["problems"].as_array().expect("problems");
        let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
        for problem in
            problems.iter().filter(|p| p["file"] == config.to_string_lossy().as_ref() && p["severity"] == "error")
        {
            *rules.entry(problem["rule"].as_str().expect("a rule")).or_default() += 1;
        }
        let is_valid = validator.is_valid(&tree.to_json());
        if ["unknown-key", "missing-key"].iter().any(|rule| rules.contains_key(rule)) {
            assert!(!is_valid, "{}: {rules:?}", folder.display());
            wrong += 1;
        } else if !rules.contains_key("wrong-type") {
            let errors: Vec<String> = validator.iter_errors(&tree.to_json()).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{}: {errors:#?}", folder.display());
            valid += 1;
        }
    }
    assert!(valid > 20 && wrong >= 3, "{valid} valid, {wrong} wrong");
}

/// The effective configuration of a case with every kind of source, word for word.
#[test]
fn show_tells_every_value_and_its_source() {
    let folder = support::data("configuration");
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let sources = Sources {
        config: Some(folder.join("stagegate.yaml")),
        environment: pairs(&[
            ("STAGEGATE_LIMITS__IN_FLIGHT", "500"),
            ("STAGEGATE_ADMIN__LISTEN", "0.0.0.0:9180"),
            ("STAGEGATE_API__STAGE_VARIABLES__TOKEN", "k7Vd2sXq9LmTz4RfBw1N"),
            ("PARTNER_KEY", "yC4F8kQ0s2xJ7pWz1nBd"),
        ]),
        flags: pairs(&[("drain", "5s"), ("threads", "2"), ("log.redact", "[x-session]")]),
        ..Sources::default()
    };
    let mut wrong = Vec::new();
    for (format, name) in [(Format::Text, "show.yaml"), (Format::Json, "show.json")] {
        let (text, problems, code) = show(&sources, format);
        assert_eq!((problems, code), (Vec::new(), 0));
        let plain = anstream::adapter::strip_str(&text).to_string();
        let plain = plain.replace(&format!("{}/", folder.display()), "");
        for secret in ["k7Vd2sXq9LmTz4RfBw1N", "yC4F8kQ0s2xJ7pWz1nBd", "SECRET"] {
            assert!(!plain.contains(secret), "{secret} is told");
        }
        wrong.extend(support::golden(&folder.join(name), &plain));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What is told is a document, and the same values.
    let shown = read(&folder.join("show.yaml"));
    assert_eq!(shown["limits"]["in_flight"], json!(500));
    assert_eq!(shown["api"]["routes"][0]["integration"]["requestTemplates"]["text/plain"], json!("a\n#b: \"c\"\n"));
}

#[test]
fn without_a_value_of_its_own_the_number_of_cores_and_the_port_decide() {
    let sources = Sources { config: Some(root().join("config/minimal.yaml")), ..Sources::default() };
    let told = |sources: &Sources| -> Value { serde_json::from_str(&show(sources, Format::Json).0).expect("JSON") };
    let value = |told: &Value, place: &str| {
        let values = told["values"].as_array().expect("values").iter();
        values.clone().find(|v| v["place"] == place).expect("a value").clone()
    };
    let plain = told(&sources);
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let by_default = json!({ "kind": "default", "name": null, "line": null });
    assert_eq!(value(&plain, "threads"), json!({ "place": "threads", "value": cores, "source": by_default }));
    assert_eq!(value(&plain, "admin.inspector")["value"], json!(true));
    let remote = Sources { environment: vec![("STAGEGATE_ADMIN__LISTEN".into(), "0.0.0.0:1".into())], ..sources };
    assert_eq!(value(&told(&remote), "admin.inspector")["value"], json!(false));
}

/// A configuration that does not load is shown as far as it goes, with its errors.
#[test]
fn what_does_not_load_is_shown_with_its_errors() {
    let config = support::data("check").join("secrets/stagegate.yaml");
    let (text, problems, code) = show(&Sources { config: Some(config), ..Sources::default() }, Format::Text);
    assert_eq!(code, 78);
    assert!(problems.len() > 5, "{problems:#?}");
    assert!(text.contains("gold:") && !text.contains("value: TOPSECRET"), "{text}");
}
