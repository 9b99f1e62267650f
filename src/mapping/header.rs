//! Which headers API Gateway passes on, hides, renames, drops and refuses: the tables recorded on AWS.
//!
//! Names are compared without regard to case. Each function is one table; nothing else in the crate knows a header by heart.

use crate::api::IntegrationType;
use crate::http1::head::is_of_the_connection;
use crate::http1::message::Header;

/// Whether a request header is removed before anything behind the method request sees it: the event of a proxy
/// integration does not have it, and `$input.params('…')` is empty.
pub(crate) fn is_hidden(name: &[u8]) -> bool {
    match name.len() {
        2 => is(name, "te"),
        6 => is(name, "expect") || is(name, "server"),
        7 => is(name, "trailer") || is(name, "upgrade"),
        10 => is(name, "connection"),
        11 => is(name, "content-md5"),
        12 => is(name, "max-forwards"),
        14 => is(name, "content-length"),
        16 => is(name, "www-authenticate"),
        17 => is(name, "transfer-encoding"),
        18 => is(name, "proxy-authenticate"),
        _ => false,
    }
}

/// Whether an HTTP_PROXY integration passes a client's header to the backend. `Host` is replaced, and the gateway sends
/// its own trace id and API id. What is about the client's connection ends here.
pub(crate) fn passes_to_http_proxy(name: &[u8]) -> bool {
    const OURS: &[&str] = &["content-encoding", "via", "host", "x-amzn-trace-id", "x-amzn-apigateway-api-id"];
    !is_hidden(name) && !is_of_the_connection(name) && !any(name, OURS)
}

/// Whether a header that a mapping or an override sets is sent to an HTTP backend or a service.
pub(crate) fn is_sent_when_mapped(name: &[u8]) -> bool {
    !any(name, &["connection", "expect", "proxy-authenticate", "te", "via"])
}

/// Whether a mapping to `integration.request.header.NAME` makes every call a 500.
pub(crate) fn is_illegal(kind: IntegrationType, name: &str) -> bool {
    let name = name.as_bytes();
    let always = ["content-length", "transfer-encoding", "x-amzn-trace-id", "x-amzn-apigateway-api-id"];
    let for_aws = ["authorization", "connection", "expect", "proxy-authenticate", "te"];
    any(name, &always) || (matches!(kind, IntegrationType::Aws | IntegrationType::AwsProxy) && any(name, &for_aws))
}

/// What becomes of a header on its way to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is sent under its own name.
    Sent,
    /// It is sent as `x-amzn-Remapped-NAME`, the name spelled as it was.
    Renamed,
    /// It is not sent.
    Dropped,
}

impl Fate {
    /// The line as it is sent, if it is.
    pub(crate) fn apply(self, line: Header) -> Option<Header> {
        match self {
            Fate::Sent => Some(line),
            Fate::Renamed => {
                Some(Header { name: [b"x-amzn-Remapped-", &*line.name].concat().into(), value: line.value })
            }
            Fate::Dropped => None,
        }
    }
}

/// The fate of a header that a custom integration's response mapping or override sets.
pub(crate) fn fate_when_mapped(name: &[u8]) -> Fate {
    const RENAMED: &[&str] = &[
        "authorization",
        "connection",
        "content-length",
        "content-md5",
        "date",
        "expect",
        "host",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "trailer",
        "upgrade",
        "user-agent",
        "www-authenticate",
        "x-amzn-requestid",
    ];
    if is(name, "transfer-encoding") {
        Fate::Dropped
    } else if any(name, RENAMED) {
        Fate::Renamed
    } else {
        Fate::Sent
    }
}

/// The fate of a header that the backend of an HTTP_PROXY integration answers with.
pub(crate) fn fate_from_http_proxy(name: &[u8]) -> Fate {
    if any(name, &["transfer-encoding", "via"]) { Fate::Dropped } else { fate_from_backend(name) }
}

/// The fate of a header in a proxy function's answer: the gateway's own trace id and extended request id win.
pub(crate) fn fate_from_function(name: &[u8]) -> Fate {
    if any(name, &["transfer-encoding", "x-amzn-trace-id", "x-amz-apigw-id"]) {
        Fate::Dropped
    } else {
        fate_from_backend(name)
    }
}

fn fate_from_backend(name: &[u8]) -> Fate {
    const RENAMED: &[&str] =
        &["connection", "content-length", "date", "server", "www-authenticate", "x-amzn-requestid"];
    if any(name, RENAMED) { Fate::Renamed } else { Fate::Sent }
}

fn is(name: &[u8], lower: &str) -> bool {
    name.eq_ignore_ascii_case(lower.as_bytes())
}

fn any(name: &[u8], list: &[&str]) -> bool {
    list.iter().any(|entry| is(name, entry))
}
