//! An event is JSON, and tells header lines, query, cookies and body as they were sent.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use stagegate::Request;

use super::{Numbers, decoded, event, gateway, request, send};

const REQUESTS: usize = 800;

const TEXT: &[&str] = &[
    "a", "b", " ", "\"", "\\", "\t", "é", "€", "😀", "/", ",", ";", "=", "<", "&", "\u{85}", "\u{2028}", "{", "1",
    "%41", "%",
];

/// Lines of a few names, no two of which differ in case alone.
fn headers(numbers: &mut Numbers) -> Vec<(&'static str, Vec<u8>)> {
    (0..numbers.below(6))
        .map(|_| {
            let mut value = numbers.some(6, TEXT).trim_matches([' ', '\t']).as_bytes().to_vec();
            if numbers.below(8) == 0 {
                value.extend(b"x\xff\xc3");
            }
            (numbers.of(&["X-A", "x-b", "X-Long-Name-Of-A-Line", "x_c", "X!"]), value)
        })
        .collect()
}

fn query(numbers: &mut Numbers) -> Option<String> {
    let pieces = ["a", "b", "=", "&", "&", ";", "%20", "+", "%C3%A9", "%ff", "%", "a[]=", "é", "A", "==", "%26", "%3D"];
    (numbers.below(6) > 0).then(|| numbers.some(10, &pieces))
}

fn body(numbers: &mut Numbers) -> Vec<u8> {
    let mut body = numbers.some(12, TEXT).into_bytes();
    if numbers.below(4) == 0 {
        body.extend([0, 0xff, 0xc3, b'x', 1]);
    }
    body
}

/// Names, each with its values.
type Groups<K> = Vec<(K, Vec<String>)>;

/// Names in the order in which they came, each with all of its values; the plain way.
fn grouped<K: PartialEq + Clone>(pairs: impl IntoIterator<Item = (K, String)>) -> Groups<K> {
    let mut groups: Groups<K> = Vec::new();
    for (name, value) in pairs {
        match groups.iter_mut().find(|(own, _)| *own == name) {
            Some((_, values)) => values.push(value),
            None => groups.push((name, vec![value])),
        }
    }
    groups
}

fn parameters(query: &str) -> Groups<String> {
    let spaced = |text: &str| decoded(&text.replace('+', "%20"));
    let pieces = query.split(['&', ';']).filter(|piece| !piece.is_empty());
    grouped(pieces.map(|piece| {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        (spaced(name), spaced(value))
    }))
}

/// As an object, by what is made of each name's values; null when there is none.
fn object<K: ToString>(groups: &[(K, Vec<String>)], of: impl Fn(&[String]) -> Value) -> Value {
    match groups {
        [] => Value::Null,
        groups => groups.iter().map(|(name, values)| (name.to_string(), of(values))).collect(),
    }
}

fn last(values: &[String]) -> Value {
    json!(values.last())
}

fn all(values: &[String]) -> Value {
    json!(values)
}

fn joined(values: &[String]) -> Value {
    json!(values.join(","))
}

/// The members that are the client's own.
fn own(headers: &Value) -> Value {
    let headers = headers.as_object().cloned().unwrap_or_default();
    let own: BTreeMap<_, _> = headers.into_iter().filter(|(name, _)| is_own(name)).collect();
    if own.is_empty() { Value::Null } else { json!(own) }
}

fn is_own(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with('x') && !name.starts_with("x-forwarded") && !name.starts_with("x-amzn")
}

/// With its names in lower case.
fn lowered(object: &Value) -> Value {
    let members = object.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect()
}

fn sent(numbers: &mut Numbers, path: &str) -> (Request, Groups<&'static str>, Groups<String>) {
    let (headers, query, body) = (headers(numbers), query(numbers), body(numbers));
    let mut request = request("POST", path, query.as_deref());
    for (name, value) in &headers {
        request.headers.push(*name, value.clone());
    }
    request.body = body.into();
    let texts = headers.iter().map(|(name, value)| (*name, String::from_utf8_lossy(value).into_owned()));
    (request, grouped(texts), parameters(query.as_deref().unwrap_or_default()))
}

