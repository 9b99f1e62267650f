//! A real Prometheus scrapes a real stagegate under traffic, and comes to the conclusions that it should.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::grafana::{expressions, filled_in};
use super::prometheus::promtool;
use super::tool::{Neighbour, free_port, poll, read, scratch, tool, write};
use crate::support::http;
use crate::support::lambda::{Backend, Reply, Seen};
use crate::support::sidecar::{Sidecar, until};

/// Each alert that the traffic must raise, with what it is about. Nothing else may fire.
const EXPECTED: [(&str, &str); 10] = [
    ("StagegateBackendUnreachable", "/gone"),
    ("StagegateDefinitionErrors", "/unmatched"),
    ("StagegateFaultsInjected", "/armed"),
    ("StagegateFunctionErrors", "/raise"),
    ("StagegateInvocationsRejected", "/rejected"),
    ("StagegateMalformedResponses", "/malformed"),
    ("StagegateMaskedErrors", "/masked"),
    ("StagegateReloadFailing", ""),
    ("StagegateRuleNeverHit", "/masked"),
    ("StagegateTimeouts", "/slow"),
];
const PATHS: [&str; 11] = [
    "/ok",
    "/raise",
    "/malformed",
    "/rejected",
    "/slow",
    "/gone",
    "/masked",
    "/unmatched",
    "/armed",
    "/guarded",
    "/stream",
];

/// A sidecar that has every metric there is, once each path was asked.
pub fn everything() -> (Backend, Sidecar) {
    let backend = Backend::start(play);
    let stagegate = Sidecar::start(&config(backend.address));
    PATHS.iter().for_each(|path| drop(stagegate.get(path)));
    // A stream counts a moment after its client has the last of it.
    until("counted", || stagegate.ask("/metrics").text().contains("stagegate_response_first_byte_seconds"));
    (backend, stagegate)
}

#[test]
fn traffic_raises_the_alerts_that_it_should() {
    let folder = scratch("scrape");
    let (_backend, stagegate) = everything();
    check_metrics(stagegate.admin);
    let (prometheus, address) = prometheus(&folder, stagegate.admin);
    std::fs::write(stagegate.folder.join("stagegate.yaml"), "{").expect("a file");
    let done = AtomicBool::new(false);
    let result = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                PATHS.iter().for_each(|path| drop(stagegate.get(path)));
            }
        });
        // The traffic ends even when a check fails.
        let checks = || {
            check_alerts(address);
            check_panels(address);
        };
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(checks));
        done.store(true, Ordering::Relaxed);
        result
    });
    drop(prometheus);
    result.unwrap_or_else(|cause| std::panic::resume_unwind(cause));
    check_metrics(stagegate.admin);
}

