//! What both payload formats of an HTTP API's events have in common: where their values come from, and how they are written.
//!
//! API Gateway writes them with Go's JSON: members of maps stand sorted by name (fact `http-sorted-members`).

use std::borrow::Cow;
use std::io::Write;

use crate::api::{HttpApi, HttpRoute, media_type};
use crate::exchange::exchange::Exchange;
use crate::exchange::http_caller::HttpCaller;
use crate::exchange::{ids, query};
use crate::gateway::address::write_ip;
use crate::gateway::base64;
use crate::http1::head::is_of_the_connection;
use crate::http1::message::Request;
use crate::json_text::{escape, escape_str};

/// What an event tells of.
#[derive(Clone, Copy)]
pub(crate) struct EventSource<'a> {
    /// The API.
    pub api: &'a HttpApi,
    /// The route that was found.
    pub route: &'a HttpRoute,
    /// The request.
    pub exchange: &'a Exchange,
    /// The path variables, decoded.
    pub path_parameters: &'a [(String, String)],
    /// Who calls, once that is known.
    pub caller: Option<&'a HttpCaller>,
}

impl<'a> EventSource<'a> {
    /// The one id of a request (recorded on AWS: `requestId` is `extendedRequestId`).
    pub(crate) fn apigw_request_id(&self) -> &'a str {
        &self.exchange.ids.extended_request_id
    }

    /// The path with its stage, decoded.
    pub(crate) fn path(&self) -> Cow<'a, str> {
        query::decode_path(&self.exchange.request.path)
    }

    /// The client's `User-Agent`; empty when it sends none (recorded on AWS).
    pub(crate) fn user_agent(&self) -> &'a str {
        self.exchange.request.headers.last("user-agent").unwrap_or_default()
    }
}

/// A header line of an event.
pub(super) struct Line<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: Cow<'a, [u8]>,
}

/// The request's header lines as API Gateway hands them on, with its own: not what is about the client's connection, but
/// `content-length`, which over HTTP/2 is there whether it was sent or not (fact `http-content-length`).
pub(super) fn header_lines<'a>(request: &'a Request, trace_id: &'a str) -> Vec<Line<'a>> {
    let mut lines = Vec::with_capacity(request.headers.0.len() + 5);
    for line in &request.headers.0 {
        let is_length = line.name.eq_ignore_ascii_case(b"content-length");
        if (is_length || !is_of_the_connection(&line.name)) && !is_ours(&line.name) {
            lines.push(Line { name: &line.name, value: Cow::Borrowed(&line.value) });
        }
    }
    if request.http2 && !request.headers.contains("content-length") {
        let length = itoa::Buffer::new().format(request.body.len()).as_bytes().to_vec();
        lines.push(Line { name: b"Content-Length", value: Cow::Owned(length) });
    }
    let mut ours = |name, value| lines.push(Line { name, value });
    ours(b"X-Amzn-Trace-Id", Cow::Borrowed(ids::root(trace_id).as_bytes()));
    ours(b"X-Forwarded-For", Cow::Owned(forwarded_for(request)));
    ours(b"X-Forwarded-Port", Cow::Borrowed(b"443"));
    ours(b"X-Forwarded-Proto", Cow::Borrowed(b"https"));
    lines
}

fn is_ours(name: &[u8]) -> bool {
    ["x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "te", "trailer", "upgrade"]
        .iter()
        .any(|ours| name.eq_ignore_ascii_case(ours.as_bytes()))
}

/// The addresses that the request came through, the nearest last.
fn forwarded_for(request: &Request) -> Vec<u8> {
    let mut list = Vec::with_capacity(48);
    for line in request.headers.all("x-forwarded-for") {
        text(&mut list, &line.value);
        text(&mut list, b", ");
    }
    write_ip(&mut list, request.source_ip);
    list
}

/// Whether a body is told in base64: all but a few text types are (fact `http-binary-body`).
pub(crate) fn is_binary(request: &Request) -> bool {
    const TEXT: [&str; 3] = ["application/json", "application/xml", "application/javascript"];
    let sent = media_type(request.headers.last("content-type").unwrap_or_default());
    let is_text = sent.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("text/"));
    !is_text && !TEXT.iter().any(|known| sent.eq_ignore_ascii_case(known))
}

