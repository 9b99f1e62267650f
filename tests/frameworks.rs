//! Frameworks that read an HTTP API's events, as their users run them, behind the real process: Mangum, Powertools' resolver with
//! its strict models, serverless-http.

use serde_json::json;

use crate::support::data;
use crate::support::function::Function;
use crate::support::http::{Answer, send};
use crate::support::sidecar::Sidecar;

fn sidecar() -> Sidecar {
    Sidecar::start(&std::fs::read_to_string(data("frameworks").join("api.yaml")).expect("a file"))
}

const ASKED: &str = "?q=a%20b&q=c%26d&empty= HTTP/1.1\r\nHost: shop.example.com\r\nContent-Type: application/json\r\n\
                     Cookie: one=1; two=2\r\nX-Custom: x, y\r\nX-Custom: z\r\nContent-Length: 17\r\n\r\n{\"name\": \"J\u{f6}rg\"}";

/// Every line of that name.
fn lines<'a>(answer: &'a Answer, name: &str) -> Vec<&'a str> {
    answer.head.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).collect()
}

/// What every framework shows of the request that is asked.
fn assert_told(told: &serde_json::Value, path: &str, query: &str, custom: &str) {
    let headers = &told["headers"];
    assert_eq!((&told["method"], &told["body"]), (&json!("PUT"), &json!("{\"name\": \"J\u{f6}rg\"}")));
    assert_eq!(told.get("path").unwrap_or(&told["url"]), path);
    assert!(told["url"].is_string() || told["query"] == query, "{told}");
    let expected = json!(["shop.example.com", "one=1; two=2", custom, "17", "443", "https"]);
    let names = ["host", "cookie", "x-custom", "content-length", "x-forwarded-port", "x-forwarded-proto"];
    assert_eq!(json!(names.map(|name| &headers[name])), expected);
}

fn assert_cookies(answer: &Answer, cookies: [&str; 2]) {
    assert_eq!((answer.status, answer.header("Content-Type")), (201, Some("application/json")), "{}", answer.text());
    assert_eq!(lines(answer, "Set-Cookie"), cookies);
}

/// Bytes that are no text, there and back.
fn assert_bytes(sidecar: &Sidecar, format: &str, status: u16, before: &[u8]) {
    let head = format!("POST /{format}/bytes HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n");
    let answer = send(sidecar.data, [head.as_bytes(), b"\0\xff\x7f"].concat());
    assert_eq!((answer.status, answer.header("Content-Type")), (status, Some("image/png")), "{format}");
    assert_eq!(answer.body, [before, b"\0\xff\x7f"].concat(), "{format}");
}

#[test]
fn mangum_is_told_of_requests_and_answers() {
    let mut sidecar = sidecar();
    let _function = Function::python(&data("frameworks"), "mangum_app.handler", sidecar.runtime_api("mangum"));
    for (format, query, custom) in
        [("mangum", "q=a%20b&q=c%26d&empty=", "x, y,z"), ("mangum-1.0", "empty=&q=a+b&q=c%26d", "x, y, z")]
    {
        let answer = send(sidecar.data, format!("PUT /{format}/caf%C3%A9/x{ASKED}"));
        assert_cookies(&answer, ["a=1; Path=/", "b=2"]);
        let told = answer.json();
        assert_eq!(told["client"], "127.0.0.1");
        assert_told(&told, &format!("/{format}/caf\u{e9}/x"), query, custom);
        assert_bytes(&sidecar, format, 201, b"\x89PNG");
    }
}

#[test]
fn powertools_takes_every_event_by_its_models() {
    let mut sidecar = sidecar();
    let _function = Function::python(&data("frameworks"), "powertools_app.handler", sidecar.runtime_api("powertools"));
    let answer = send(sidecar.data, format!("POST /powertools/things/caf%C3%A9{ASKED}"));
    assert_cookies(&answer, ["a=1; Secure", "b=2; Secure"]);
    let told = json!({
        "thing": "caf\u{e9}",
        "route": "POST /powertools/things/{thing}",
        "queries": {"empty": [""], "q": ["a b", "c&d"]},
        "cookies": ["one=1", "two=2"],
        "header": "x, y,z",
        "json": {"name": "J\u{f6}rg"},
        "ip": "127.0.0.1/32",
        "stage": "$default",
        "absent": [],
    });
    assert_eq!(answer.json(), told);
    let missing = sidecar.get("/powertools/missing");
    assert_eq!((missing.status, missing.text()), (404, r#"{"statusCode":404,"message":"no such thing"}"#));
}

#[test]
fn serverless_http_is_told_of_requests_and_answers() {
    let mut sidecar = sidecar();
    let _function = Function::node(&data("frameworks").join("serverless_http.js"), sidecar.runtime_api("node"));
    for (format, url, custom) in [
        ("node", "/node/caf\u{e9}/x?q=a%20b&q=c%26d&empty=", "x, y,z"),
        ("node-1.0", "/node-1.0/caf%C3%A9/x?empty=&q=a%20b&q=c%26d", "z"),
    ] {
        let answer = send(sidecar.data, format!("PUT /{format}/caf%C3%A9/x{ASKED}"));
        assert_cookies(&answer, ["a=1; Path=/", "b=2"]);
        assert_told(&answer.json(), url, "", custom);
        assert_bytes(&sidecar, format, 200, b"\x89");
    }
}