/// The function's part, by its name in the target.
fn play(call: &Seen) -> Reply {
    match call.target.split('/').nth(3).unwrap_or_default() {
        "raise" => Reply::error(r#"{"errorMessage": "out of lamps", "errorType": "LampError"}"#),
        "malformed" => Reply::payload(r#"{"status": 200}"#),
        "rejected" => Reply::With(429, &[], r#"{"message": "Rate Exceeded."}"#.into()),
        // The integration's timeout is 100 ms: this stands for a function that takes too long.
        "slow" => Reply::After(Duration::from_secs(2), Box::new(Reply::Close)),
        _ => Reply::payload(r#"{"statusCode": 200, "body": "fine"}"#),
    }
}

fn config(backend: SocketAddr) -> String {
    let never = json!({"statusCode": 500, "selectionPattern": "(?=Never).*"});
    let custom = |path: &str, responses: Value| {
        let integration = json!({"type": "AWS", "function": "raise", "responses": responses});
        json!({"path": path, "method": "GET", "methodResponses": [200, 500], "integration": integration})
    };
    let mut routes: Vec<Value> = ["ok", "raise", "malformed", "rejected", "slow", "gone"]
        .map(|function| {
            // Of the others none is too late, on a busy machine either.
            let timeout = if function == "slow" { 100 } else { 5_000 };
            let integration = json!({"type": "AWS_PROXY", "function": function, "timeoutInMillis": timeout});
            json!({"path": format!("/{function}"), "method": "GET", "integration": integration})
        })
        .into();
    routes.push(custom("/masked", json!([{"statusCode": 200}, never])));
    routes.push(custom("/unmatched", json!([never])));
    let plain = |path: &str, integration: Value| json!({"path": path, "method": "GET", "integration": integration});
    routes.push(plain("/armed", json!({"type": "AWS_PROXY", "function": "ok"})));
    let uri = format!("http://{backend}/stream");
    let stream = json!({"type": "HTTP_PROXY", "uri": uri, "httpMethod": "GET", "responseTransferMode": "STREAM"});
    routes.push(plain("/stream", stream));
    // Nobody shows a token.
    let mut guarded = plain("/guarded", json!({"type": "AWS_PROXY", "function": "ok"}));
    guarded["authorizationType"] = "CUSTOM".into();
    guarded["authorizerId"] = "guard".into();
    routes.push(guarded);
    let guard = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/ok/invocations";
    let authorizers = json!({"guard": {"type": "TOKEN", "authorizerUri": guard}});
    let faults = json!([{"match": "GET /armed", "cause": "throttled"}]);
    let nobody = free_port();
    let routes = Value::from(routes);
    // JSON is YAML.
    format!(
        "api: {{ routes: {routes}, authorizers: {authorizers} }}\nfaults: {faults}\n\
         functions: {{ idle: {{ emulator: \"http://127.0.0.1:{nobody}\" }}, gone: {{ invoke_api: \"http://127.0.0.1:{nobody}\" }}, \
         ok: {{ invoke_api: \"http://{backend}\", concurrency: 100 }}, \"*\": {{ invoke_api: \"http://{backend}\" }} }}\n"
    )
}

/// Prometheus with our rules, made to look back over seconds instead of minutes and days.
fn prometheus(folder: &std::path::Path, target: SocketAddr) -> (Neighbour, SocketAddr) {
    let mut rules = read("prometheus/rules.yaml");
    for (long, short) in [
        ("[5m]", "[5s]"),
        ("[7d]", "[10s]"),
        ("> 1000", "> 10"),
        ("for: 2m", "for: 1s"),
        ("for: 5m", "for: 1s"),
        ("for: 10m", "for: 1s"),
        ("interval: 10m", "interval: 1s"),
    ] {
        assert!(rules.contains(long), "{long}");
        rules = rules.replace(long, short);
    }
    write(folder, "rules.yaml", &rules);
    let config =
        read("prometheus/prometheus.yaml").replace("15s", "500ms").replace("stagegate:9180", &target.to_string());
    let config = write(folder, "prometheus.yaml", &config);
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let mut command = tool("prometheus", "the Debian package prometheus");
    command.arg(format!("--config.file={}", config.display())).arg(format!("--web.listen-address={address}"));
    command.arg(format!("--storage.tsdb.path={}", folder.join("data").display()));
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("prometheus");
    (Neighbour(child), address)
}

fn check_alerts(prometheus: SocketAddr) {
    let expected: BTreeSet<(String, String)> = EXPECTED.map(|(name, about)| (name.into(), about.into())).into();
    poll(|| {
        let firing = query(prometheus, r#"ALERTS{alertstate="firing"}"#)?;
        let firing = firing.iter().map(|alert| {
            let label = |key: &str| alert["metric"][key].as_str().unwrap_or_default().to_owned();
            (label("alertname"), label("resource"))
        });
        let firing: BTreeSet<_> = firing.collect();
        let missing: Vec<_> = expected.difference(&firing).collect();
        let unwanted: Vec<_> = firing.difference(&expected).collect();
        if firing == expected { Ok(()) } else { Err(format!("missing {missing:?}, unwanted {unwanted:?}")) }
    });
}

/// Every panel has something to show, but for what only Kubernetes measures, for marks of reloads, and for 4xx.
fn check_panels(prometheus: SocketAddr) {
    for expr in expressions() {
        let text = filled_in(&expr).replace("[5m]", "[5s]").replace("[1h]", "[1m]");
        let optional = ["container_", "changes(", "status=~\"4..\""].iter().any(|part| text.contains(part));
        poll(|| {
            let found = query(prometheus, &text)?;
            if optional || !found.is_empty() { Ok(()) } else { Err(format!("nothing to show for {expr}")) }
        });
    }
}

fn query(prometheus: SocketAddr, expr: &str) -> Result<Vec<Value>, String> {
    let mut command = promtool();
    command.args(["query", "--format=json", "instant", &format!("http://{prometheus}"), expr]);
    let output = command.output().map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).map_err(|e| format!("{e}: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

/// promtool finds nothing to complain about in the exposition.
fn check_metrics(admin: SocketAddr) {
    let metrics = http::get(admin, "/metrics");
    assert_eq!(metrics.status, 200);
    let mut child =
        promtool().args(["check", "metrics"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("promtool");
    child.stdin.take().expect("a pipe").write_all(&metrics.body).expect("promtool listens");
    let output = child.wait_with_output().expect("promtool");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{complaints}\n{}", metrics.text());
}
