//! Definitions of the kinds that public repositories hold: each loads, and what it becomes is compared word for word.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use stagegate::Metrics;
use stagegate::Severity;
use stagegate::check_body;
use stagegate::describe;
use stagegate::{Endpoint, RestApi};
use stagegate::{Loaded, Sources, load, parse};

use crate::support;

const CONFIGURATION: &str = r#"
functions: { "*": { invoke_api: "http://127.0.0.1:3001" } }
services: { "*": "http://127.0.0.1:4566" }
api:
  region: eu-central-1
  stage_variables: { host: "backend:8080", query: "v=1", alias: live, link: abc }
  parameters: { "Queue.QueueName": orders }
"#;

fn sources(definition: &Path, flags: &[(&str, &str)]) -> Sources {
    let mut all = vec![("api.definition".to_owned(), definition.display().to_string())];
    all.extend(flags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    Sources { flags: all, ..inline(CONFIGURATION) }
}

/// A configuration that is no file.
fn inline(text: &str) -> Sources {
    let tree = parse(Path::new("stagegate.yaml"), text).expect("a configuration");
    Sources { embedded: Some(tree), ..Sources::default() }
}

fn loaded(definition: &Path, flags: &[(&str, &str)]) -> Loaded {
    load(&sources(definition, flags)).expect("the definition loads")
}

fn definitions() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(support::data("openapi")).expect("a readable folder");
    let is_definition = |path: &PathBuf| path.extension().is_some_and(|e| e == "yaml" || e == "json");
    let mut files: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).filter(is_definition).collect();
    files.sort();
    assert!(files.len() >= 10, "{} definitions only", files.len());
    files
}

/// What the admin port shows of it, before any request.
fn shown(api: &RestApi) -> String {
    let mut text = String::new();
    support::outline(&describe(api, &Metrics::new("test", "").expect("fresh metrics")), 0, &mut text);
    text
}

