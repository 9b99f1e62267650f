//! Lambda's Extensions API: extensions register, hear of invocations and of the end, and fail.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::support::http::{Answer, Client, get, send};
use crate::support::sidecar::Sidecar;

fn start(more: &str) -> (Sidecar, SocketAddr) {
    let mut sidecar = Sidecar::start(&format!(
        "api:\n  account_id: '000000000042'\n  routes:\n    - {{ path: /x, method: ANY, integration: {{ type: AWS_PROXY, function: 'f:live' }} }}\n\
         functions:\n  'f:live': {{ runtime_api: '127.0.0.1:0' }}\n{more}"
    ));
    let address = sidecar.runtime_api("f:live");
    (sidecar, address)
}

/// A request to the Runtime API over a connection of its own.
fn ask(address: SocketAddr, request: &str, headers: &str, body: &str) -> Answer {
    let length = body.len();
    send(address, format!("{request} HTTP/1.1\r\nHost: r\r\n{headers}Content-Length: {length}\r\n\r\n{body}"))
}

fn register(address: SocketAddr, headers: &str, body: &str) -> Answer {
    ask(address, "POST /2020-01-01/extension/register", headers, body)
}

/// A registered extension, and a connection on which it asks.
struct Extension {
    client: Client,
    id: String,
}

impl Extension {
    fn register(address: SocketAddr, events: &str) -> Extension {
        let registered = register(address, "Lambda-Extension-Name: x\r\n", &format!("{{\"events\":[{events}]}}"));
        assert_eq!(registered.status, 200, "{}", registered.text());
        let id = registered.header("Lambda-Extension-Identifier").expect("an identifier").to_owned();
        Extension { client: Client::connect(address), id }
    }

    fn ask(&mut self) {
        let id = &self.id;
        self.client.write(format!(
            "GET /2020-01-01/extension/event/next HTTP/1.1\r\nHost: r\r\nLambda-Extension-Identifier: {id}\r\n\r\n"
        ));
    }

    fn fail(&self, address: SocketAddr, what: &str, body: &str) -> Answer {
        let headers = format!(
            "Lambda-Extension-Identifier: {}\r\nLambda-Extension-Function-Error-Type: Extension.Odd\r\n",
            self.id
        );
        ask(address, &format!("POST /2020-01-01/extension/{what}/error"), &headers, body)
    }
}

fn call(sidecar: &Sidecar) -> std::thread::JoinHandle<Answer> {
    let address = sidecar.data;
    std::thread::spawn(move || get(address, "/x"))
}

/// Takes an invocation as a runtime: its client, its id, and all of it.
fn take(address: SocketAddr) -> (Client, String, Answer) {
    let mut runtime = Client::connect(address);
    runtime.write("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: r\r\n\r\n");
    let invocation = runtime.read();
    let id = invocation.header("Lambda-Runtime-Aws-Request-Id").expect("an id").to_owned();
    (runtime, id, invocation)
}

fn respond(runtime: &mut Client, id: &str, body: &str) {
    let length = body.len();
    runtime.write(format!(
        "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nHost: r\r\nContent-Length: {length}\r\n\r\n{body}"
    ));
    assert_eq!(runtime.read().status, 202);
}

