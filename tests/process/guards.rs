//! Lambda authorizers that fail: whatever they do but allow, nobody gets in, each question is asked once, and what was counted is what
//! clients were told.

use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::http::{Client, send};
use crate::support::lambda::{Backend, Reply, Seen};
use crate::support::sidecar::{Sidecar, until};

const PIECE: &[u8] = &[b'x'; 64 * 1024];

/// The kinds of authorizer that answer a question with headers in it.
const KINDS: [&str; 3] = ["rest", "http-simple", "http-policy"];

/// One guarded route, `GET /x`.
fn config(kind: &str, guard: SocketAddr, function: SocketAddr) -> String {
    let uri = "authorizerUri: 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/guard/invocations'";
    let (api, route, authorizer) = match kind {
        "rest" => (
            "",
            "path: /x, method: GET",
            format!("type: REQUEST, {uri}, identitySource: method.request.header.Authorization"),
        ),
        _ => (
            "  type: http\n",
            "route: GET /x",
            format!(
                "type: request, {uri}, identitySource: $request.header.Authorization, authorizerPayloadFormatVersion: '2.0', enableSimpleResponses: {}",
                kind == "http-simple"
            ),
        ),
    };
    format!(
        "api:\n{api}  authorizers:\n    guard: {{ {authorizer} }}\n  \
         routes:\n    - {{ {route}, authorizationType: CUSTOM, authorizerId: guard, integration: {{ type: AWS_PROXY, function: f }} }}\n\
         functions:\n  f: {{ invoke_api: 'http://{function}' }}\n  guard: {{ invoke_api: 'http://{guard}' }}\n"
    )
}

/// The authorizer's answer.
fn verdict(kind: &str, allows: bool) -> Value {
    if kind == "http-simple" {
        return json!({ "isAuthorized": allows });
    }
    let effect = if allows { "Allow" } else { "Deny" };
    let statement = json!({ "Action": "execute-api:Invoke", "Effect": effect, "Resource": "*" });
    json!({ "principalId": "me", "policyDocument": { "Version": "2012-10-17", "Statement": [statement] } })
}

/// The token that the authorizer is asked about, wherever its kind has it.
fn token(seen: &Seen) -> String {
    let event = seen.json();
    let headers = event["headers"].as_object().expect("headers");
    let value = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization")).map(|(_, value)| value);
    value.and_then(Value::as_str).expect("a token").to_owned()
}

fn cut(text: &str) -> Reply {
    Reply::ThenClose(Box::new(Reply::Raw(text.as_bytes().to_vec())))
}