#[test]
fn definitions_become_what_they_mean() {
    let mut wrong = Vec::new();
    for file in definitions() {
        let loaded = loaded(&file, &[]);
        let folder = format!("{}/", support::data("openapi").display());
        let findings: Vec<String> = loaded.problems.iter().map(|p| p.to_string().replace(&folder, "")).collect();
        let actual = format!("{}\n{}\n", shown(loaded.api.rest().expect("a REST API")), findings.join("\n"));
        wrong.extend(support::golden(&file.with_extension("txt"), &actual));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_base_path_is_taken_as_far_as_the_mode_says() {
    let file = support::data("openapi").join("http-proxy.yaml");
    for (mode, path) in [("ignore", "/orders"), ("prepend", "/v2/shop/orders"), ("split", "/shop/orders")] {
        let loaded = loaded(&file, &[("api.base_path_mode", mode)]);
        assert_eq!(loaded.api.resources().last().expect("a resource").path, path, "{mode}");
    }
}

#[test]
fn models_are_checked_with_all_that_they_refer_to() {
    let loaded = loaded(&support::data("openapi").join("crud-validators.yaml"), &[]);
    let orders = loaded.api.resources().iter().find(|r| r.path == "/orders").expect("/orders");
    let post = orders.methods.iter().find(|m| m.http_method.as_str() == "POST").expect("POST");
    let (_, model) = &post.request.models[0];
    let is_valid = |text: &str| check_body(&model.schema, text.as_bytes(), &loaded.settings.limits).is_ok();
    assert!(is_valid(r#"{"items": [{"sku": "ABC-1", "part": {"sku": "ABD-2"}}]}"#));
    assert!(!is_valid(r#"{"items": [{"sku": "ABC-1", "part": {"sku": 2}}]}"#));
    assert!(!is_valid(r#"{"items": [{"order": {"items": [{"unknown": 1}]}}]}"#));
    assert!(!is_valid(r#"{"items": "none"}"#));
    assert!(!is_valid("{}"));
}

#[test]
fn the_canary_is_a_copy_with_its_own_variables() {
    let file = support::data("openapi").join("http-proxy.yaml");
    let canary = ("api.canary", "{percent: 20, stage_variables: {host: other, extra: 1}}");
    let loaded = loaded(&file, &[canary]);
    assert_eq!(loaded.api.canary, Some(false));
    let (percent, copy) = loaded.canary.expect("a canary");
    assert_eq!((percent, copy.canary), (20.0, Some(true)));
    assert_eq!(copy.stage_variables["host"], "other");
    assert_eq!(copy.stage_variables["extra"], "1");
    let uri = match &copy.resources[0].methods[0].integration.endpoint {
        Endpoint::Http(uri) => uri.text.to_string(),
        _ => String::new(),
    };
    assert_eq!(uri, "https://other/users/{id}?v=1");
}

#[test]
fn a_skipped_protection_is_said_too() {
    let file = support::data("openapi").join("keys-and-gateway-responses.yaml");
    let loaded = loaded(&file, &[("api.skip_authorization", "true")]);
    assert!(loaded.api.skipped.lambda);
    let said: Vec<&str> =
        loaded.problems.iter().filter(|p| p.rule == "authorization").map(|p| p.message.as_str()).collect();
    assert_eq!(
        said,
        ["Lambda authorizer `token` is not evaluated: everybody is served, as `api.skip_authorization` says"]
    );
}

/// Every definition, cut off at many places and with single bytes changed: a report, never a panic.
#[test]
fn broken_definitions_are_reported() {
    let folder = std::env::temp_dir().join(format!("stagegate-openapi-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a writable folder");
    let mut seed: u64 = 7;
    let mut errors = 0;
    for file in definitions() {
        let text = std::fs::read_to_string(&file).expect("a readable file");
        let broken = folder.join(file.file_name().expect("a name"));
        for round in 0..40 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut at = (seed >> 33) as usize % text.len();
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let with = ["", ":", "{", "[", "\"", "\n", "&a", "*a", "- ", "\t", "5", "${"][(seed >> 20) as usize % 12];
            let mutated = match round % 2 {
                0 => text[..at].to_owned(),
                _ => format!("{}{with}{}", &text[..at], text[at..].chars().skip(1).collect::<String>()),
            };
            std::fs::write(&broken, mutated).expect("a writable file");
            if let Err(problems) = load(&sources(&broken, &[])) {
                assert!(problems.iter().any(|p| p.severity == Severity::Error));
                errors += 1;
            }
        }
    }
    assert!(errors > 20, "{errors} broken definitions only");
    std::fs::remove_dir_all(&folder).expect("a folder of our own");
}

#[test]
fn ten_thousand_paths_load_in_seconds() {
    let mut text = String::from("openapi: 3.0.1\ninfo: { title: Large, version: '1' }\npaths:\n");
    for n in 0..10_000 {
        let _ = writeln!(
            text,
            "  /r{n}/{{id}}:\n    get:\n      x-amazon-apigateway-integration: {{ type: aws_proxy, httpMethod: POST, uri: \"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:f/invocations\" }}"
        );
    }
    let file = std::env::temp_dir().join(format!("stagegate-large-{}.yaml", std::process::id()));
    std::fs::write(&file, text).expect("a writable file");
    let start = std::time::Instant::now();
    let loaded = loaded(&file, &[]);
    assert_eq!(loaded.api.resources().len(), 10_000);
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
    std::fs::remove_file(&file).expect("a file of our own");
}

/// Models that lead to themselves without anything in between: the check ends.
#[test]
fn models_that_are_nothing_but_themselves_end() {
    let schemas = [
        r##"{ "A": { "$ref": "#/components/schemas/A" } }"##,
        r##"{ "A": { "$ref": "#/components/schemas/B" }, "B": { "$ref": "#/components/schemas/A" } }"##,
        r##"{ "A": { "allOf": [{ "$ref": "#/components/schemas/A" }] } }"##,
        r##"{ "A": { "anyOf": [{ "$ref": "#/components/schemas/B" }] }, "B": { "not": { "$ref": "#/components/schemas/A" } } }"##,
    ];
    for (n, schema) in schemas.iter().enumerate() {
        let text = format!(
            r##"{{ "openapi": "3.0.1", "x-amazon-apigateway-request-validators": {{ "b": {{ "validateRequestBody": true }} }},
            "x-amazon-apigateway-request-validator": "b", "components": {{ "schemas": {schema} }},
            "paths": {{ "/a": {{ "post": {{
              "requestBody": {{ "content": {{ "application/json": {{ "schema": {{ "$ref": "#/components/schemas/A" }} }} }} }},
              "x-amazon-apigateway-integration": {{ "type": "mock" }} }} }} }} }}"##
        );
        let file = std::env::temp_dir().join(format!("stagegate-self-{n}-{}.json", std::process::id()));
        std::fs::write(&file, text).expect("a writable file");
        if let Ok(loaded) = load(&sources(&file, &[])) {
            for (_, model) in &loaded.api.resources()[0].methods[0].request.models {
                let _ = check_body(&model.schema, br#"{"a":1}"#, &loaded.settings.limits);
            }
        }
        std::fs::remove_file(&file).expect("a file of our own");
    }
}

/// How the definition names a function, what its name and qualifier are, and which entry of `functions` it is.
const FUNCTIONS: &[(&str, &str, Option<&str>, &str)] = &[
    ("orders", "orders", None, "orders"),
    ("orders:live", "orders", Some("live"), "orders:live"),
    ("orders:other", "orders", Some("other"), "orders"),
    ("function:orders", "orders", None, "orders"),
    ("function:orders:live", "orders", Some("live"), "orders:live"),
    ("123456789012:function:orders", "orders", None, "orders"),
    ("arn:aws:lambda:us-east-1:123456789012:function:orders", "orders", None, "orders"),
    ("arn:aws:lambda:us-east-1:123456789012:function:orders:live", "orders", Some("live"), "orders:live"),
    ("arn:aws:lambda:us-east-1:123456789012:function:orders:$LATEST", "orders", Some("$LATEST"), "orders"),
    ("arn:aws-cn:lambda:cn-north-1:123456789012:function:reports", "reports", None, "*"),
    ("reports:7", "reports", Some("7"), "*"),
    ("${Orders.Arn}", "Orders", None, "*"),
    ("${stageVariables.name}:${stageVariables.alias}", "orders", Some("live"), "orders:live"),
];

#[test]
fn functions_are_found_by_alias_by_name_or_by_star() {
    for (written, name, qualifier, entry) in FUNCTIONS {
        let uri = format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{written}/invocations");
        for integration in [format!("function: {written:?}"), format!("httpMethod: POST, uri: {uri:?}")] {
            let is_uri = integration.contains("uri");
            if !is_uri && written.contains("Arn}") {
                continue;
            }
            let text = format!(
                "functions: {{ orders: {{ http: 'http://a' }}, 'orders:live': {{ http: 'http://b' }}, '*': {{ http: 'http://c' }} }}\n\
                 api:\n  stage_variables: {{ name: orders, alias: live }}\n  routes:\n\
                 \x20   - {{ path: /, method: GET, integration: {{ type: AWS_PROXY, {integration} }} }}\n"
            );
            let loaded = load(&inline(&text)).expect("it loads");
            let Endpoint::Lambda(function) = &loaded.api.resources()[0].methods[0].integration.endpoint else {
                unreachable!("{written}")
            };
            let found = loaded.settings.functions[function.backend].name.as_str();
            assert_eq!(
                (&*function.name, function.qualifier.as_deref(), found),
                (*name, *qualifier, *entry),
                "{written}"
            );
            assert!(function.arn.starts_with("arn:aws"), "{}", function.arn);
        }
    }
}

#[test]
fn a_definition_over_six_megabytes_is_a_warning() {
    let text = std::fs::read_to_string(support::data("openapi").join("cors-mock.yaml")).expect("a readable file");
    let file = std::env::temp_dir().join(format!("stagegate-six-{}.yaml", std::process::id()));
    std::fs::write(&file, format!("{text}# {}\n", "x".repeat(6 << 20))).expect("a writable file");
    let loaded = loaded(&file, &[]);
    std::fs::remove_file(&file).expect("a file of our own");
    assert!(loaded.problems.iter().any(|p| p.rule == "definition-size"), "{:?}", loaded.problems);
}

#[test]
fn a_definition_may_stand_in_the_configuration() {
    let text = "functions: { app: { http: 'http://a' } }\napi:\n  definition:\n    swagger: '2.0'\n    paths:\n      /x:\n        \
                get:\n          x-amazon-apigateway-integration: { type: aws, httpMethod: GET, uri: \"\\e[2J\\n\" }\n";
    let loaded = load(&inline(text)).expect("the other methods would be served");
    let shown: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
    assert_eq!(shown.len(), 1, "{shown:?}");
    let place = "error: stagegate.yaml:8: api.definition.paths./x.get.x-amazon-apigateway-integration.uri: `\\u{1b}[2J\\n` is not";
    assert!(shown[0].starts_with(place), "{}", shown[0]);
}
