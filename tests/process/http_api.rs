//! An HTTP API through the real binary: what stands on the wire, every kind of backend, metrics, log and admin port.

use std::time::Duration;

use serde_json::json;

use crate::support::http::{Client, send};
use crate::support::lambda::{Backend, Nobody, Reply};
use crate::support::sidecar::{Sidecar, until};

const ROUTES: &str = r#"api:
  type: http
  cors: { allowOrigins: ["https://app.example.com"], allowMethods: [GET] }
  throttle: { methods: { "GET /closed": { rate: 0, burst: 0 } } }
  routes:
    - { route: "GET /pets/{id}", integration: { type: AWS_PROXY, function: f } }
    - { route: "GET /hidden", integration: { type: AWS_PROXY, function: f } }
    - { route: "GET /closed", integration: { type: AWS_PROXY, function: f } }
    - { route: "POST /slow", integration: { type: AWS_PROXY, function: f, timeoutInMillis: 300 } }
"#;

const LOG: &str = "log: { access: '$context.routeKey $context.status $context.path $context.requestId=$context.extendedRequestId $context.error.responseType $context.dataProcessed $context.integrationErrorMessage' }\n";

fn answer(event: &serde_json::Value) -> Reply {
    match event["rawPath"].as_str().unwrap_or_default() {
        "/pets/7" => {
            Reply::payload(r#"{"statusCode":201,"headers":{"x-made-by":"f"},"cookies":["a=1"],"body":"seven"}"#)
        }
        "/pets/8" => Reply::error(r#"{"errorMessage":"boom","errorType":"E"}"#),
        "/hidden" => Reply::payload(r#"{"errorMessage":"boom","errorType":"E"}"#),
        "/slow" => Reply::After(Duration::from_secs(60), Box::new(Reply::payload("{}"))),
        other => panic!("{other}"),
    }
}

#[test]
fn answers_metrics_log_and_traces() {
    let backend = Backend::start(|seen| answer(&seen.json()));
    let config = format!("{ROUTES}functions:\n  f: {{ invoke_api: 'http://{}' }}\n{LOG}", backend.address);
    let mut sidecar = Sidecar::start(&config);
    let seven = sidecar.get("/pets/7");
    assert_eq!((seven.status, seven.text()), (201, "seven"));
    let id = seven.header("Apigw-Requestid").expect("an id").to_owned();
    let lines = seven.head.lines().skip(1).filter(|line| !line.starts_with("Date: "));
    let names: Vec<&str> = lines.filter_map(|line| line.split_once(": ")).map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["X-Made-By", "Content-Type", "Set-Cookie", "Apigw-Requestid", "Content-Length", "Connection"],
        "{}",
        seven.head
    );
    let told = |path: &str, status: u16, body: &str| {
        let answer = sidecar.get(path);
        assert_eq!((answer.status, answer.text()), (status, body), "{path}");
    };
    told("/pets/8", 500, r#"{"message":"Internal Server Error"}"#);
    told("/hidden", 200, r#"{"errorMessage":"boom","errorType":"E"}"#);
    told("/closed", 429, r#"{"message":"Too Many Requests"}"#);
    told("/pets", 404, r#"{"message":"Not Found"}"#);
    let slow = sidecar.post("/slow", "x");
    assert_eq!((slow.status, slow.text()), (503, r#"{"message":"Service Unavailable"}"#));
    let preflight = "OPTIONS /pets/7 HTTP/1.1\r\nHost: t\r\nOrigin: https://app.example.com\r\nAccess-Control-Request-Method: GET\r\n\r\n";
    let allowed = send(sidecar.data, preflight);
    assert_eq!((allowed.status, allowed.header("Access-Control-Allow-Methods")), (204, Some("GET")));
    let refused = send(sidecar.data, "GET /pets/7 NONSENSE\r\n\r\n");
    assert_eq!((refused.status, refused.text()), (400, r#"{"message":"Bad Request"}"#));

    let pets = "resource=\"/pets/{id}\"";
    for (series, count) in [
        (format!("responses_total{{method=\"GET\",{pets},status=\"201\"}}"), 1.0),
        (format!("failures_total{{cause=\"function_error\",method=\"GET\",{pets},status=\"500\"}}"), 1.0),
        ("failures_total{cause=\"timeout\",method=\"POST\",resource=\"/slow\",status=\"503\"}".to_owned(), 1.0),
        ("failures_total{cause=\"throttled\",method=\"GET\",resource=\"/closed\",status=\"429\"}".to_owned(), 1.0),
        ("failures_total{cause=\"no_route\",method=\"\",resource=\"\",status=\"404\"}".to_owned(), 1.0),
        ("masked_errors_total{kind=\"function_error\",method=\"GET\",resource=\"/hidden\"}".to_owned(), 1.0),
        ("invocations_total{function=\"f\",outcome=\"success\"}".to_owned(), 2.0),
        ("invocations_total{function=\"f\",outcome=\"function_error\"}".to_owned(), 1.0),
        ("invocations_total{function=\"f\",outcome=\"timeout\"}".to_owned(), 1.0),
    ] {
        assert_eq!(sidecar.metric(&series), count, "{series}");
    }
    let one = sidecar.ask(&format!("/requests/{id}")).json();
    assert_eq!((&one["resource"], &one["status"]), (&json!("/pets/{id}"), &json!(201)));
    let trace: Vec<&str> = one["trace"].as_array().expect("lines").iter().filter_map(|line| line.as_str()).collect();
    assert!(trace.contains(&"Route: GET /pets/{id}") && trace.contains(&"Response status: 201"), "{trace:#?}");
    let definition = sidecar.ask("/definition").json();
    let route = &definition["resources"][0]["methods"][0];
    assert_eq!((&route["route"], &route["payload_format"]), (&json!("GET /pets/{id}"), &json!("2.0")));
    // The refused head has a path, too.
    assert_eq!(route["counts"]["requests"], 3);
    sidecar.signal("TERM");
    sidecar.wait();
    let log = sidecar.output();
    for line in [
        format!("GET /pets/{{id}} 201 /pets/7 {id}={id} - 5 -"),
        "500 /pets/8".to_owned(),
        " INTEGRATION_FAILURE 35 The Lambda function".to_owned(),
        // The request's one byte is data as well.
        " INTEGRATION_TIMEOUT 34 ".to_owned(),
        " RESOURCE_NOT_FOUND 23 ".to_owned(),
        "The Lambda function returned the following error: boom. Check your Lambda function code and try again."
            .to_owned(),
        "- 404 /pets ".to_owned(),
    ] {
        assert!(log.contains(&line), "{line}: {log}");
    }
}

/// The same routes, the function behind plain HTTP, the emulator and its own runtime.
#[test]
fn every_kind_of_backend() {
    let backend = Backend::start(|seen| answer(&seen.json()));
    for kind in ["http", "emulator"] {
        let config = format!("{ROUTES}functions:\n  f: {{ {kind}: 'http://{}' }}\n", backend.address);
        let sidecar = Sidecar::start(&config);
        assert_eq!(sidecar.get("/pets/7").text(), "seven", "{kind}");
        assert_eq!(sidecar.get("/pets/8").text(), r#"{"message":"Internal Server Error"}"#, "{kind}");
    }
    let mut sidecar = Sidecar::start(&format!("{ROUTES}functions:\n  f: {{ runtime_api: '127.0.0.1:0' }}\n"));
    let address = sidecar.runtime_api("f");
    let runtime = std::thread::spawn(move || {
        let mut client = Client::connect(address);
        client.write("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: r\r\n\r\n");
        let next = client.read();
        let id = next.header("Lambda-Runtime-Aws-Request-Id").expect("an id").to_owned();
        let body = next.json()["pathParameters"].to_string();
        let head = format!(
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nHost: r\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        client.write(format!("{head}{body}"));
        client.read();
    });
    assert_eq!(sidecar.get("/pets/7").text(), r#"{"id":"7"}"#);
    runtime.join().expect("a runtime");
}

#[test]
fn an_http_backend() {
    let backend =
        Backend::start(|seen| Reply::With(200, &[("x-seen", "1"), ("Date", "then")], seen.target.clone().into()));
    let nobody = Nobody::start();
    let sidecar = Sidecar::start(&format!(
        "api:\n  type: http\n  routes:\n    - {{ route: $default, integration: {{ type: HTTP_PROXY, uri: 'http://{}' }} }}\n    - \
         {{ route: 'GET /down', integration: {{ type: HTTP_PROXY, uri: 'http://{}' }} }}\n",
        backend.address, nobody.address
    ));
    let answer = sidecar.get("/a/b?x=1");
    assert_eq!((answer.status, answer.text(), answer.header("X-Seen")), (200, "/a/b?x=1", Some("1")));
    let seen = backend.last();
    assert_eq!(seen.header("Host"), Some(backend.address.to_string().as_str()));
    assert!(seen.header("Forwarded").is_some_and(|value| value.contains("for=127.0.0.1;")), "{}", seen.head);
    let down = sidecar.get("/down");
    assert_eq!((down.status, down.text()), (503, r#"{"message":"Service Unavailable"}"#));
    assert_eq!(sidecar.metric("responses_total{method=\"$default\",resource=\"$default\",status=\"200\"}"), 1.0);
}

/// Every cause that a service's route can have is exported before it happens.
#[test]
fn a_service_that_lacks_a_parameter() {
    let sidecar = Sidecar::start(
        "api:\n  type: http\n  routes:\n    - { route: 'POST /q', integration: { type: AWS_PROXY, integrationSubtype: SQS-PurgeQueue, \
         payloadFormatVersion: '1.0', requestParameters: { QueueUrl: $request.body.queue } } }\nservices: { sqs: 'http://127.0.0.1:1' }\n",
    );
    let series = "failures_total{cause=\"missing_parameters\",method=\"POST\",resource=\"/q\",status=\"400\"}";
    assert_eq!(sidecar.metric(series), 0.0);
    assert_eq!(sidecar.post("/q", "{}").text(), r#"{"message":"Bad Request"}"#);
    assert_eq!(sidecar.metric(series), 1.0);
}

/// A reload may turn a REST API into an HTTP API.
#[test]
fn a_reload_from_a_rest_api() {
    let backend = Backend::start(|_| Reply::payload(r#"{"statusCode":200,"body":"ok"}"#));
    let functions = format!("functions:\n  f: {{ invoke_api: 'http://{}' }}\n", backend.address);
    let sidecar = Sidecar::start(&super::proxy(backend.address, ""));
    assert_eq!(sidecar.get("/x").header("x-amzn-RequestId").map(str::len), Some(36));
    sidecar.rewrite(&format!(
        "api:\n  routes:\n    - {{ route: 'GET /x', integration: {{ type: AWS_PROXY, function: f }} }}\n{functions}"
    ));
    sidecar.signal("HUP");
    until("an HTTP API", || sidecar.get("/x").header("Apigw-Requestid").is_some());
    assert_eq!(sidecar.get("/x").header("x-amzn-RequestId"), None);
}
