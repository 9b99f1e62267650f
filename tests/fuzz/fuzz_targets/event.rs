//! Any target, header lines and body, to proxy functions of every payload format and through parameter mappings: no panic, no hang,
//! and what the function gets is JSON, with the body and the header lines that were sent.
//!
//! The first line is method and target, the lines up to an empty one are header lines, and the rest is the body.

#![no_main]

#[path = "../gateway.rs"]
mod gateway;
#[path = "../request.rs"]
mod request;

use std::sync::LazyLock;

use gateway::gateway;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use stagegate::{Gateway, IntegrationReply, play};

const REST: &str = "functions: { f: { invoke_api: 'http://127.0.0.1:1' } }
api:
  routes:
    - { path: '/', method: ANY, integration: { type: AWS_PROXY, function: f } }
    - { path: '/{a}/{b+}', method: ANY, integration: { type: AWS_PROXY, function: f } }
    - path: '/{a}'
      method: ANY
      integration: { type: AWS, function: f, requestTemplates: { application/json: '{\"q\":\"$util.escapeJavaScript($input.params().querystring)\"}' } }
";

const HTTP: &str = "functions: { f: { invoke_api: 'http://127.0.0.1:1' } }
api:
  type: http
  definition:
    openapi: 3.0.1
    info: { title: t, version: '1' }
    paths:
      /one/{a}:
        x-amazon-apigateway-any-method: { x-amazon-apigateway-integration: { type: aws_proxy, httpMethod: POST, uri: FUNCTION, payloadFormatVersion: '1.0' } }
      '/two/{a+}':
        x-amazon-apigateway-any-method: { x-amazon-apigateway-integration: { type: aws_proxy, httpMethod: POST, uri: FUNCTION, payloadFormatVersion: '2.0' } }
      /map/{a}:
        x-amazon-apigateway-any-method: { x-amazon-apigateway-integration: { type: http_proxy, httpMethod: ANY, uri: 'http://127.0.0.1:1/x', payloadFormatVersion: '1.0', requestParameters: {
          overwrite:path: '/y/${request.path.a}', 'append:header.x': $request.querystring.q, 'overwrite:header.c': $request.header.cookie, 'append:querystring.z': $request.body.k, 'remove:querystring.r': \"''\" } } }
";
const FUNCTION: &str = "'arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations'";

static GATEWAYS: LazyLock<[Gateway; 2]> = LazyLock::new(|| [gateway(REST), gateway(&HTTP.replace("FUNCTION", FUNCTION))]);

fuzz_target!(|input: &[u8]| {
    let (head, body) = match input.windows(2).position(|two| two == b"\n\n") {
        Some(end) => (&input[..end], &input[end + 2..]),
        None => (input, &b""[..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
    let (method, target) = first.split_once(' ').unwrap_or(("GET", &first));
    let Some(target) = request::target(target) else { return };
    let headers: Vec<(&[u8], &[u8])> = lines.filter_map(request::line).collect();
    for gateway in GATEWAYS.iter() {
        let reply = |body: &'static [u8]| IntegrationReply { status: 200, body: body.to_vec().into(), ..IntegrationReply::default() };
        let played = play(gateway, request::request(method, &target, &headers, body), |_| Ok(reply(b"{}")));
        let Some(call) = played.call() else { continue };
        let Ok(event) = serde_json::from_slice::<Value>(&call.body) else {
            assert!(!target.starts_with("/one") && !target.starts_with("/two"), "no JSON: {}", call.body.escape_ascii());
            continue;
        };
        if let Some(sent) = event["body"].as_str().filter(|_| event["isBase64Encoded"] == false) {
            assert_eq!(sent, String::from_utf8_lossy(body));
        }
    }
});