/// A name, and what is answered.
type Fault = (&'static str, fn() -> Reply);

/// What is no answer of an authorizer's, whatever its kind.
const FAULTS: &[Fault] = &[
    ("raised", || Reply::error(r#"{"errorMessage":"no","errorType":"E"}"#)),
    ("empty", || Reply::payload("")),
    ("null", || Reply::payload("null")),
    ("a-list", || Reply::payload("[true]")),
    ("true", || Reply::payload("true")),
    ("a-text", || Reply::payload(r#""Allow""#)),
    ("no-verdict", || Reply::payload("{}")),
    ("a-text-for-a-boolean", || Reply::payload(r#"{"isAuthorized":"true","policyDocument":"Allow"}"#)),
    ("no-utf-8", || Reply::payload(*b"{\"isAuthorized\":true,\"policyDocument\":{},\"context\":{\"a\":\"\xff\"}}")),
    ("half", || Reply::payload(r#"{"isAuthorized":true,"policyDocument":{"Version":"2012-10-17","Stat"#)),
    ("throttled", || Reply::With(429, &[], b"{}".to_vec())),
    ("forbidden", || Reply::With(403, &[], b"{}".to_vec())),
    ("moved", || Reply::With(302, &[("Location", "/elsewhere")], Vec::new())),
    ("reset", || Reply::Reset(b"HTTP/1.1 200 OK\r\n")),
    ("reset-in-body", || Reply::Reset(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"isAuthorized\":true")),
    ("cut", || cut("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{\"isAuthorized\":true}")),
    ("garbage", || cut("SMTP ready\r\n\r\n")),
    ("two-lengths", || {
        cut("HTTP/1.1 200 OK\r\nContent-Length: 21\r\nContent-Length: 20\r\n\r\n{\"isAuthorized\":true}")
    }),
    ("silent", || Reply::Close),
    ("large", || Reply::Many("HTTP/1.1 200 OK\r\n\r\n", PIECE, 200)),
    ("a-byte-too-seldom", || {
        Reply::Trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n", Duration::from_millis(100))
    }),
];

fn ask(address: SocketAddr, token: &str) -> u16 {
    send(address, format!("GET /x HTTP/1.1\r\nHost: t\r\nAuthorization: {token}\r\n\r\n")).status
}

fn results(sidecar: &Sidecar, result: &str) -> usize {
    sidecar.metric(&format!("authorizer_results_total{{authorizer=\"guard\",cache=\"miss\",result=\"{result}\"}}"))
        as usize
}

#[test]
fn an_authorizer_of_any_kind_that_fails_lets_nobody_in() {
    for kind in KINDS {
        let answer = move |seen: &Seen| match token(seen).as_str() {
            "allow" | "again" | "back" => Reply::payload(verdict(kind, true).to_string()),
            "deny" => Reply::payload(verdict(kind, false).to_string()),
            other => FAULTS.iter().find(|(name, _)| *name == other).unwrap_or_else(|| panic!("{other}")).1(),
        };
        let guard = Backend::start(answer);
        let function = Backend::start(|_| Reply::payload(r#"{"statusCode":200}"#));
        let address = guard.address;
        let limits = "limits: { integration_timeout: 3s }\n";
        let sidecar = Sidecar::start(&(config(kind, address, function.address) + limits));
        let mut wrong = Vec::new();
        for (name, _) in FAULTS {
            let status = ask(sidecar.data, name);
            if status != 500 {
                wrong.push((*name, status));
            }
        }
        assert!(wrong.is_empty(), "{kind}: {wrong:?}");
        assert_eq!(function.seen().len(), 0, "{kind}");
        assert_eq!(["allow", "deny", "again"].map(|token| ask(sidecar.data, token)), [200, 403, 200], "{kind}");
        assert_eq!(guard.kill().len(), FAULTS.len() + 3, "{kind}: each is asked once");
        // Nobody listens, and then somebody does. No failure was kept.
        assert_eq!(ask(sidecar.data, "back"), 500, "{kind}");
        let guard = Backend::at(address, answer);
        assert_eq!(ask(sidecar.data, "back"), 200, "{kind}");
        assert_eq!((guard.seen().len(), function.seen().len()), (1, 3), "{kind}");
        let counted = ["allow", "deny", "error"].map(|result| results(&sidecar, result));
        assert_eq!(counted, [3, 1, FAULTS.len() + 1], "{kind}");
        assert_eq!(sidecar.metric("invocations_total{function=\"f\",outcome=\"success\"}"), 3.0, "{kind}");
        until("nothing held", || {
            sidecar.metric("in_flight_requests") == 0.0 && sidecar.metric("buffered_bytes") == 0.0
        });
    }
}

/// Each token is new, so each request asks; who asked while it was down is refused, and no question comes twice.
#[test]
fn an_authorizer_that_restarts_under_load_is_asked_nothing_twice() {
    const CLIENTS: usize = 8;
    let answer = |_: &Seen| Reply::payload(verdict("rest", true).to_string());
    let mut guard = Backend::start(answer);
    let address = guard.address;
    let function = Backend::start(|_| Reply::payload(r#"{"statusCode":200}"#));
    let sidecar = Sidecar::start(&config("rest", address, function.address));
    let (data, stop, admitted) = (sidecar.data, Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (stop, admitted) = (stop.clone(), admitted.clone());
            std::thread::spawn(move || {
                let mut connection = Client::connect(data);
                let mut statuses = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let token = format!("{client}-{}", statuses.len());
                    connection.write(format!("GET /x HTTP/1.1\r\nHost: t\r\nAuthorization: {token}\r\n\r\n"));
                    let status = connection.read().status;
                    statuses.push(status);
                    admitted.fetch_add(usize::from(status == 200), Ordering::Relaxed);
                }
                statuses
            })
        })
        .collect();
    let mut seen = Vec::new();
    for _ in 0..5 {
        let before = admitted.load(Ordering::Relaxed);
        until("admitted again", || admitted.load(Ordering::Relaxed) > before + 100);
        seen.extend(guard.kill());
        guard = Backend::at(address, answer);
    }
    stop.store(true, Ordering::Relaxed);
    let mut told = BTreeMap::new();
    for status in clients.into_iter().flat_map(|client| client.join().expect("a client")) {
        *told.entry(status).or_insert(0_usize) += 1;
    }
    seen.extend(guard.seen());
    let mut tokens = HashSet::new();
    let twice: Vec<String> = seen.iter().map(token).filter(|token| !tokens.insert(token.clone())).collect();
    assert!(twice.is_empty(), "{twice:?}");
    let count = |status| told.get(&status).copied().unwrap_or(0);
    assert_eq!(count(200) + count(500), told.values().sum::<usize>(), "{told:?}");
    assert_eq!([results(&sidecar, "allow"), results(&sidecar, "error")], [count(200), count(500)]);
    assert_eq!(function.seen().len(), count(200));
    assert_eq!(sidecar.metric("in_flight_requests"), 0.0);
}