#[test]
fn registrations() {
    let (_sidecar, address) = start("");
    let events = r#"{"events":["INVOKE","SHUTDOWN"]}"#;
    let named = "Lambda-Extension-Name: x\r\n";
    let registered = register(address, named, events);
    assert_eq!(registered.status, 200);
    assert!(registered.header("Lambda-Extension-Identifier").is_some_and(|id| id.len() == 36), "{}", registered.head);
    assert_eq!(registered.text(), r#"{"functionName":"f","functionVersion":"$LATEST","handler":""}"#);
    let feature = format!("{named}Lambda-Extension-Accept-Feature: accountId\r\n");
    assert_eq!(register(address, &feature, events).json()["accountId"], "000000000042");
    // Its name again, from another container or after a new start.
    assert_eq!(register(address, named, "{}").status, 200);
    for (headers, body, kind) in [
        ("", events, "Extension.InvalidExtensionName"),
        ("Lambda-Extension-Name:\r\n", events, "Extension.InvalidExtensionName"),
        (named, r#"{"events":["RELOAD"]}"#, "Extension.InvalidEventType"),
        (named, "", "InvalidRequestFormat"),
        (named, "[]x", "InvalidRequestFormat"),
    ] {
        let refused = register(address, headers, body);
        assert_eq!((refused.status, refused.json()["errorType"].as_str()), (403, Some(kind)), "{headers}{body}");
    }
    for (headers, kind) in [
        ("", "Extension.MissingExtensionIdentifier"),
        ("Lambda-Extension-Identifier: nobody\r\n", "Extension.UnknownExtensionIdentifier"),
    ] {
        for request in ["GET /2020-01-01/extension/event/next", "POST /2020-01-01/extension/exit/error"] {
            let refused = ask(address, request, headers, "");
            assert_eq!(
                (refused.status, refused.json()["errorType"].as_str()),
                (403, Some(kind)),
                "{request} {headers}"
            );
        }
    }
    assert_eq!(ask(address, "GET /2020-01-01/extension/register", named, "").status, 404);
}

#[test]
fn what_is_not_there_says_so_and_is_no_error() {
    let (_sidecar, address) = start("");
    for (path, said) in [
        (
            "/2022-07-01/telemetry",
            r#"{"errorMessage":"Telemetry API is not supported","errorType":"Telemetry.NotSupported"}"#,
        ),
        ("/2020-08-15/logs", r#"{"errorMessage":"Logs API is not supported","errorType":"Logs.NotSupported"}"#),
    ] {
        let answer =
            ask(address, &format!("PUT {path}"), "Lambda-Extension-Identifier: x\r\n", r#"{"types":["platform"]}"#);
        assert_eq!((answer.status, answer.text()), (202, said));
    }
}

#[test]
fn invocations_and_the_end_reach_who_subscribed() {
    let (mut sidecar, address) = start("");
    let mut both = Extension::register(address, r#""INVOKE","SHUTDOWN""#);
    let mut invoke = Extension::register(address, r#""INVOKE""#);
    let mut shutdown = Extension::register(address, r#""SHUTDOWN""#);
    [&mut both, &mut shutdown].into_iter().for_each(Extension::ask);
    for round in 0..2 {
        let client = call(&sidecar);
        let (mut runtime, id, invocation) = take(address);
        let event = both.client.read();
        assert_eq!((event.status, event.header("Lambda-Extension-Identifier")), (200, Some(both.id.as_str())));
        let event = event.json();
        let header = |name| invocation.header(name).unwrap_or_default();
        assert_eq!(event["eventType"], "INVOKE");
        assert_eq!(event["requestId"], id);
        assert_eq!(event["deadlineMs"].to_string(), header("Lambda-Runtime-Deadline-Ms"), "round {round}");
        assert_eq!(event["invokedFunctionArn"], header("Lambda-Runtime-Invoked-Function-Arn"));
        assert_eq!(event["tracing"]["type"], "X-Amzn-Trace-Id");
        assert_eq!(event["tracing"]["value"], header("Lambda-Runtime-Trace-Id"));
        // No invocation is held back for an extension.
        respond(&mut runtime, &id, "{}");
        assert_eq!(client.join().expect("an answer").status, 200);
        both.ask();
    }
    // The one that was late gets each, in their order.
    invoke.ask();
    let first = invoke.client.read().json();
    invoke.ask();
    assert_ne!(first["requestId"], invoke.client.read().json()["requestId"]);

    invoke.ask();
    sidecar.signal("TERM");
    for extension in [&mut both, &mut shutdown] {
        let event = extension.client.read().json();
        assert_eq!((&event["eventType"], &event["shutdownReason"]), (&"SHUTDOWN".into(), &"spindown".into()));
        assert!(event["deadlineMs"].is_u64(), "{event}");
    }
    assert!(sidecar.wait().success());
    assert!(invoke.client.is_closed());
}

/// An event on its way to one that hangs up waits for its next request.
#[test]
fn an_extension_that_asks_again_over_another_connection() {
    let (sidecar, address) = start("");
    let mut extension = Extension::register(address, r#""INVOKE""#);
    extension.ask();
    extension.client = Client::connect(address);
    extension.ask();
    let client = call(&sidecar);
    let (mut runtime, id, _) = take(address);
    assert_eq!(extension.client.read().json()["requestId"], id);
    respond(&mut runtime, &id, "{}");
    assert_eq!(client.join().expect("an answer").status, 200);
}

/// Who waits for an event is no spare connection of a runtime: a crash is seen at once.
#[test]
fn a_runtime_that_dies_beside_an_extension_fails_its_call_at_once() {
    let (sidecar, address) = start("");
    let mut extension = Extension::register(address, r#""SHUTDOWN""#);
    extension.ask();
    let client = call(&sidecar);
    let (mut runtime, id, _) = take(address);
    respond(&mut runtime, &id, "{}");
    assert_eq!(client.join().expect("an answer").status, 200);
    let client = call(&sidecar);
    runtime.write("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: r\r\n\r\n");
    assert_eq!(runtime.read().status, 200);
    let begun = Instant::now();
    drop(runtime);
    assert_eq!(client.join().expect("an answer").status, 502);
    // Else it would be a time-out.
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

/// Calls fail until a runtime comes.
#[test]
fn an_extension_that_cannot_start_fails_the_function() {
    let (sidecar, address) = start("");
    let extension = Extension::register(address, r#""INVOKE""#);
    assert_eq!(extension.fail(address, "init", r#"{"errorMessage":"no","errorType":"E"}"#).status, 202);
    for _ in 0..2 {
        assert_eq!(call(&sidecar).join().expect("an answer").status, 502);
    }
    assert_eq!(sidecar.metric("invocations_total{function=\"f\",outcome=\"function_error\"}"), 2.0);
}

#[test]
fn an_extension_that_ends_in_an_error_fails_the_call_that_runs() {
    let (sidecar, address) = start("");
    let extension = Extension::register(address, r#""INVOKE""#);
    let headers = format!("Lambda-Extension-Identifier: {}\r\n", extension.id);
    let refused = ask(address, "POST /2020-01-01/extension/exit/error", &headers, "");
    assert_eq!((refused.status, refused.json()["errorType"].as_str()), (403, Some("Extension.MissingHeader")));
    let client = call(&sidecar);
    let (mut runtime, id, _) = take(address);
    assert_eq!(extension.fail(address, "exit", "").status, 202);
    assert_eq!(client.join().expect("an answer").status, 502);
    assert_eq!(sidecar.metric("invocations_total{function=\"f\",outcome=\"function_error\"}"), 1.0);
    // The runtime's own answer comes too late.
    respond(&mut runtime, &id, "{}");
}

/// An extension that is not there any more costs little.
#[test]
fn many_that_registered_and_went_away() {
    let (sidecar, address) = start("");
    let mut living = Extension::register(address, r#""INVOKE""#);
    living.ask();
    for _ in 0..120 {
        Extension::register(address, r#""INVOKE""#);
    }
    let client = call(&sidecar);
    let (mut runtime, id, _) = take(address);
    assert_eq!(living.client.read().json()["requestId"], id);
    respond(&mut runtime, &id, "{}");
    assert_eq!(client.join().expect("an answer").status, 200);
}
