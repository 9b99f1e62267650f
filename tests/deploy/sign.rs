//! Signed calls, judged by an independent reading of AWS Signature Version 4.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use super::tool::{Neighbour, tool};
use crate::support::sidecar::Sidecar;

#[test]
fn calls_to_the_invoke_api_are_signed() {
    let verdict = signed_call(&|port| json!({"invoke_api": format!("http://127.0.0.1:{port}")}));
    assert_eq!(
        verdict,
        json!({
            "right": true, "key": "AKIDEXAMPLE", "token": "session", "unsigned": [], "body": true,
            // As AWS's own clients send it.
            "target": "/2015-03-31/functions/orders%3Alive/invocations",
        })
    );
}

#[test]
fn calls_to_an_http_function_are_signed() {
    let url = |port| format!("http://127.0.0.1:{port}/a%20b/c:d?x=y%20z&b");
    let verdict = signed_call(&|port| json!({"http": url(port)}));
    assert_eq!(
        verdict,
        json!({
            "right": true, "key": "AKIDEXAMPLE", "token": "session", "unsigned": [], "body": true,
            "target": "/a%20b/c%3Ad?x=y%20z&b",
        })
    );
}

#[test]
fn a_call_without_credentials_is_not_sent() {
    let config = config(&json!({"invoke_api": "http://127.0.0.1:1"}));
    let nowhere = [("HOME", "/nonexistent"), ("AWS_EC2_METADATA_DISABLED", "true")];
    let stagegate = Sidecar::start_with(&config, &nowhere);
    assert_eq!(stagegate.get("/orders").status, 500);
    let series = r#"failures_total{cause="configuration",method="GET",resource="/orders",status="500"}"#;
    assert_eq!(stagegate.metric(series), 1.0);
}

fn signed_call(backend: &dyn Fn(u16) -> Value) -> Value {
    let mut verifier = tool("python3", "Python 3");
    verifier.arg(crate::support::data("deploy").join("verify_signature.py"));
    verifier.args(["wJalrXUtnFEMI/K7MDENG", "eu-west-1", "lambda"]);
    let mut verifier = Neighbour(verifier.stdout(Stdio::piped()).spawn().expect("python"));
    let mut lines = BufReader::new(verifier.0.stdout.take().expect("a pipe")).lines();
    let mut line = || lines.next().expect("a line").expect("text");
    let port = line().parse().expect("a port");
    let credentials = [
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG"),
        ("AWS_SESSION_TOKEN", "session"),
    ];
    let stagegate = Sidecar::start_with(&config(&backend(port)), &credentials);
    let answer = stagegate.get("/orders");
    assert_eq!((answer.status, answer.text()), (200, "signed"));
    serde_json::from_str(&line()).expect("a verdict")
}

fn config(backend: &Value) -> String {
    let mut backend = backend.clone();
    backend["sign"] = json!({"region": "eu-west-1", "service": "lambda"});
    let integration = json!({"type": "AWS_PROXY", "function": "orders:live"});
    let api = json!({"routes": [{"path": "/orders", "method": "GET", "integration": integration}]});
    // JSON is YAML.
    format!("api: {api}\nfunctions: {{ \"*\": {backend} }}\n")
}
