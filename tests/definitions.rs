//! Definitions of the kinds that public repositories hold, served: each file's cases offline, and over real sockets with
//! the real binary and a backend that plays the canned answers.

use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use stagegate::parse;
use stagegate::{Suite, find};

use crate::support;
use crate::support::http::{Answer, send};
use crate::support::lambda::{Backend, Reply, Seen};
use crate::support::sidecar::Sidecar;

#[test]
fn offline_every_case_is_as_expected() {
    let mut missed = Vec::new();
    let files = find(&[support::data("definitions")]).expect("readable folders");
    assert!(files.len() > 10, "{} files only", files.len());
    for file in files {
        let suite = Suite::read(&file).unwrap_or_else(|unreadable| panic!("{unreadable}"));
        for (n, name) in suite.names().enumerate() {
            for miss in suite.run(n).unwrap_or_else(|unreadable| panic!("{unreadable}")) {
                missed.push(format!("{}: {name}\n{miss}", file.display()));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n\n"));
}

#[test]
fn over_sockets_every_case_is_as_expected() {
    let mut ran = 0;
    for file in find(&[support::data("definitions")]).expect("readable folders") {
        ran += serve(&file);
    }
    assert!(ran > 40, "{ran} cases only");
}

/// Serves a file's definition and sends the request of each case.
fn serve(file: &Path) -> usize {
    let text = std::fs::read_to_string(file).expect("a readable file");
    let document = parse(file, &text).expect("a document").to_json();
    let canned: Arc<Mutex<Value>> = Arc::default();
    let answers = canned.clone();
    let backend = Backend::start(move |seen| play(seen, &answers.lock().expect("a lock")));
    let address = format!("http://{}", backend.address);
    let sidecar = Sidecar::start(&configuration(file, &text, &address));
    let cases = document["cases"].as_array().expect("cases");
    for case in cases {
        let name = format!("{}: {}", file.display(), case["name"]);
        *canned.lock().expect("a lock") = case["backend"].clone();
        let before = backend.seen().len();
        let answer = send(sidecar.data, request(&case["request"]));
        compare(&name, &case["response"], &answer);
        let seen = backend.seen().split_off(before);
        match (&case["call"], &case["backend"]) {
            (_, Value::Null) => assert!(seen.is_empty(), "{name}: the backend was called"),
            (call, _) => {
                assert_eq!(seen.len(), 1, "{name}: calls of the backend");
                compare_call(&name, call, &seen[0]);
            }
        }
    }
    cases.len()
}

/// The file's own configuration, with the backend's address for everything that is called.
fn configuration(file: &Path, text: &str, address: &str) -> String {
    let own = text.split("\ncases:").next().expect("a first part");
    let definitions = file.parent().and_then(Path::parent).expect("a folder").join("openapi");
    let own = own.replace("../openapi", &definitions.display().to_string()).replace("http://backend.test", address);
    let host = address.trim_start_matches("http://");
    format!(
        "{}\nfunctions: {{ \"*\": {{ invoke_api: \"{address}\" }} }}\n",
        own.replace("backend.test", &format!("\"{host}\""))
    )
}

fn request(written: &Value) -> Vec<u8> {
    let body = body(written).unwrap_or_default();
    let method = written["method"].as_str().unwrap_or("GET");
    let path = written["path"].as_str().expect("a path");
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in written["headers"].as_object().unwrap_or(&Map::new()) {
        head.push_str(&format!("{name}: {}\r\n", value.as_str().expect("a text")));
    }
    [head.as_bytes(), b"\r\n", &body].concat()
}

/// The canned answer, as the Invoke API or as an HTTP backend gives it.
fn play(seen: &Seen, written: &Value) -> Reply {
    let body = body(written).unwrap_or_default();
    let mut head =
        format!("HTTP/1.1 {} X\r\nContent-Length: {}\r\n", written["status"].as_u64().unwrap_or(200), body.len());
    if seen.target.starts_with("/2015-03-31/functions/") && written["function_error"] == true {
        head.push_str("X-Amz-Function-Error: Unhandled\r\n");
    }
    for (name, value) in written["headers"].as_object().unwrap_or(&Map::new()) {
        head.push_str(&format!("{name}: {}\r\n", value.as_str().expect("a text")));
    }
    Reply::Raw([head.as_bytes(), b"\r\n", &body].concat())
}

fn body(written: &Value) -> Option<Vec<u8>> {
    let text = written["body"].as_str().map(|body| body.as_bytes().to_vec());
    let json = || written.get("json").map(|json| json.to_string().into_bytes());
    let base64 = || written["base64"].as_str().map(|body| STANDARD.decode(body).expect("base64"));
    text.or_else(json).or_else(base64)
}

fn compare(name: &str, expected: &Value, answer: &Answer) {
    assert_eq!(u64::from(answer.status), expected["status"].as_u64().expect("a status"), "{name}: {answer:?}");
    for (header, value) in expected["headers"].as_object().unwrap_or(&Map::new()) {
        assert_eq!(answer.header(header), value.as_str(), "{name}: {header} in {}", answer.head);
    }
    match expected.get("json") {
        Some(json) => assert_eq!(&answer.json(), json, "{name}"),
        None => {
            if let Some(body) = body(expected) {
                assert_eq!(String::from_utf8_lossy(&answer.body), String::from_utf8_lossy(&body), "{name}");
            }
        }
    }
}

fn compare_call(name: &str, expected: &Value, seen: &Seen) {
    if let Some(function) = expected["function"].as_str() {
        assert!(seen.target.contains(&format!("/functions/{function}")), "{name}: {}", seen.target);
    }
    if let Some(method) = expected["method"].as_str() {
        assert_eq!(seen.method, method, "{name}");
    }
    if let Some(uri) = expected["uri"].as_str() {
        assert_eq!(seen.target, uri.trim_start_matches("http://backend.test"), "{name}");
    }
    for (header, value) in expected["headers"].as_object().unwrap_or(&Map::new()) {
        assert_eq!(seen.header(header), value.as_str(), "{name}: {header} in {}", seen.head);
    }
    match expected.get("json") {
        Some(json) => assert_eq!(&seen.json(), json, "{name}"),
        None => {
            if let Some(body) = body(expected) {
                assert_eq!(seen.body, body, "{name}");
            }
        }
    }
}
