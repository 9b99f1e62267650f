//! What two definitions, or a definition and recorded exchanges, have different: `diff`, `replay`, `record`, `tap`.

use std::path::PathBuf;
use std::process::Output;

use serde_json::Value;

use crate::support::lambda::{Backend, Reply};
use crate::support::sidecar::{Sidecar, command, folder};
use crate::support::{data, golden};

fn run(arguments: &[&str]) -> Output {
    command().current_dir(data("comparing")).args(arguments).output().expect("the binary")
}

fn is_golden(name: &str, output: &Output, code: i32) {
    let text = String::from_utf8_lossy(&output.stdout);
    if let Some(wrong) = golden(&data("comparing").join(name), &text) {
        panic!("{wrong}");
    }
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_differs_for_a_client() {
    is_golden("diff.txt", &run(&["diff", "production.yaml", "staging.yaml"]), 1);
    is_golden("same.txt", &run(&["diff", "production.yaml", "production.yaml"]), 0);
    let document = run(&["diff", "production.yaml", "staging.yaml", "--format", "json"]);
    let document: Value = serde_json::from_slice(&document.stdout).expect("JSON");
    assert_eq!(document["differences"][0]["of"], "ANY /new", "{document}");
    let missing = run(&["diff", "production.yaml", "nowhere.yaml"]);
    assert_eq!(missing.status.code(), Some(78));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("nowhere.yaml"), "{missing:?}");
}

/// A definition alone is compared, too: an export with the configuration that names it.
#[test]
fn a_definition_is_as_good_as_a_configuration() {
    let exported = command().args(["export", "--config"]).arg(data("comparing").join("production.yaml")).output();
    let file = folder().join("exported.json");
    std::fs::write(&file, exported.expect("the binary").stdout).expect("a file");
    let output = run(&["diff", "production.yaml", &file.display().to_string()]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "no difference for a client\n");
}

