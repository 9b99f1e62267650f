//! Faults on purpose: who gets them, and that everybody can see that they were asked for.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::http::{get, send};
use crate::support::lambda::{Backend, Reply};
use crate::support::sidecar::{Sidecar, command, until};

const API: &str = "api:
  routes:
    - { path: '/pets/{id}', method: GET, integration: { type: AWS_PROXY, function: f } }
    - { path: /other, method: GET, integration: { type: AWS_PROXY, function: f } }
";

fn start(faults: &str) -> (Backend, Sidecar) {
    let backend = Backend::start(|_| Reply::payload(r#"{"statusCode":200,"body":"ok"}"#));
    let sidecar = Sidecar::start(&config(&backend, faults));
    (backend, sidecar)
}

fn config(backend: &Backend, faults: &str) -> String {
    format!("{API}functions: {{ f: {{ invoke_api: 'http://{}' }} }}\n{faults}", backend.address)
}

fn with(sidecar: &Sidecar, path: &str, header: &str) -> u16 {
    send(sidecar.data, format!("GET {path} HTTP/1.1\r\nHost: h\r\n{header}\r\nConnection: close\r\n\r\n")).status
}

/// Each share of its own route; no other route, and no header, brings a fault where none was asked for.
#[test]
fn all_or_none_fail_unasked() {
    let (backend, sidecar) = start(
        "faults:\n  - { match: 'GET /pets/{id}', cause: timeout, percent: 100, header: false }\n  \
         - { match: 'GET /other', cause: throttled, percent: 0 }\n",
    );
    for _ in 0..50 {
        assert_eq!((sidecar.get("/pets/1").status, sidecar.get("/other").status), (504, 200));
    }
    assert_eq!(with(&sidecar, "/other", "X-Stagegate-Fault: throttled"), 429);
    assert_eq!(with(&sidecar, "/other", "X-Stagegate-Fault: timeout"), 200);
    assert_eq!(backend.seen().len(), 51);
    for (series, count) in [
        ("faults_injected_total{cause=\"timeout\",method=\"GET\",resource=\"/pets/{id}\"}", 50.0),
        ("faults_injected_total{cause=\"throttled\",method=\"GET\",resource=\"/other\"}", 1.0),
        ("failures_total{cause=\"timeout\",method=\"GET\",resource=\"/pets/{id}\",status=\"504\"}", 50.0),
        ("invocations_total{function=\"f\",outcome=\"timeout\"}", 50.0),
        ("invocations_total{function=\"f\",outcome=\"success\"}", 51.0),
    ] {
        assert_eq!(sidecar.metric(series), count, "{series}");
    }
}

#[test]
fn half_of_all_is_about_half() {
    let (_backend, sidecar) = start("faults: [{ match: '* *', cause: invocation_rejected, percent: 50 }]\n");
    let failed = (0..400).filter(|_| sidecar.get("/other").status == 500).count();
    // A fair coin is outside of these bounds once in 10^12 times.
    assert!((130..270).contains(&failed), "{failed} of 400");
}

#[test]
fn a_header_breaks_nothing_that_did_not_ask_for_it() {
    let (_backend, sidecar) = start("");
    assert_eq!(with(&sidecar, "/other", "X-Stagegate-Fault: throttled"), 200);
    assert!(!sidecar.ask("/metrics").text().contains("faults_injected"), "a series without a fault");
}

/// Whoever asks for what cannot come is told why, and nothing happens.
#[test]
fn a_fault_that_is_asked_for_in_vain_is_explained() {
    let (_backend, sidecar) = start(
        "faults:\n  - { match: 'GET /pets/{id}', cause: timeout, header: X-Fault }\n  - { match: 'GET /pets/{id}', cause: network_error, header: X-Fault }\n",
    );
    let nobody = "The header `X-Stagegate-Fault` asks for nothing: no entry of `faults` listens to it on this route";
    for (path, header, expected) in [
        (
            "/pets/1",
            "X-Fault: tiemout",
            Some("`X-Fault: tiemout` asks for no fault of this route: expected `network_error`, `timeout`"),
        ),
        (
            "/pets/1",
            "X-Fault: throttled",
            Some("`X-Fault: throttled` asks for no fault of this route: expected `network_error`, `timeout`"),
        ),
        ("/pets/1", "X-Stagegate-Fault: timeout", Some(nobody)),
        ("/other", "X-Stagegate-Fault: timeout", Some(nobody)),
        ("/other", "X-Fault: timeout", None),
        ("/other", "X-Other: 1", None),
    ] {
        assert_eq!(with(&sidecar, path, header), 200, "{header}");
        let id = sidecar.ask("/requests").json()[0]["id"].as_str().expect("an id").to_owned();
        let told = sidecar.ask(&format!("/requests/{id}")).json();
        assert_eq!(told["reasons"]["request"][0].as_str(), expected, "{header}: {told}");
    }
    let mut explain = command();
    explain.current_dir(&sidecar.folder).args(["explain", "--path", "/pets/1", "--header", "X-Fault: tiemout"]);
    let said = String::from_utf8(explain.output().expect("the binary").stdout).expect("text");
    assert!(said.contains("\n  `X-Fault: tiemout` asks for no fault of this route: expected"), "{said}");
}

#[test]
fn a_call_fails_after_its_time() {
    let (_backend, sidecar) = start("faults: [{ match: 'GET /other', cause: timeout, after: 300ms }]\n");
    let begun = Instant::now();
    assert_eq!(sidecar.get("/other").status, 504);
    assert!(begun.elapsed() >= Duration::from_millis(300), "{:?}", begun.elapsed());
}

#[test]
fn everybody_can_see_that_it_was_on_purpose() {
    let (_backend, mut sidecar) =
        start("faults: [{ match: 'GET /pets/{id}', cause: function_error, header: X-Fault }]\n");
    let armed: Value = serde_json::from_str(&sidecar.wait_for_log("fail on purpose")).expect("a JSON line");
    assert_eq!(
        armed,
        json!({
            "time": armed["time"], "level": "warn", "message": "requests fail on purpose: `faults` is set",
            "match": "GET /pets/{id}", "cause": "function_error", "percent": 0, "header": "X-Fault",
        })
    );
    assert_eq!(with(&sidecar, "/pets/1", "X-Fault: yes"), 502);
    let line: Value = serde_json::from_str(&sidecar.wait_for_log("failed on purpose")).expect("a JSON line");
    let told = |name: &str| line[name].as_str().unwrap_or_default();
    assert_eq!(
        ["level", "fault", "cause", "route", "why"].map(told),
        [
            "warn",
            "function_error",
            "function_error",
            "GET /pets/{id}",
            "Fault on purpose: Lambda execution failed with status 200 due to customer function error: a fault on purpose",
        ]
    );
    let listed: Value = sidecar.ask("/requests").json();
    assert_eq!(listed[0]["fault"], "function_error", "{listed}");
    let id = told("request_id");
    let whole: Value = sidecar.ask(&format!("/requests/{id}")).json();
    let trace: Vec<&str> = whole["trace"].as_array().expect("a trace").iter().filter_map(Value::as_str).collect();
    assert!(trace.contains(&"Fault on purpose: function_error; nothing is called"), "{trace:#?}");
    assert_eq!(get(sidecar.data, "/pets/1").status, 200);
    assert_eq!(sidecar.ask("/requests").json()[0]["fault"], Value::Null);
}

#[test]
fn a_reload_arms_and_disarms() {
    let (backend, mut sidecar) = start("");
    assert_eq!(sidecar.get("/other").status, 200);
    sidecar.rewrite(&config(&backend, "faults: [{ match: '* *', cause: network_error }]\n"));
    until("armed", || sidecar.get("/other").status == 504);
    sidecar.wait_for_log("requests fail on purpose");
    sidecar.rewrite(&config(&backend, "faults: [{ match: 'GET /others', cause: network_error }]\n"));
    let refused = sidecar.wait_for_log("has no method `GET /others`");
    assert!(refused.contains("the nearest is `GET /other`"), "{refused}");
    assert_eq!(sidecar.get("/other").status, 504);
    sidecar.rewrite(&config(&backend, ""));
    until("disarmed", || sidecar.get("/other").status == 200);
    sidecar.wait_for_log("nothing fails on purpose any more");
}

#[test]
fn the_error_map_tells_how_often_each_cause_happened() {
    let (_backend, sidecar) = start("faults: [{ match: 'GET /other', cause: timeout, header: true }]\n");
    assert_eq!([1, 2].map(|_| with(&sidecar, "/other", "X-Stagegate-Fault: timeout")), [504, 504]);
    let from = format!("http://{}", sidecar.admin);
    let map = |format: &str| {
        let asked = ["check", "--errors", "--from", &from, "--format", format];
        let output = command().current_dir(&sidecar.folder).args(asked).output().expect("the binary");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let text = map("text");
    assert!(text.contains("  504 timeout\n") && text.matches("happened 2 times\n").count() == 1, "{text}");
    let json: Value = serde_json::from_str(&map("json")).expect("JSON");
    let causes = json["routes"][1]["causes"].as_array().expect("causes");
    let timeout = causes.iter().find(|cell| cell["cause"] == "timeout").expect("a cell");
    assert_eq!((&timeout["status"], &timeout["happened"]), (&json!(504), &json!(2)));
}
