//! A parameter that is mapped is read back at the backend as it was sent, whatever is in it.

use serde_json::json;
use stagegate::Played;

use super::{Numbers, decoded, gateway, request, send};

const REQUESTS: usize = 800;

const TEXT: &[&str] = &[
    "a", "b", " ", "\"", "\\", "é", "€", "😀", "/", ",", ";", "=", "<", "&", "#", "?", "+", "%", "%41", "{", "}", "..",
    "$", "'", "\u{2028}", "\n", "\r", "\0",
];

/// Every byte percent-encoded.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Path, query and the header line `X-To` that the backend gets.
fn received(played: &Played) -> (String, String, Option<String>) {
    let call = format!("{:?}", played.call().expect("a call").target);
    let uri = call.split_once("uri: \"http://127.0.0.1:1").expect("a uri").1;
    let uri = uri.split_once('"').expect("its end").0;
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let line = call.split_once("name: b\"X-To\", value: b\"").map(|(_, rest)| rest);
    (path.to_owned(), query.to_owned(), line.map(str::to_owned))
}

fn value_of(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(own, _)| *own == name).map(|(_, value)| decoded(value))
}

/// As it can stand in a header line, printed as `received` finds it.
fn as_line(text: &str) -> String {
    let bytes = text.trim().bytes().map(|byte| if byte < b' ' || byte == 0x7f { b' ' } else { byte });
    format!("{:?}", bytes::Bytes::from(bytes.collect::<Vec<u8>>()))[2..].to_owned()
}

#[test]
fn of_a_rest_api() {
    let gateway = gateway(
        "  routes:\n    - path: /{p}\n      method: GET\n      requestParameters: { method.request.querystring.q: false, method.request.path.p: true, method.request.header.h: false }\n      \
         methodResponses: [200]\n      integration:\n        type: HTTP\n        httpMethod: POST\n        uri: 'http://127.0.0.1:1/x/{to}'\n        \
         requestParameters: { integration.request.querystring.to: method.request.querystring.q, integration.request.header.X-To: method.request.querystring.q, integration.request.path.to: method.request.path.p }\n        \
         responses: [{ statusCode: 200 }]\n",
    );
    let mut numbers = Numbers(3);
    for _ in 0..REQUESTS {
        let value = format!("x{}", numbers.some(6, TEXT));
        let path = encoded(&format!("y{}", numbers.some(4, TEXT)));
        let request = request("GET", &format!("/{path}"), Some(&format!("q={}", encoded(&value))));
        let (to_path, to_query, line) = received(&send(&gateway, request));
        assert_eq!(value_of(&to_query, "to"), Some(value.clone()), "{to_query}");
        // Path parameters go on as they were encoded.
        assert_eq!(to_path, format!("/x/{path}"));
        let line = line.expect("the header line");
        assert!(line.starts_with(&as_line(&value)), "{value:?}: {line}");
    }
}

#[test]
fn of_an_http_api() {
    let gateway = gateway(
        "  type: http\n  routes:\n    - route: POST /{p}\n      integration:\n        type: HTTP_PROXY\n        uri: 'http://127.0.0.1:1/x'\n        httpMethod: ANY\n        \
         requestParameters: { 'overwrite:path': '/y/$request.path.p', 'append:header.X-To': $request.querystring.q, 'overwrite:querystring.to': $request.body.k, 'remove:querystring.q': \"''\" }\n",
    );
    let mut numbers = Numbers(4);
    for _ in 0..REQUESTS {
        let values = [(); 3].map(|()| format!("x{}", numbers.some(6, TEXT)));
        let [in_path, in_query, in_body] = &values;
        let mut request =
            request("POST", &format!("/{}", encoded(in_path)), Some(&format!("q={}&r=1", encoded(in_query))));
        request.body = json!({ "k": in_body }).to_string().into();
        let (path, query, line) = received(&send(&gateway, request));
        assert_eq!(decoded(&path), format!("/y/{in_path}"));
        assert_eq!(
            (value_of(&query, "to"), value_of(&query, "r"), value_of(&query, "q")),
            (Some(in_body.clone()), Some("1".into()), None)
        );
        let line = line.expect("the header line");
        assert!(line.starts_with(&as_line(in_query)), "{in_query:?}: {line}");
    }
}
