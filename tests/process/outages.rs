//! Faults of backends, and what becomes of the calls beside and behind them: each is answered, counted once and sent once.

use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use super::proxy;
use crate::support::http::{Client, get, send};
use crate::support::lambda::{Backend, Reply};
use crate::support::sidecar::{Sidecar, until};

const MIB: usize = 1024 * 1024;
const GOOD: &str = r#"{"statusCode":200,"body":"good"}"#;
const PIECE: &[u8] = &[b'x'; 64 * 1024];

/// A name, what the backend does, the status of a function's call and how that is counted, and the status when the answer is only passed on.
type Row = (&'static str, fn() -> Reply, u16, &'static str, u16);

fn raw(text: &str) -> Reply {
    Reply::Raw(text.as_bytes().to_vec())
}

fn cut(text: &str) -> Reply {
    Reply::ThenClose(Box::new(raw(text)))
}

const ROWS: &[Row] = &[
    ("reset", || Reply::Reset(b""), 504, "network_error", 504),
    ("reset-in-head", || Reply::Reset(b"HTTP/1.1 200 OK\r\nContent-"), 504, "network_error", 504),
    ("reset-in-body", || Reply::Reset(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), 504, "network_error", 504),
    ("cut-in-head", || cut("HTTP/1.1 200 OK\r\nContent-Le"), 504, "network_error", 504),
    ("cut-in-chunk", || cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"), 504, "network_error", 504),
    (
        "cut-between-chunks",
        || cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"),
        504,
        "network_error",
        504,
    ),
    ("a-status-only", || cut("HTTP/1.1 200 OK"), 504, "network_error", 504),
    (
        "garbage",
        || Reply::ThenClose(Box::new(Reply::Raw((0..=255).cycle().take(70_000).collect()))),
        504,
        "network_error",
        504,
    ),
    ("half-a-json", || Reply::payload(&GOOD[..25]), 502, "malformed", 200),
    ("no-body", || Reply::payload(""), 502, "malformed", 200),
    ("bad-utf-8", || Reply::payload(*b"{\"statusCode\":200,\"body\":\"\xff\"}"), 502, "malformed", 200),
    ("length-too-short", || raw(&format!("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{GOOD}")), 502, "malformed", 200),
    ("length-of-nothing", || raw("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), 504, "network_error", 504),
    ("length-negative", || raw("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), 504, "network_error", 504),
    (
        "length-twice",
        || raw(&format!("HTTP/1.1 200 OK\r\nContent-Length: 33\r\nContent-Length: 32\r\n\r\n{GOOD}")),
        504,
        "network_error",
        504,
    ),
    (
        "length-and-chunks",
        || cut("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        502,
        "malformed",
        200,
    ),
    (
        "chunk-of-no-size",
        || raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
        504,
        "network_error",
        504,
    ),
    (
        "trailers",
        || {
            raw(&format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n20\r\n{GOOD}\r\n0\r\nA: b\r\nC: d\r\n\r\n"
            ))
        },
        200,
        "success",
        200,
    ),
    (
        "interim",
        || {
            raw(&format!(
                "{}HTTP/1.1 200 OK\r\nContent-Length: 32\r\n\r\n{GOOD}",
                "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".repeat(3)
            ))
        },
        200,
        "success",
        200,
    ),
    // The second answer is nobody's: the next request must not get it.
    (
        "two-answers",
        || raw(&"HTTP/1.1 200 OK\r\nContent-Length: 32\r\n\r\n{\"statusCode\":200,\"body\":\"poor\"}".repeat(2)),
        200,
        "success",
        200,
    ),
    (
        "a-byte-at-a-time",
        || Reply::Pieces(format!("HTTP/1.1 200 OK\r\nContent-Length: 32\r\n\r\n{GOOD}").into(), 1),
        200,
        "success",
        200,
    ),
    (
        "a-byte-too-seldom",
        || Reply::Trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 32\r\n\r\n", Duration::from_millis(250)),
        504,
        "timeout",
        504,
    ),
    (
        "200-megabytes",
        || Reply::Many("HTTP/1.1 200 OK\r\nContent-Length: 209715200\r\n\r\n", PIECE, 3200),
        502,
        "function_error",
        500,
    ),
    ("200-megabytes-to-the-end", || Reply::Many("HTTP/1.1 200 OK\r\n\r\n", PIECE, 3200), 502, "function_error", 500),
    ("a-head-of-50-megabytes", || Reply::Many("HTTP/1.1 200 OK\r\nX: ", PIECE, 800), 504, "network_error", 504),
];

/// Behind each fault the same client, and over the same thread's connections, gets its own answer.
#[test]
fn whatever_a_backend_does_is_answered_and_counted_once() {
    let backend = Backend::start(|seen| {
        let event = seen.json();
        let path = event["path"].as_str().map_or(seen.target.clone(), str::to_owned);
        let name = path.trim_start_matches("/passed/").trim_start_matches('/');
        ROWS.iter().find(|row| row.0 == name).map_or_else(|| Reply::payload(GOOD), |row| row.1())
    });
    let address = backend.address;
    let passed = format!(
        "routes:\n    - {{ path: '/passed/{{name}}', method: POST, integration: {{ type: HTTP_PROXY, httpMethod: POST, uri: 'http://{address}/{{name}}', \
         requestParameters: {{ integration.request.path.name: method.request.path.name }} }} }}\n"
    );
    let config = proxy(address, "limits: { integration_timeout: 5s }\n").replacen("routes:\n", &passed, 1);
    let sidecar = Sidecar::start_with(&config, &[("STAGEGATE_ADMIN__INSPECTOR", "false")]);
    let before = sidecar.memory("VmRSS");
    let mut client = Client::connect(sidecar.data);
    let mut ask = |path: &str| {
        client.write(format!(
            "POST {path} HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
        ));
        client.read()
    };
    let (mut counted, mut statuses) = (BTreeMap::new(), BTreeMap::new());
    let mut wrong = Vec::new();
    for (name, _, status, outcome, passed) in ROWS {
        let told = [ask(&format!("/{name}")).status, ask(&format!("/passed/{name}")).status];
        if told != [*status, *passed] {
            wrong.push(format!("{name}: {told:?}"));
        }
        let after = ask("/good");
        assert_eq!((after.status, after.text()), (200, "good"), "after {name}");
        let after = ask("/passed/good");
        assert_eq!((after.status, after.text()), (200, GOOD), "after {name}");
        *counted.entry(*outcome).or_insert(0.0) += 1.0;
        *counted.entry("success").or_insert(0.0) += 1.0;
        for (path, status) in
            [("/{proxy+}", *status), ("/passed/{name}", *passed), ("/{proxy+}", 200), ("/passed/{name}", 200)]
        {
            *statuses.entry((path, status)).or_insert(0.0) += 1.0;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(backend.seen().len(), 4 * ROWS.len(), "each is sent once");
    for (outcome, count) in counted {
        assert_eq!(
            sidecar.metric(&format!("invocations_total{{function=\"f\",outcome=\"{outcome}\"}}")),
            count,
            "{outcome}"
        );
    }
    for ((path, status), count) in statuses {
        let method = if path == "/{proxy+}" { "ANY" } else { "POST" };
        let series = format!("responses_total{{method=\"{method}\",resource=\"{path}\",status=\"{status}\"}}");
        assert_eq!(sidecar.metric(&series), count, "{series}");
    }
    until("nothing held", || sidecar.metric("buffered_bytes") == 0.0 && sidecar.metric("in_flight_requests") == 0.0);
    let most = sidecar.memory("VmHWM");
    assert!(most < before + 64 * MIB, "{} MiB, {} before", most / MIB, before / MIB);
}

/// What was under way when it was killed is lost and said to be; nothing comes twice, and whoever is there again is called again.
#[test]
fn a_backend_that_restarts_under_load_gets_nothing_twice() {
    const CLIENTS: usize = 8;
    let good = |_: &_| Reply::After(Duration::from_millis(1), Box::new(Reply::payload(GOOD)));
    let mut backend = Backend::start(good);
    let address = backend.address;
    let sidecar = Sidecar::start(&proxy(address, ""));
    let (data, stop, answered) = (sidecar.data, Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (stop, answered) = (stop.clone(), answered.clone());
            std::thread::spawn(move || {
                let mut client = Client::connect(data);
                let mut statuses = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    client.write(format!("GET /{number}-{} HTTP/1.1\r\nHost: t\r\n\r\n", statuses.len()));
                    statuses.push(client.read().status);
                    answered.fetch_add(usize::from(statuses.last() == Some(&200)), Ordering::Relaxed);
                }
                statuses
            })
        })
        .collect();
    let mut seen = Vec::new();
    for _ in 0..6 {
        let before = answered.load(Ordering::Relaxed);
        until("answered again", || answered.load(Ordering::Relaxed) > before + 100);
        seen.extend(backend.kill());
        backend = Backend::at(address, good);
    }
    stop.store(true, Ordering::Relaxed);
    let statuses: Vec<u16> = clients.into_iter().flat_map(|client| client.join().expect("a client")).collect();
    seen.extend(backend.seen());
    let mut paths = HashSet::new();
    let twice: Vec<_> =
        seen.iter().map(|seen| seen.json()["path"].to_string()).filter(|path| !paths.insert(path.clone())).collect();
    assert!(twice.is_empty(), "{twice:?}");
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!(count(200) + count(504), statuses.len());
    assert!(paths.len() >= count(200));
    for (outcome, status) in [("success", 200), ("network_error", 504)] {
        let series = format!("invocations_total{{function=\"f\",outcome=\"{outcome}\"}}");
        assert_eq!(sidecar.metric(&series) as usize, count(status), "{outcome}");
    }
}

/// Whatever an authorizer does but allow, the function behind it is not called.
#[test]
fn an_authorizer_that_fails_in_any_way_lets_nobody_in() {
    let policy = |effect: &str| {
        json!({ "principalId": "me", "policyDocument": { "Version": "2012-10-17", "Statement": [{ "Action": "execute-api:Invoke", "Effect": effect, "Resource": "*" }] } })
            .to_string()
    };
    let rows: Vec<(&str, u16, &str)> = vec![
        ("allow", 200, "allow"),
        ("deny", 403, "deny"),
        ("unauthorized", 401, "unauthorized"),
        ("raised", 500, "error"),
        ("null", 500, "error"),
        ("half", 500, "error"),
        ("no-policy", 500, "error"),
        ("no-principal", 500, "error"),
        ("maybe", 500, "error"),
        ("throttled", 500, "error"),
        ("forbidden", 500, "error"),
        ("reset", 500, "error"),
        ("cut", 500, "error"),
        ("garbage", 500, "error"),
        ("large", 500, "error"),
        ("slow", 500, "error"),
        ("again", 200, "allow"),
    ];
    let guard = Backend::start(move |seen| match seen.json()["authorizationToken"].as_str().unwrap_or_default() {
        "allow" | "again" => Reply::payload(policy("Allow")),
        "deny" => Reply::payload(policy("Deny")),
        "unauthorized" => Reply::error(r#"{"errorMessage":"Unauthorized"}"#),
        "raised" => Reply::error(r#"{"errorMessage":"no","errorType":"E"}"#),
        "null" => Reply::payload("null"),
        "half" => Reply::payload(&policy("Allow")[..60]),
        "no-policy" => Reply::payload(r#"{"principalId":"me"}"#),
        "no-principal" => Reply::payload(policy("Allow").replace("principalId", "principal")),
        "maybe" => Reply::payload(policy("Maybe")),
        "throttled" => Reply::With(429, &[], b"{}".to_vec()),
        "forbidden" => Reply::With(403, &[], b"{}".to_vec()),
        "reset" => Reply::Reset(b"HTTP/1.1 200 OK\r\n"),
        "cut" => cut("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"),
        "garbage" => cut("SMTP ready\r\n\r\n"),
        "large" => Reply::Many("HTTP/1.1 200 OK\r\n\r\n", PIECE, 200),
        "slow" => Reply::After(Duration::from_secs(60), Box::new(Reply::payload(policy("Allow")))),
        other => panic!("{other}"),
    });
    let function = Backend::start(|_| Reply::payload(GOOD));
    let sidecar = Sidecar::start(&format!(
        "api:\n  authorizers:\n    guard: {{ type: TOKEN, authorizerUri: 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/guard/invocations', identitySource: method.request.header.Authorization }}\n  \
         routes:\n    - {{ path: /x, method: GET, authorizationType: CUSTOM, authorizerId: guard, integration: {{ type: AWS_PROXY, function: f }} }}\n\
         functions:\n  f: {{ invoke_api: 'http://{}' }}\n  guard: {{ invoke_api: 'http://{}' }}\nlimits: {{ integration_timeout: 4s }}\n",
        function.address, guard.address
    ));
    let ask = |token: &str| {
        send(sidecar.data, format!("GET /x HTTP/1.1\r\nHost: t\r\nAuthorization: {token}\r\n\r\n")).status
    };
    let told: Vec<_> = rows.iter().map(|(token, _, _)| (*token, ask(token))).collect();
    assert_eq!(told, rows.iter().map(|(token, status, _)| (*token, *status)).collect::<Vec<_>>());
    assert_eq!((guard.seen().len(), function.seen().len()), (rows.len(), 2));
    for result in ["allow", "deny", "unauthorized", "error"] {
        let series = format!("authorizer_results_total{{authorizer=\"guard\",cache=\"miss\",result=\"{result}\"}}");
        let count = rows.iter().filter(|row| row.2 == result).count();
        assert_eq!(sidecar.metric(&series) as usize, count, "{result}");
    }
    assert_eq!(sidecar.metric("invocations_total{function=\"f\",outcome=\"success\"}"), 2.0);
    assert_eq!(sidecar.metric("in_flight_requests"), 0.0);
}

/// One request to the Runtime API, and the status of its answer.
fn post(address: SocketAddr, path: &str, body: &str) -> u16 {
    let head = format!(
        "POST /2018-06-01/runtime/invocation/{path} HTTP/1.1\r\nHost: r\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    send(address, head + body).status
}

/// Fifty at once; each answers twice, and for the others' calls that are over, and for calls that never were.
#[test]
fn fifty_runtimes_that_answer_more_than_they_are_asked() {
    const RUNTIMES: usize = 50;
    const CALLS: usize = 300;
    let mut sidecar = Sidecar::start(
        "api:\n  routes:\n    - { path: '/{proxy+}', method: ANY, integration: { type: AWS_PROXY, function: f } }\n\
         functions:\n  f: { runtime_api: '127.0.0.1:0' }\n",
    );
    let (data, address) = (sidecar.data, sidecar.runtime_api("f"));
    let taken = Arc::new(AtomicUsize::new(0));
    let runtimes: Vec<_> = (0..RUNTIMES)
        .map(|_| {
            let taken = taken.clone();
            std::thread::spawn(move || {
                let mut client = Client::connect(address);
                let mut last = "00000000-0000-0000-0000-000000000000".to_owned();
                while taken.fetch_add(1, Ordering::Relaxed) < CALLS {
                    client.write("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: r\r\n\r\n");
                    let invocation = client.read();
                    let id = invocation.header("Lambda-Runtime-Aws-Request-Id").expect("an id").to_owned();
                    assert!(matches!(post(address, &format!("{last}/response"), "\"late\""), 400 | 403));
                    let answer = json!({ "statusCode": 200, "body": invocation.json()["path"] }).to_string();
                    assert_eq!(post(address, &format!("{id}/response"), &answer), 202);
                    assert!(matches!(post(address, &format!("{id}/response"), "\"twice\""), 400 | 403));
                    assert!(matches!(post(address, &format!("{id}/error"), "{}"), 400 | 403));
                    last = id;
                }
            })
        })
        .collect();
    let clients: Vec<_> = (0..RUNTIMES)
        .map(|client| {
            std::thread::spawn(move || {
                for call in 0..CALLS / RUNTIMES {
                    let path = format!("/{client}-{call}");
                    let answer = get(data, &path);
                    assert_eq!((answer.status, answer.text()), (200, path.as_str()));
                }
            })
        })
        .collect();
    clients.into_iter().for_each(|client| client.join().expect("a client with its own answers"));
    runtimes.into_iter().for_each(|runtime| runtime.join().expect("a runtime"));
    assert_eq!(sidecar.metric("invocations_total{function=\"f\",outcome=\"success\"}") as usize, CALLS);
    assert_eq!(sidecar.metric("in_flight_requests"), 0.0);
}