/// A body as the value of a JSON member, with its quotes.
pub(super) fn write_body(out: &mut Vec<u8>, request: &Request) {
    text(out, b"\"");
    match is_binary(request) {
        true => base64::encode(out, &request.body),
        false => escape(out, &request.body),
    }
    text(out, b"\"");
}

pub(super) fn text(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(bytes);
}

/// Fixed text, then a value inside a JSON string that the fixed text opened.
pub(super) fn member(out: &mut Vec<u8>, before: &[u8], value: &str) {
    out.extend_from_slice(before);
    escape_str(out, value);
}

/// A number, or any JSON, behind fixed text.
pub(super) fn raw(out: &mut Vec<u8>, before: &[u8], value: impl std::fmt::Display) {
    out.extend_from_slice(before);
    // Writing to a vector cannot fail.
    let _ = write!(out, "{value}");
}

/// An object of strings, sorted by name.
pub(super) fn write_map<'a>(out: &mut Vec<u8>, entries: impl Iterator<Item = (&'a str, &'a str)>) {
    let mut entries: Vec<(&str, &str)> = entries.collect();
    entries.sort_by_key(|(name, _)| *name);
    let start = out.len();
    for (name, value) in entries {
        member(out, if out.len() == start { b"{\"" } else { b",\"" }, name);
        member(out, b"\":\"", value);
        text(out, b"\"");
    }
    text(out, if out.len() == start { b"{}" } else { b"}" });
}

/// A list of strings.
pub(super) fn write_list<'a>(out: &mut Vec<u8>, values: impl Iterator<Item = &'a [u8]>) {
    text(out, b"[");
    for (i, value) in values.enumerate() {
        text(out, if i == 0 { b"\"" } else { b",\"" });
        escape(out, value);
        text(out, b"\"");
    }
    text(out, b"]");
}

