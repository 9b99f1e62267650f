//! Real functions under AWS's own runtime clients, connected through the Runtime API.

mod streams;

use std::net::SocketAddr;
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::support::data;
use crate::support::function::Function;
use crate::support::http::{Answer, Client, get, send};
use crate::support::lambda::{Backend, Reply};
use crate::support::sidecar::{Sidecar, until};

fn sidecar(rejecting: &Backend) -> Sidecar {
    let config = std::fs::read_to_string(data("functions").join("article.yaml")).expect("a file");
    Sidecar::start(&format!("{config}  throttled: {{ invoke_api: \"http://{}\" }}\n", rejecting.address))
}

/// Refuses every invocation, as Lambda does when it is out of concurrency.
fn throttling() -> Backend {
    Backend::start(|_| {
        let body = br#"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#;
        Reply::With(429, &[("x-amzn-ErrorType", "TooManyRequestsException")], body.to_vec())
    })
}

const INTERNAL: &str = r#"{"message": "Internal server error"}"#;

fn assert_gateway_error(answer: &Answer, status: u16) {
    assert_eq!((answer.status, answer.text()), (status, INTERNAL));
    assert_eq!(answer.header("x-amzn-ErrorType"), Some("InternalServerErrorException"));
}

#[test]
fn the_article_s_functions_in_python_answer_as_behind_api_gateway() {
    let rejecting = throttling();
    let mut sidecar = sidecar(&rejecting);
    let custom = sidecar.runtime_api("custom");
    let proxy = sidecar.runtime_api("proxy");
    let _functions = [
        Function::python(&data("functions"), "article.custom", custom),
        Function::python(&data("functions"), "proxy.handler", proxy),
    ];

    // A 200 that hides an error is the default.
    let fine = sidecar.get("/hidden/succeed");
    assert_eq!((fine.status, fine.text()), (200, r#"{"greeting": "hello"}"#));
    let hidden = sidecar.get("/hidden/fail");
    assert_eq!(hidden.status, 200);
    assert_eq!(hidden.json()["errorMessage"], "Internal Error: something went wrong in the function");
    assert_eq!(hidden.json()["errorType"], "Exception");
    // A pattern chooses, if it takes the whole message.
    assert_eq!(sidecar.get("/internal/fail").status, 500);
    assert_eq!(sidecar.get("/internal/succeed").status, 200);
    assert_eq!(sidecar.get("/glob/fail").status, 200);
    // First the whole error object reaches the client, then the mapped one.
    let whole = sidecar.get("/whole/refuse");
    assert_eq!(whole.status, 400);
    let refused = r#"{"statusCode":400,"error":"Bad Request","message":"no such order"}"#;
    assert_eq!(whole.json()["errorMessage"], refused);
    let mapped = sidecar.get("/mapped/refuse");
    assert_eq!((mapped.status, mapped.text()), (400, refused));

    let fine = sidecar.get("/proxy/fine");
    assert_eq!((fine.status, fine.text(), fine.header("X-Seen")), (200, "fine", Some("GET")));
    assert_gateway_error(&sidecar.get("/proxy/raise"), 502);
    assert_gateway_error(&sidecar.get("/proxy/wrong"), 502);
    assert_gateway_error(&sidecar.get("/proxy/text"), 502);
    assert_gateway_error(&sidecar.get("/rejected"), 500);
    let formatted = sidecar.get("/proxy/format");
    assert_eq!((formatted.status, formatted.text()), (404, "OrderNotFoundException: order 17 does not exist"));
    assert_eq!(formatted.header("x-amzn-ErrorType"), Some("OrderNotFoundException"));
    // The function's process dies in the middle of a call.
    assert_gateway_error(&sidecar.get("/proxy/exit"), 502);

    for (series, count) in [
        (r#"invocations_total{function="custom",outcome="success"}"#, 2.0),
        (r#"invocations_total{function="custom",outcome="function_error"}"#, 5.0),
        (r#"invocations_total{function="proxy",outcome="success"}"#, 2.0),
        (r#"invocations_total{function="proxy",outcome="function_error"}"#, 2.0),
        (r#"invocations_total{function="proxy",outcome="malformed"}"#, 2.0),
        (r#"invocations_total{function="throttled",outcome="rejected"}"#, 1.0),
        (r#"masked_errors_total{kind="function_error",method="GET",resource="/hidden/{action}"}"#, 1.0),
        (r#"masked_errors_total{kind="function_error",method="GET",resource="/glob/{action}"}"#, 1.0),
        (r#"masked_errors_total{kind="function_error",method="GET",resource="/internal/{action}"}"#, 0.0),
        (r#"failures_total{cause="function_error",method="ANY",resource="/proxy/{action}",status="502"}"#, 2.0),
        (r#"failures_total{cause="malformed_response",method="ANY",resource="/proxy/{action}",status="502"}"#, 2.0),
        (r#"failures_total{cause="invocation_rejected",method="GET",resource="/rejected",status="500"}"#, 1.0),
        (r#"responses_total{method="ANY",resource="/proxy/{action}",status="502"}"#, 4.0),
        (r#"responses_total{method="ANY",resource="/proxy/{action}",status="404"}"#, 1.0),
        (
            r#"integration_response_matches_total{method="GET",pattern="^Internal Error.*",resource="/internal/{action}",status="500"}"#,
            1.0,
        ),
        (
            r#"integration_response_matches_total{method="GET",pattern="Internal*",resource="/glob/{action}",status="500"}"#,
            0.0,
        ),
        (
            r#"integration_response_matches_total{method="GET",pattern="default",resource="/glob/{action}",status="200"}"#,
            1.0,
        ),
    ] {
        assert_eq!(sidecar.metric(series), count, "{series}");
    }
    // A call to a function is never repeated.
    assert_eq!(rejecting.seen().len(), 1);
}

#[test]
fn authorizers_in_python_let_callers_by_as_behind_api_gateway() {
    let config = std::fs::read_to_string(data("functions").join("guard.yaml")).expect("a file");
    let mut sidecar = Sidecar::start(&config);
    let _functions = ["token", "request", "told"]
        .map(|name| Function::python(&data("functions"), &format!("guard.{name}"), sidecar.runtime_api(name)));
    let ask = |path: &str, header: &str| {
        let answer =
            send(sidecar.data, format!("GET {path} HTTP/1.1\r\nHost: x\r\n{header}\r\nConnection: close\r\n\r\n"));
        (answer.status, answer.text().to_owned())
    };
    let refused = |status: u16, body: &str| (status, body.to_owned());
    let unauthorized = || refused(401, r#"{"message":"Unauthorized"}"#);
    let denied = r#"{"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}"#;
    let uncovered = r#"{"Message":"User is not authorized to access this resource"}"#;

    let (status, told) = ask("/token", "Authorization: anybody");
    let told: serde_json::Value = serde_json::from_str(&told).unwrap_or_else(|e| panic!("{e}: {status} {told}"));
    assert!(told["integrationLatency"].as_u64().is_some(), "{told}");
    assert_eq!(
        (&told["principalId"], &told["number"], &told["yes"], &told["text"]),
        (&"me".into(), &"7".into(), &"true".into(), &"a".into())
    );
    // From the cache it took no time.
    let cached = r#"{"integrationLatency": 0, "number": "7", "principalId": "me", "text": "a", "yes": "true"}"#;
    assert_eq!(ask("/token", "Authorization: anybody"), refused(200, cached));
    assert_eq!(ask("/token", "Authorization: nobody"), unauthorized());
    assert_eq!(ask("/token", "X-Nothing: x"), unauthorized());
    assert_eq!(ask("/token", "Authorization: broken"), refused(500, r#"{"message":null}"#));
    assert_eq!(ask("/token", "Authorization: silent"), refused(500, INTERNAL));
    assert_eq!(ask("/token", "Authorization: nested"), refused(500, INTERNAL));
    assert_eq!(ask("/token", "Authorization: denied"), refused(403, denied));
    assert_eq!(ask("/token", "Authorization: narrow").0, 200);
    assert_eq!(ask("/other", "Authorization: narrow"), refused(403, uncovered));

    let (status, told) = ask("/request?who=me", "X-Secret: open");
    let told: serde_json::Value = serde_json::from_str(&told).unwrap_or_else(|e| panic!("{e}: {status} {told}"));
    assert_eq!((&told["who"], &told["path"], &told["ip"]), (&"me".into(), &"/request".into(), &"127.0.0.1".into()));
    assert_eq!(ask("/request?who=me", "X-Secret: closed"), refused(403, denied));
    assert_eq!(ask("/request?who=", "X-Secret: open"), unauthorized());
    assert_eq!(ask("/request", "X-Secret: open"), unauthorized());

    for (series, count) in [
        (r#"invocations_total{function="token",outcome="success"}"#, 3.0),
        (r#"invocations_total{function="token",outcome="function_error"}"#, 2.0),
        (r#"invocations_total{function="token",outcome="malformed"}"#, 2.0),
        (r#"invocations_total{function="request",outcome="success"}"#, 2.0),
        (r#"invocations_total{function="told",outcome="success"}"#, 4.0),
        (r#"authorizer_results_total{authorizer="token",cache="miss",result="allow"}"#, 2.0),
        (r#"authorizer_results_total{authorizer="token",cache="hit",result="allow"}"#, 1.0),
        (r#"authorizer_results_total{authorizer="token",cache="miss",result="deny"}"#, 1.0),
        (r#"authorizer_results_total{authorizer="token",cache="hit",result="implicit_deny"}"#, 1.0),
        (r#"authorizer_results_total{authorizer="token",cache="miss",result="unauthorized"}"#, 2.0),
        (r#"authorizer_results_total{authorizer="token",cache="miss",result="error"}"#, 3.0),
        (r#"authorizer_results_total{authorizer="request",cache="miss",result="allow"}"#, 1.0),
        (r#"authorizer_results_total{authorizer="request",cache="miss",result="deny"}"#, 1.0),
        (r#"authorizer_results_total{authorizer="request",cache="miss",result="unauthorized"}"#, 2.0),
        (r#"failures_total{cause="authorizer",method="GET",resource="/token",status="500"}"#, 3.0),
    ] {
        assert_eq!(sidecar.metric(series), count, "{series}");
    }
}

#[test]
fn a_function_on_lambda_runtime_answers() {
    let rejecting = throttling();
    let mut sidecar = sidecar(&rejecting);
    let _function = Function::rust(sidecar.runtime_api("orders"));
    let answer = sidecar.get("/orders/17");
    assert_eq!((answer.status, answer.text()), (200, "order 17, request 36"));
    assert_eq!(answer.header("X-Function"), Some("orders"));
    assert_gateway_error(&sidecar.get("/orders/0"), 502);
    assert_eq!(sidecar.metric(r#"invocations_total{function="orders",outcome="success"}"#), 1.0);
    assert_eq!(sidecar.metric(r#"invocations_total{function="orders",outcome="function_error"}"#), 1.0);
}

/// AWS's client may take an invocation over a connection of its own, close it, and answer over another.
#[test]
fn no_answer_of_lambda_runtime_is_lost_and_no_death_missed() {
    let rejecting = throttling();
    let mut sidecar = sidecar(&rejecting);
    let runtime_api = sidecar.runtime_api("orders");
    let mut functions = vec![Function::rust(runtime_api)];
    for runtimes in [1, 2] {
        functions.resize_with(runtimes, || Function::rust(runtime_api));
        let clients: Vec<_> = (0..4)
            .map(|_| {
                std::thread::spawn({
                    let address = sidecar.data;
                    move || statuses(address, 250)
                })
            })
            .collect();
        for client in clients {
            assert_eq!(client.join().expect("an end"), vec![200; 250], "{runtimes} runtimes");
        }
    }
    // Two die in the middle of a call; one that comes after them takes the call that waits, and dies as well.
    let (send, answers) = channel();
    for _ in 0..3 {
        let (address, send) = (sidecar.data, send.clone());
        std::thread::spawn(move || send.send(get(address, "/orders/never")));
    }
    let queued = |count| {
        let series = r#"queued_invocations{function="orders"}"#;
        until("the others are taken", || sidecar.metric(series) == count);
    };
    let assert_dead_at_once = || {
        let answer = answers.recv_timeout(Duration::from_secs(20)).expect("an answer long before its time is up");
        assert_gateway_error(&answer, 502);
    };
    until("three calls", || sidecar.metric("in_flight_requests") == 3.0);
    queued(1.0);
    drop(functions);
    assert_dead_at_once();
    assert_dead_at_once();
    let function = Function::rust(runtime_api);
    queued(0.0);
    drop(function);
    assert_dead_at_once();
}

/// The statuses of so many calls over one connection.
fn statuses(address: SocketAddr, calls: usize) -> Vec<u16> {
    let mut client = Client::connect(address);
    let call = |_| {
        client.write("GET /orders/17 HTTP/1.1\r\nHost: localhost\r\n\r\n");
        client.read().status
    };
    (0..calls).map(call).collect()
}