#[test]
fn only_what_changes_is_told() {
    is_golden("replay.txt", &run(&["replay", "cases.yaml", "--against", "staging.yaml"]), 1);
    let output = run(&["replay", "cases.yaml"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "4 exchanges played, 0 changed\n");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(run(&["replay", "nowhere.yaml"]).status.code(), Some(78));
}

/// The same as `aws logs filter-log-events` gives it out.
#[test]
fn an_execution_log_may_be_json() {
    let log = std::fs::read_to_string(data("comparing").join("aws.log")).expect("a log");
    let events: Vec<Value> = log.lines().map(|line| serde_json::json!({ "timestamp": 1, "message": line })).collect();
    let file = folder().join("events.json");
    std::fs::write(&file, serde_json::json!({ "events": events }).to_string()).expect("a file");
    let output = run(&["replay", "--against", "production.yaml", "--aws", &file.display().to_string()]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "2 exchanges played, 0 changed\n", "{output:?}");
}

#[test]
fn nothing_to_play_is_a_failure() {
    let log = folder().join("empty.log");
    std::fs::write(&log, "no event\n").expect("a file");
    let output = run(&["replay", "--against", "production.yaml", "--aws", &log.display().to_string()]);
    assert_eq!(
        (String::from_utf8_lossy(&output.stdout).as_ref(), output.status.code()),
        ("no exchange found\n", Some(1))
    );
}

/// What `explain` tells in AWS's words is such a log, too.
#[test]
fn an_explanation_is_played_again() {
    let payload = folder().join("payload.json");
    std::fs::write(&payload, r#"{"errorMessage":"order 7 is [bad]"}"#).expect("a file");
    let payload = payload.display().to_string();
    let told = run(&[
        "explain",
        "--config",
        "production.yaml",
        "--path",
        "/orders/7",
        "--function-error",
        "--payload",
        &payload,
        "--format",
        "aws",
    ]);
    let log = folder().join("own.log");
    std::fs::write(&log, told.stdout).expect("a file");
    let output = run(&["replay", "--against", "production.yaml", "--aws", &log.display().to_string()]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1 exchange played, 0 changed\n", "{output:?}");
}

/// Production's own log, played here: the same answers, but where the two definitions differ.
#[test]
fn an_execution_log_of_aws_is_played() {
    let same = run(&["replay", "--aws", "aws.log", "--against", "production.yaml"]);
    assert_eq!(String::from_utf8_lossy(&same.stdout), "2 exchanges played, 0 changed\n");
    assert_eq!(
        String::from_utf8_lossy(&same.stderr),
        "not played: aws.log: 7aa00000-8b86-4011-b42d-00c04fc964ff: a message of it is cut ([TRUNCATED])\n"
    );
    is_golden("aws.txt", &run(&["replay", "--aws", "aws.log", "--against", "staging.yaml"]), 1);
}

#[test]
fn what_was_recorded_is_played_again() {
    let backend = Backend::start(|seen| match seen.target.contains("fail") {
        true => Reply::error(r#"{"errorMessage":"order 7 is [bad]"}"#),
        false => Reply::payload(r#"{"id":7}"#),
    });
    let config = std::fs::read_to_string(data("comparing").join("production.yaml")).expect("a file");
    // The sidecar has addresses of its own.
    let config = config.split_once("functions:").map(|(_, rest)| format!("functions:{rest}")).expect("functions");
    let config = config.replace("http://127.0.0.1:1", &format!("http://{}", backend.address));
    let sidecar = Sidecar::start(&config);
    let out: PathBuf = sidecar.folder.join("cases");
    let url = format!("http://{}", sidecar.admin);
    let child = |arguments: &[&str]| {
        let mut command = command();
        // Long enough to begin on a machine that stalls.
        command.args(arguments).args(["--url", &url, "--for", "5s"]).stdout(std::process::Stdio::piped());
        command.spawn().expect("the binary")
    };
    sidecar.get("/orders/7?x=1");
    let secret = format!(
        "POST /orders HTTP/1.1\r\nHost: h\r\nX-Api-Key: {}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}",
        "topsecretkey"
    );
    crate::support::http::send(sidecar.data, secret);
    let record = child(&["record", "--out", &out.display().to_string(), "--case-config", "../stagegate.yaml"]);
    let tap = child(&["tap", "--filter", "4xx"]);
    let (record, tap) = (record.wait_with_output().expect("an end"), tap.wait_with_output().expect("an end"));
    assert_eq!(String::from_utf8_lossy(&record.stdout), format!("2 cases written to `{}`\n", out.display()));
    let tapped = String::from_utf8_lossy(&tap.stdout).into_owned();
    assert!(tapped.lines().count() == 1 && tapped.contains("403 POST /orders  /orders"), "{tapped}");
    assert!(tapped.ends_with("api_key  Request refused: Forbidden\n"), "{tapped}");

    let files: Vec<String> = std::fs::read_dir(&out)
        .expect("a folder")
        .map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).expect("a file"))
        .collect();
    assert!(files.iter().all(|text| !text.contains("topsecretkey")), "{files:?}");
    let played = command().arg("replay").arg(&out).output().expect("the binary");
    assert_eq!(String::from_utf8_lossy(&played.stdout), "2 exchanges played, 0 changed\n");
}

/// An API whose callers an authorizer tells apart: what it said is in the cases, also where its answer was another request's. They find
/// the configuration of the working directory by themselves.
#[test]
fn what_an_authorizer_said_is_recorded() {
    let backend = Backend::start(|seen| {
        if !seen.target.contains("guard") {
            return Reply::payload(format!(r#"{{"plan":{}}}"#, seen.json()["plan"]));
        }
        let policy = |statements: &str| {
            Reply::payload(format!(
                r#"{{"principalId":"me","policyDocument":{{"Version":"2012-10-17","Statement":[{statements}]}},"context":{{"plan":"gold","level":7}}}}"#
            ))
        };
        match seen.json()["authorizationToken"].as_str() {
            Some("good") => policy(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#),
            Some("bad") => policy(r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#),
            Some("none") => policy(""),
            Some("who") => Reply::error(r#"{"errorMessage":"Unauthorized"}"#),
            _ => Reply::error(r#"{"errorMessage":"boom"}"#),
        }
    });
    let sidecar = Sidecar::start(&format!(
        "api:\n  authorizers:\n    guard: {{ type: TOKEN, identitySource: method.request.header.X-Token, authorizerResultTtlInSeconds: 300, \
         authorizerUri: 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/guard/invocations' }}\n  routes:\n    \
         - path: /mine\n      method: GET\n      authorizationType: CUSTOM\n      authorizerId: guard\n      methodResponses: [200]\n      \
         integration:\n        type: AWS\n        function: orders\n        requestTemplates: {{ application/json: '{{\"plan\":\"$context.authorizer.plan\"}}' }}\n        \
         responses: [{{ statusCode: 200 }}]\nfunctions: {{ '*': {{ invoke_api: 'http://{}' }} }}\n",
        backend.address
    ));
    for token in ["good", "good", "bad", "none", "who", "boom"] {
        let request = format!("GET /mine HTTP/1.1\r\nHost: h\r\nX-Token: {token}\r\nConnection: close\r\n\r\n");
        crate::support::http::send(sidecar.data, request);
    }
    let url = format!("http://{}", sidecar.admin);
    let mut record = command();
    record.current_dir(&sidecar.folder).args(["record", "--out", "cases", "--url", &url, "--for", "5s"]);
    let record = record.output().expect("the binary");
    assert_eq!(String::from_utf8_lossy(&record.stdout), "6 cases written to `cases`\n");
    assert_eq!(String::from_utf8_lossy(&record.stderr), "");
    let played = command().current_dir(&sidecar.folder).args(["test", "cases"]).output().expect("the binary");
    assert_eq!(String::from_utf8_lossy(&played.stdout), "6 cases: 6 passed, 0 failed\n");
    let mut elsewhere = command();
    elsewhere.current_dir(sidecar.folder.join("cases")).args(["record", "--out", "more", "--url", &url, "--for", "1s"]);
    let told = elsewhere.output().expect("the binary").stderr;
    assert_eq!(
        String::from_utf8_lossy(&told),
        "the cases are played with `more/stagegate.yaml`, which is not there: put the configuration there, or name it with `--case-config`\n"
    );
}