#[test]
fn of_a_rest_api() {
    let text = gateway("  routes: [{ path: /, method: ANY, integration: { type: AWS_PROXY, function: f } }]\n");
    let binary = gateway(
        "  binary_media_types: ['*/*']\n  routes: [{ path: /, method: ANY, integration: { type: AWS_PROXY, function: f } }]\n",
    );
    let mut numbers = Numbers(1);
    for round in 0..REQUESTS {
        let (request, headers, parameters) = sent(&mut numbers, "/");
        let is_binary = round % 3 == 0;
        let event = event(&send(if is_binary { &binary } else { &text }, request.clone()));
        assert_eq!(own(&event["headers"]), object(&headers, last), "{request:?}");
        assert_eq!(own(&event["multiValueHeaders"]), object(&headers, all), "{request:?}");
        assert_eq!(event["queryStringParameters"], object(&parameters, last), "{request:?}");
        assert_eq!(event["multiValueQueryStringParameters"], object(&parameters, all), "{request:?}");
        let body = match (request.body.is_empty(), is_binary) {
            (true, _) => Value::Null,
            (false, true) => json!(STANDARD.encode(&request.body)),
            (false, false) => json!(String::from_utf8_lossy(&request.body)),
        };
        assert_eq!(event["body"], body, "{request:?}");
        assert_eq!(event["isBase64Encoded"], json!(is_binary && !request.body.is_empty()), "{request:?}");
    }
}

#[test]
fn of_an_http_api() {
    let integration =
        |version: &str| format!("integration: {{ type: AWS_PROXY, function: f, payloadFormatVersion: '{version}' }}");
    let gateway = gateway(&format!(
        "  type: http\n  routes:\n    - {{ route: ANY /one, {} }}\n    - {{ route: ANY /two, {} }}\n",
        integration("1.0"),
        integration("2.0")
    ));
    let mut numbers = Numbers(2);
    let lower = |groups: &[(&str, Vec<String>)]| -> Groups<String> {
        groups.iter().map(|(name, values)| (name.to_ascii_lowercase(), values.clone())).collect()
    };
    for _ in 0..REQUESTS {
        let (mut request, headers, parameters) = sent(&mut numbers, "/two");
        let cookies: Vec<String> =
            (0..numbers.below(4)).map(|n| format!("c{n}={}", numbers.some(3, &["a", "b", "=", "\""]))).collect();
        if !cookies.is_empty() {
            request.headers.push("Cookie", cookies.join("; "));
        }
        request.headers.push("Content-Type", "text/plain");
        let two = event(&send(&gateway, request.clone()));
        assert_eq!(own(&two["headers"]), object(&lower(&headers), joined), "{request:?}");
        assert_eq!(two["queryStringParameters"], object(&parameters, joined), "{request:?}");
        assert_eq!(two["rawQueryString"], json!(request.query.as_deref().unwrap_or_default()), "{request:?}");
        assert_eq!(two["cookies"], if cookies.is_empty() { Value::Null } else { json!(cookies) }, "{request:?}");
        request.path = "/one".to_owned();
        let one = event(&send(&gateway, request.clone()));
        assert_eq!(own(&lowered(&one["headers"])), object(&lower(&headers), last), "{request:?}");
        assert_eq!(one["multiValueQueryStringParameters"], object(&parameters, all), "{request:?}");
        for event in [one, two] {
            let body = event["body"].as_str().unwrap_or_default();
            let body = match event["isBase64Encoded"] == true {
                true => STANDARD.decode(body).expect("base64"),
                false => body.as_bytes().to_vec(),
            };
            assert_eq!(String::from_utf8_lossy(&body), String::from_utf8_lossy(&request.body), "{request:?}");
        }
    }
}