/// An object of any values, sorted by name, without its braces.
pub(super) fn write_values(out: &mut Vec<u8>, values: &[(String, serde_json::Value)], mut before: &'static [u8]) {
    let mut values: Vec<&(String, serde_json::Value)> = values.iter().collect();
    values.sort_by_key(|(name, _)| name);
    for (name, value) in values {
        text(out, before);
        member(out, b"\"", name);
        raw(out, b"\":", value);
        before = b",";
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::sample::Sample;
    use super::super::{event_v1, event_v2};
    use super::*;
    use crate::exchange::signer::Signer;

    /// A sample, who calls, and its events in both formats.
    struct Row {
        sample: Sample,
        caller: Option<HttpCaller>,
        v2: &'static str,
        v1: &'static str,
    }

    #[test]
    fn events() {
        for Row { sample, caller, v2, v1 } in rows() {
            let source = sample.source(caller.as_ref());
            let text = |event: Result<bytes::Bytes, crate::failure::Failure>| {
                String::from_utf8(event.unwrap_or_default().to_vec()).unwrap_or_default()
            };
            assert_eq!(text(event_v2::render(&source, 10_000)), v2);
            assert_eq!(text(event_v1::render(&source, 10_000)), v1);
            assert!(
                event_v2::render(&source, v2.len() - 1).is_err() && event_v1::render(&source, v1.len() - 1).is_err()
            );
        }
    }

    #[rustfmt::skip]
    fn rows() -> Vec<Row> {
        vec![
            Row {
                sample: Sample::new("$default", "POST /users/{userId}/orders", "POST /users/123/orders?status=pending&tag=important&tag=urgent HTTP/1.1\nAccept: text/html\nAccept: application/json\nContent-Length: 0\ncontent-type: text/plain; charset=utf-8\nCookie: session=abc123; theme=dark\nhost: a1b2c3.execute-api.us-west-2.amazonaws.com\nUser-Agent: TestAgent\nX-Custom-Header: value1\nConnection: keep-alive").with_path(&[("userId", "123")]),
                caller: None,
                v2: r#"{"version":"2.0","routeKey":"POST /users/{userId}/orders","rawPath":"/users/123/orders","rawQueryString":"status=pending&tag=important&tag=urgent","cookies":["session=abc123","theme=dark"],"headers":{"accept":"text/html,application/json","content-length":"0","content-type":"text/plain; charset=utf-8","host":"a1b2c3.execute-api.us-west-2.amazonaws.com","user-agent":"TestAgent","x-amzn-trace-id":"Root=1-67fd8937-6cd643e155b4258a556982c5","x-custom-header":"value1","x-forwarded-for":"192.0.2.7","x-forwarded-port":"443","x-forwarded-proto":"https"},"queryStringParameters":{"status":"pending","tag":"important,urgent"},"requestContext":{"accountId":"123456789012","apiId":"a1b2c3","domainName":"a1b2c3.execute-api.us-west-2.amazonaws.com","domainPrefix":"a1b2c3","http":{"method":"POST","path":"/users/123/orders","protocol":"HTTP/1.1","sourceIp":"192.0.2.7","userAgent":"TestAgent"},"requestId":"JCJgriq-vHcEPMg=","routeKey":"POST /users/{userId}/orders","stage":"$default","time":"14/Apr/2025:22:16:23 +0000","timeEpoch":1744668983126},"pathParameters":{"userId":"123"},"isBase64Encoded":false}"#,
                v1: r#"{"version":"1.0","resource":"/users/{userId}/orders","path":"/users/123/orders","httpMethod":"POST","headers":{"Accept":"application/json","Content-Length":"0","Content-Type":"text/plain; charset=utf-8","Cookie":"session=abc123; theme=dark","Host":"a1b2c3.execute-api.us-west-2.amazonaws.com","User-Agent":"TestAgent","X-Amzn-Trace-Id":"Root=1-67fd8937-6cd643e155b4258a556982c5","X-Custom-Header":"value1","X-Forwarded-For":"192.0.2.7","X-Forwarded-Port":"443","X-Forwarded-Proto":"https"},"multiValueHeaders":{"Accept":["text/html","application/json"],"Content-Length":["0"],"Content-Type":["text/plain; charset=utf-8"],"Cookie":["session=abc123; theme=dark"],"Host":["a1b2c3.execute-api.us-west-2.amazonaws.com"],"User-Agent":["TestAgent"],"X-Amzn-Trace-Id":["Root=1-67fd8937-6cd643e155b4258a556982c5"],"X-Custom-Header":["value1"],"X-Forwarded-For":["192.0.2.7"],"X-Forwarded-Port":["443"],"X-Forwarded-Proto":["https"]},"queryStringParameters":{"status":"pending","tag":"urgent"},"multiValueQueryStringParameters":{"status":["pending"],"tag":["important","urgent"]},"requestContext":{"accountId":"123456789012","apiId":"a1b2c3","domainName":"a1b2c3.execute-api.us-west-2.amazonaws.com","domainPrefix":"a1b2c3","extendedRequestId":"JCJgriq-vHcEPMg=","httpMethod":"POST","identity":{"accessKey":null,"accountId":null,"caller":null,"cognitoAmr":null,"cognitoAuthenticationProvider":null,"cognitoAuthenticationType":null,"cognitoIdentityId":null,"cognitoIdentityPoolId":null,"principalOrgId":null,"sourceIp":"192.0.2.7","user":null,"userAgent":"TestAgent","userArn":null},"path":"/users/123/orders","protocol":"HTTP/1.1","requestId":"JCJgriq-vHcEPMg=","requestTime":"14/Apr/2025:22:16:23 +0000","requestTimeEpoch":1744668983126,"resourceId":"POST /users/{userId}/orders","resourcePath":"/users/{userId}/orders","stage":"$default"},"pathParameters":{"userId":"123"},"stageVariables":null,"body":null,"isBase64Encoded":false}"#,
            },
            Row {
                sample: Sample::new("dev", "ANY /{proxy+}", "PUT /dev/a%20b/%E2%98%95?q=a%20b+c HTTP/2\nhost: api.example.com:8443\naccept: */*\nCookie: a=1\ncookie: b=2\nx-forwarded-for: 198.51.100.1\nX-Amzn-Trace-Id: other\n\n\u{0001}\"é").with_path(&[("z", "a b/\u{2615}"), ("a", "")]).with_variables(&[("stage", "\"dev\""), ("b", "2")]),
                caller: Some(HttpCaller::Lambda { principal_id: Some("me".to_owned()), context: vec![("n".to_owned(), json!(1.5)), ("a".to_owned(), json!({"b": [true, null]}))] }),
                v2: r#"{"version":"2.0","routeKey":"ANY /{proxy+}","rawPath":"/dev/a b/☕","rawQueryString":"q=a%20b+c","cookies":["a=1","b=2"],"headers":{"accept":"*/*","content-length":"4","host":"api.example.com:8443","x-amzn-trace-id":"Root=1-67fd8937-6cd643e155b4258a556982c5","x-forwarded-for":"198.51.100.1, 192.0.2.7","x-forwarded-port":"443","x-forwarded-proto":"https"},"queryStringParameters":{"q":"a b c"},"requestContext":{"accountId":"123456789012","apiId":"a1b2c3","authorizer":{"lambda":{"a":{"b":[true,null]},"n":1.5}},"domainName":"api.example.com","domainPrefix":"api","http":{"method":"PUT","path":"/dev/a b/☕","protocol":"HTTP/1.1","sourceIp":"192.0.2.7","userAgent":""},"requestId":"JCJgriq-vHcEPMg=","routeKey":"ANY /{proxy+}","stage":"dev","time":"14/Apr/2025:22:16:23 +0000","timeEpoch":1744668983126},"pathParameters":{"a":"","z":"a b/☕"},"stageVariables":{"b":"2","stage":"\"dev\""},"body":"ASLDqQ==","isBase64Encoded":true}"#,
                v1: r#"{"version":"1.0","resource":"/{proxy+}","path":"/dev/a%20b/%E2%98%95","httpMethod":"PUT","headers":{"Content-Length":"4","Cookie":"b=2","Host":"api.example.com:8443","X-Amzn-Trace-Id":"Root=1-67fd8937-6cd643e155b4258a556982c5","X-Forwarded-For":"198.51.100.1, 192.0.2.7","X-Forwarded-Port":"443","X-Forwarded-Proto":"https","accept":"*/*"},"multiValueHeaders":{"Content-Length":["4"],"Cookie":["a=1","b=2"],"Host":["api.example.com:8443"],"X-Amzn-Trace-Id":["Root=1-67fd8937-6cd643e155b4258a556982c5"],"X-Forwarded-For":["198.51.100.1, 192.0.2.7"],"X-Forwarded-Port":["443"],"X-Forwarded-Proto":["https"],"accept":["*/*"]},"queryStringParameters":{"q":"a b c"},"multiValueQueryStringParameters":{"q":["a b c"]},"requestContext":{"accountId":"123456789012","apiId":"a1b2c3","authorizer":{"claims":null,"scopes":null,"a":{"b":[true,null]},"n":1.5},"domainName":"api.example.com","domainPrefix":"api","extendedRequestId":"JCJgriq-vHcEPMg=","httpMethod":"PUT","identity":{"accessKey":null,"accountId":null,"caller":null,"cognitoAmr":null,"cognitoAuthenticationProvider":null,"cognitoAuthenticationType":null,"cognitoIdentityId":null,"cognitoIdentityPoolId":null,"principalOrgId":null,"sourceIp":"192.0.2.7","user":null,"userAgent":"","userArn":null},"path":"/dev/a b/☕","protocol":"HTTP/1.1","requestId":"JCJgriq-vHcEPMg=","requestTime":"14/Apr/2025:22:16:23 +0000","requestTimeEpoch":1744668983126,"resourceId":"ANY /{proxy+}","resourcePath":"/{proxy+}","stage":"dev"},"pathParameters":{"a":"","z":"a b/☕"},"stageVariables":{"b":"2","stage":"\"dev\""},"body":"ASLDqQ==","isBase64Encoded":true}"#,
            },
            Row {
                sample: Sample::new("$default", "$default", "POST /x HTTP/1.1\nHost: h\nContent-Type: Application/JSON; charset=utf-8\n\n{\"a\": \"\u{2615}\"}"),
                caller: Some(HttpCaller::Jwt { claims: vec![("sub".to_owned(), "1".to_owned()), ("aud".to_owned(), "[a b]".to_owned())], scopes: None }),
                v2: r#"{"version":"2.0","routeKey":"$default","rawPath":"/x","rawQueryString":"","headers":{"content-type":"Application/JSON; charset=utf-8","host":"h","x-amzn-trace-id":"Root=1-67fd8937-6cd643e155b4258a556982c5","x-forwarded-for":"192.0.2.7","x-forwarded-port":"443","x-forwarded-proto":"https"},"requestContext":{"accountId":"123456789012","apiId":"a1b2c3","authorizer":{"jwt":{"claims":{"aud":"[a b]","sub":"1"},"scopes":null}},"domainName":"h","domainPrefix":"h","http":{"method":"POST","path":"/x","protocol":"HTTP/1.1","sourceIp":"192.0.2.7","userAgent":""},"requestId":"JCJgriq-vHcEPMg=","routeKey":"$default","stage":"$default","time":"14/Apr/2025:22:16:23 +0000","timeEpoch":1744668983126},"body":"{\"a\": \"☕\"}","isBase64Encoded":false}"#,
                v1: r#"{"version":"1.0","resource":"$default","path":"/x","httpMethod":"POST","headers":{"Content-Type":"Application/JSON; charset=utf-8","Host":"h","X-Amzn-Trace-Id":"Root=1-67fd8937-6cd643e155b4258a556982c5","X-Forwarded-For":"192.0.2.7","X-Forwarded-Port":"443","X-Forwarded-Proto":"https"},"multiValueHeaders":{"Content-Type":["Application/JSON; charset=utf-8"],"Host":["h"],"X-Amzn-Trace-Id":["Root=1-67fd8937-6cd643e155b4258a556982c5"],"X-Forwarded-For":["192.0.2.7"],"X-Forwarded-Port":["443"],"X-Forwarded-Proto":["https"]},"queryStringParameters":null,"multiValueQueryStringParameters":null,"requestContext":{"accountId":"123456789012","apiId":"a1b2c3","authorizer":{"claims":{"aud":"[a b]","sub":"1"},"scopes":null},"domainName":"h","domainPrefix":"h","extendedRequestId":"JCJgriq-vHcEPMg=","httpMethod":"POST","identity":{"accessKey":null,"accountId":null,"caller":null,"cognitoAmr":null,"cognitoAuthenticationProvider":null,"cognitoAuthenticationType":null,"cognitoIdentityId":null,"cognitoIdentityPoolId":null,"principalOrgId":null,"sourceIp":"192.0.2.7","user":null,"userAgent":"","userArn":null},"path":"/x","protocol":"HTTP/1.1","requestId":"JCJgriq-vHcEPMg=","requestTime":"14/Apr/2025:22:16:23 +0000","requestTimeEpoch":1744668983126,"resourceId":"$default","resourcePath":"$default","stage":"$default"},"pathParameters":null,"stageVariables":null,"body":"{\"a\": \"☕\"}","isBase64Encoded":false}"#,
            },
            Row {
                sample: Sample::new("$default", "GET /x", "GET /x HTTP/1.1\nHost: h"),
                caller: Some(HttpCaller::Jwt { claims: Vec::new(), scopes: Some(vec!["a".to_owned(), "b".to_owned()]) }),
                v2: r#"{"version":"2.0","routeKey":"GET /x","rawPath":"/x","rawQueryString":"","headers":{"host":"h","x-amzn-trace-id":"Root=1-67fd8937-6cd643e155b4258a556982c5","x-forwarded-for":"192.0.2.7","x-forwarded-port":"443","x-forwarded-proto":"https"},"requestContext":{"accountId":"123456789012","apiId":"a1b2c3","authorizer":{"jwt":{"claims":{},"scopes":["a","b"]}},"domainName":"h","domainPrefix":"h","http":{"method":"GET","path":"/x","protocol":"HTTP/1.1","sourceIp":"192.0.2.7","userAgent":""},"requestId":"JCJgriq-vHcEPMg=","routeKey":"GET /x","stage":"$default","time":"14/Apr/2025:22:16:23 +0000","timeEpoch":1744668983126},"isBase64Encoded":false}"#,
                v1: r#"{"version":"1.0","resource":"/x","path":"/x","httpMethod":"GET","headers":{"Host":"h","X-Amzn-Trace-Id":"Root=1-67fd8937-6cd643e155b4258a556982c5","X-Forwarded-For":"192.0.2.7","X-Forwarded-Port":"443","X-Forwarded-Proto":"https"},"multiValueHeaders":{"Host":["h"],"X-Amzn-Trace-Id":["Root=1-67fd8937-6cd643e155b4258a556982c5"],"X-Forwarded-For":["192.0.2.7"],"X-Forwarded-Port":["443"],"X-Forwarded-Proto":["https"]},"queryStringParameters":null,"multiValueQueryStringParameters":null,"requestContext":{"accountId":"123456789012","apiId":"a1b2c3","authorizer":{"claims":{},"scopes":["a","b"]},"domainName":"h","domainPrefix":"h","extendedRequestId":"JCJgriq-vHcEPMg=","httpMethod":"GET","identity":{"accessKey":null,"accountId":null,"caller":null,"cognitoAmr":null,"cognitoAuthenticationProvider":null,"cognitoAuthenticationType":null,"cognitoIdentityId":null,"cognitoIdentityPoolId":null,"principalOrgId":null,"sourceIp":"192.0.2.7","user":null,"userAgent":"","userArn":null},"path":"/x","protocol":"HTTP/1.1","requestId":"JCJgriq-vHcEPMg=","requestTime":"14/Apr/2025:22:16:23 +0000","requestTimeEpoch":1744668983126,"resourceId":"GET /x","resourcePath":"/x","stage":"$default"},"pathParameters":null,"stageVariables":null,"body":null,"isBase64Encoded":false}"#,
            },
            Row {
                sample: Sample::new("$default", "GET /x", "GET /x HTTP/1.1\nHost: h"),
                caller: Some(HttpCaller::Iam(Signer { access_key: "AKIA".to_owned(), account_id: "123456789012".to_owned(), user: "ada".to_owned(), user_arn: "arn:aws:iam::123456789012:user/ada".to_owned() })),
                v2: r#"{"version":"2.0","routeKey":"GET /x","rawPath":"/x","rawQueryString":"","headers":{"host":"h","x-amzn-trace-id":"Root=1-67fd8937-6cd643e155b4258a556982c5","x-forwarded-for":"192.0.2.7","x-forwarded-port":"443","x-forwarded-proto":"https"},"requestContext":{"accountId":"123456789012","apiId":"a1b2c3","authorizer":{"iam":{"accessKey":"AKIA","accountId":"123456789012","callerId":"ada","cognitoIdentity":null,"principalOrgId":"aws:PrincipalOrgID","userArn":"arn:aws:iam::123456789012:user/ada","userId":"ada"}},"domainName":"h","domainPrefix":"h","http":{"method":"GET","path":"/x","protocol":"HTTP/1.1","sourceIp":"192.0.2.7","userAgent":""},"requestId":"JCJgriq-vHcEPMg=","routeKey":"GET /x","stage":"$default","time":"14/Apr/2025:22:16:23 +0000","timeEpoch":1744668983126},"isBase64Encoded":false}"#,
                v1: r#"{"version":"1.0","resource":"/x","path":"/x","httpMethod":"GET","headers":{"Host":"h","X-Amzn-Trace-Id":"Root=1-67fd8937-6cd643e155b4258a556982c5","X-Forwarded-For":"192.0.2.7","X-Forwarded-Port":"443","X-Forwarded-Proto":"https"},"multiValueHeaders":{"Host":["h"],"X-Amzn-Trace-Id":["Root=1-67fd8937-6cd643e155b4258a556982c5"],"X-Forwarded-For":["192.0.2.7"],"X-Forwarded-Port":["443"],"X-Forwarded-Proto":["https"]},"queryStringParameters":null,"multiValueQueryStringParameters":null,"requestContext":{"accountId":"123456789012","apiId":"a1b2c3","domainName":"h","domainPrefix":"h","extendedRequestId":"JCJgriq-vHcEPMg=","httpMethod":"GET","identity":{"accessKey":"AKIA","accountId":"123456789012","caller":"ada","cognitoAmr":null,"cognitoAuthenticationProvider":null,"cognitoAuthenticationType":null,"cognitoIdentityId":null,"cognitoIdentityPoolId":null,"principalOrgId":null,"sourceIp":"192.0.2.7","user":"ada","userAgent":"","userArn":"arn:aws:iam::123456789012:user/ada"},"path":"/x","protocol":"HTTP/1.1","requestId":"JCJgriq-vHcEPMg=","requestTime":"14/Apr/2025:22:16:23 +0000","requestTimeEpoch":1744668983126,"resourceId":"GET /x","resourcePath":"/x","stage":"$default"},"pathParameters":null,"stageVariables":null,"body":null,"isBase64Encoded":false}"#,
            },
        ]
    }
}
