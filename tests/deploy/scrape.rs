//! A real Prometheus scrapes a real stagegate under traffic, and comes to the conclusions that it should.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::backend::{self, Answer};
use super::daemon::{Daemon, Neighbour, free_port, get, poll, try_get, write};
use super::grafana::expressions;
use super::prometheus::promtool;
use super::tool::{read, scratch, tool};

/// Each alert that the traffic must raise, with what it is about. Nothing else may fire.
const EXPECTED: [(&str, &str); 10] = [
    ("StagegateBackendUnreachable", "/gone"),
    ("StagegateDefinitionErrors", "/unmatched"),
    ("StagegateFunctionErrors", "/raise"),
    ("StagegateInvocationsRejected", "/rejected"),
    ("StagegateMalformedResponses", "/malformed"),
    ("StagegateMaskedErrors", "/masked"),
    ("StagegateReloadFailing", ""),
    ("StagegateRuleNeverHit", "/masked"),
    ("StagegateRuleNeverHit", "/unmatched"),
    ("StagegateTimeouts", "/slow"),
];
const PATHS: [&str; 8] = ["/ok", "/raise", "/malformed", "/rejected", "/slow", "/gone", "/masked", "/unmatched"];

#[test]
fn traffic_raises_the_alerts_that_it_should() {
    let folder = scratch("scrape");
    let config = write(&folder, "stagegate.json", &config(backend::serve(play)));
    let stagegate = Daemon::start(&config, &[]);
    check_metrics(stagegate.admin);
    let (prometheus, address) = prometheus(&folder, stagegate.admin);
    write(&folder, "stagegate.json", "{");
    let done = AtomicBool::new(false);
    let result = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                PATHS.iter().for_each(|path| drop(try_get(stagegate.data, path)));
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
fn play(target: &str) -> Answer {
    let failed = "X-Amz-Function-Error: Unhandled\r\n";
    let error = r#"{"errorMessage": "out of lamps", "errorType": "LampError"}"#;
    match target.split('/').nth(3).unwrap_or_default() {
        "raise" => Answer(200, failed, error),
        "malformed" => Answer(200, "", r#"{"status": 200}"#),
        "rejected" => Answer(429, "", r#"{"message": "Rate Exceeded."}"#),
        "slow" => {
            // The integration's timeout is 100 ms: this stands for a function that takes too long.
            std::thread::sleep(Duration::from_millis(300));
            Answer(200, "", r#"{"statusCode": 200}"#)
        }
        _ => Answer(200, "", r#"{"statusCode": 200, "body": "fine"}"#),
    }
}

fn config(backend: SocketAddr) -> String {
    let never = json!({"statusCode": 500, "selectionPattern": "Never.*"});
    let custom = |path: &str, responses: Value| {
        let integration = json!({"type": "AWS", "function": "raise", "responses": responses});
        json!({"path": path, "method": "GET", "methodResponses": [200, 500], "integration": integration})
    };
    let mut routes: Vec<Value> = ["ok", "raise", "malformed", "rejected", "slow", "gone"]
        .map(|function| {
            let integration = json!({"type": "AWS_PROXY", "function": function, "timeoutInMillis": 100});
            json!({"path": format!("/{function}"), "method": "GET", "integration": integration})
        })
        .into();
    routes.push(custom("/masked", json!([{"statusCode": 200}, never])));
    routes.push(custom("/unmatched", json!([never])));
    json!({
        "listen": "127.0.0.1:0",
        "admin": {"listen": "127.0.0.1:0"},
        "api": {"routes": routes},
        "functions": {
            "gone": {"invoke_api": format!("http://127.0.0.1:{}", free_port())},
            "*": {"invoke_api": format!("http://{backend}")},
        },
    })
    .to_string()
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
        let (_, body) = try_get(prometheus, "/api/v1/alerts").map_err(|e| e.to_string())?;
        let body: Value = serde_json::from_str(&body).map_err(|e| format!("{e}: {body}"))?;
        let alerts = body["data"]["alerts"].as_array().ok_or("no alerts")?;
        let firing = alerts.iter().filter(|alert| alert["state"] == "firing").map(|alert| {
            let label = |key: &str| alert["labels"][key].as_str().unwrap_or_default().to_owned();
            (label("alertname"), label("resource"))
        });
        let firing: BTreeSet<_> = firing.collect();
        if firing == expected {
            return Ok(());
        }
        let missing: Vec<_> = expected.difference(&firing).collect();
        let unwanted: Vec<_> = firing.difference(&expected).collect();
        Err(format!("missing {missing:?}, unwanted {unwanted:?}"))
    });
}

/// Every panel has something to show, but for what only Kubernetes measures, and for marks of reloads.
fn check_panels(prometheus: SocketAddr) {
    for expr in expressions() {
        let text = super::grafana::filled_in(&expr).replace("[5m]", "[5s]").replace("[1h]", "[1m]");
        let optional = ["container_", "changes(", "status=~\"4..\""].iter().any(|part| text.contains(part));
        let encoded: String = text.bytes().map(|b| format!("%{b:02X}")).collect();
        poll(|| {
            let (status, body) = get(prometheus, &format!("/api/v1/query?query={encoded}"));
            let body: Value = serde_json::from_str(&body).map_err(|e| format!("{e}: {body}"))?;
            let found = body["data"]["result"].as_array().map_or(0, Vec::len);
            let fine = status == 200 && (found > 0 || optional);
            if fine { Ok(()) } else { Err(format!("{expr}: {status} {body}")) }
        });
    }
}

/// promtool finds nothing to complain about in the exposition.
fn check_metrics(admin: SocketAddr) {
    let (status, metrics) = get(admin, "/metrics");
    assert_eq!(status, 200);
    let mut child =
        promtool().args(["check", "metrics"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("promtool");
    child.stdin.take().expect("a pipe").write_all(metrics.as_bytes()).expect("promtool listens");
    let output = child.wait_with_output().expect("promtool");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{complaints}\n{metrics}");
}
