//! The trace of decisions of one request, in the words of API Gateway's execution log; costs nothing when nobody listens.

use std::fmt;

use crate::http1::message::Headers;
use crate::pattern::Outcome;

/// A line of the log is no longer than this (as in API Gateway).
const LONGEST: usize = 1_024;

/// The lines so far, if somebody listens.
#[derive(Debug, Default)]
pub struct Trace(Option<Vec<Line>>);

impl Trace {
    /// A trace that records.
    pub fn on() -> Trace {
        Trace(Some(Vec::new()))
    }
    /// Adds a line; `line` is only called when somebody listens.
    pub fn record(&mut self, line: impl FnOnce() -> Line) {
        if let Some(lines) = &mut self.0 {
            lines.push(line());
        }
    }
    /// Whether somebody listens.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }
    /// The lines so far.
    pub fn lines(&self) -> &[Line] {
        self.0.as_deref().unwrap_or_default()
    }
}

/// A body as a line shows it: cut at 1,024 bytes, and not at all when it is binary.
pub fn body(bytes: &[u8], binary: bool) -> String {
    if binary {
        return "[Binary Data]".to_owned();
    }
    let end = bytes.len().min(LONGEST);
    let mut text = String::from_utf8_lossy(&bytes[..end]).into_owned();
    if end < bytes.len() {
        // A character that was cut in two is left out.
        text.truncate(text.trim_end_matches('\u{fffd}').len());
        text.push_str(" [TRUNCATED]");
    }
    text
}

/// Header lines as a line shows them: several of one name joined, secrets hidden but for their end.
pub fn headers(headers: &Headers) -> Vec<(String, String)> {
    let mut shown: Vec<(String, String)> = Vec::new();
    for line in &headers.0 {
        let value = String::from_utf8_lossy(&line.value);
        let value = if is_secret(line.name()) { masked(&value) } else { body(value.as_bytes(), false) };
        match shown.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(line.name())) {
            Some((_, values)) => {
                values.push(',');
                values.push_str(&value);
            }
            None => shown.push((line.name().to_owned(), value)),
        }
    }
    shown
}

/// A body that carries header lines in it (an event), their secrets hidden.
pub fn event(bytes: &[u8], headers: &Headers) -> String {
    // What is cut away need not be read; all header lines stand before this.
    let mut text = String::from_utf8_lossy(&bytes[..bytes.len().min(65_536)]).into_owned();
    for line in headers.0.iter().filter(|line| is_secret(line.name()) && !line.value.is_empty()) {
        let value = String::from_utf8_lossy(&line.value);
        let quoted = serde_json::Value::from(value.as_ref()).to_string();
        text = text.replace(&quoted, &format!("\"{}\"", masked(&value)));
    }
    body(text.as_bytes(), false)
}

fn is_secret(name: &str) -> bool {
    ["authorization", "proxy-authorization", "x-api-key", "x-amz-security-token", "cookie", "set-cookie"]
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
}

/// `****` and the last characters of a secret that is long enough to keep the rest of it.
pub fn masked(secret: &str) -> String {
    let count = secret.chars().count();
    let end: String = secret.chars().skip(if count >= 16 { count - 6 } else { count }).collect();
    format!("****{end}")
}

/// One decision.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Line {
    /// `Starting execution for request: …`
    Starting { request_id: String },
    /// `Extended Request Id: …`
    ExtendedRequestId { id: String },
    /// `Verifying Usage Plan for request: …`; the key is masked.
    VerifyingUsagePlan { request_id: String, key: String, api: String, stage: String },
    /// `API Key … authorized because method 'GET /echo' does not require API Key. …`
    KeyNotRequired { key: String, method: String },
    /// `Usage Plan check succeeded for API Key …`
    UsagePlanSucceeded { key: String, api: String, stage: String },
    /// `HTTP Method: GET, Resource Path: /pets/123`
    Method { http_method: String, path: String },
    /// `Method request path: {petId=123}`
    RequestPath(Vec<(String, String)>),
    /// `Method request query string: {…}`
    RequestQueryString(Vec<(String, String)>),
    /// `Method request headers: {…}`
    RequestHeaders(Vec<(String, String)>),
    /// `Method request body before transformations: …`
    RequestBody(String),
    /// Which resource and method answer (not in API Gateway's log): `Resource: /pets/{petId}, Method: ANY`.
    Routed { resource: String, method: String },
    /// Which request template was chosen (not in API Gateway's log).
    RequestTemplate { media_type: String },
    /// The body is passed through (not in API Gateway's log).
    Passthrough { behavior: &'static str },
    /// `Endpoint request URI: …`
    EndpointUri(String),
    /// `Endpoint request headers: {…}`
    EndpointRequestHeaders(Vec<(String, String)>),
    /// `Endpoint request body after transformations: …`
    EndpointRequestBody(String),
    /// `Sending request to …`
    Sending(String),
    /// `Received response. Status: 200, Integration latency: 31 ms`
    Received { status: u16, latency_ms: u128 },
    /// `Endpoint response headers: {…}`
    EndpointResponseHeaders(Vec<(String, String)>),
    /// `Endpoint response body before transformations: …`
    EndpointResponseBody(String),
    /// The text that the selection patterns saw (not in API Gateway's log).
    SelectionText(String),
    /// A selection pattern that was tried (not in API Gateway's log).
    PatternTried { pattern: String, status: u16, outcome: Outcome },
    /// Which integration response was chosen (not in API Gateway's log).
    ResponseChosen { pattern: String, status: u16 },
    /// Which response template was chosen (not in API Gateway's log).
    ResponseTemplate { media_type: String },
    /// The backend failed and the client does not see it (not in API Gateway's log).
    Masked { kind: &'static str },
    /// `Method response body after transformations: …`
    ResponseBody(String),
    /// `Method response headers: {…}`
    ResponseHeaders(Vec<(String, String)>),
    /// `Successfully completed execution`
    Completed,
    /// `Lambda execution failed with status 200 due to customer function error: …`
    FunctionError { message: String },
    /// `Lambda invocation failed with status: 429. Lambda request id: …`
    InvocationFailed { status: u16 },
    /// `Execution failed due to …` (the whole sentence), with our cause.
    Failed { cause: &'static str, sentence: String },
    /// `Gateway response type: {TYPE} with status code: {n}`
    GatewayResponse { kind: &'static str, status: u16 },
    /// `Method completed with status: 200`
    MethodCompleted { status: u16 },
}

/// `{k=v, k2=v2}`, as Java prints a map.
struct Pairs<'a>(&'a [(String, String)]);

impl fmt::Display for Pairs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, (name, value)) in self.0.iter().enumerate() {
            write!(f, "{}{name}={value}", if i == 0 { "" } else { ", " })?;
        }
        f.write_str("}")
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Line::Starting { request_id } => write!(f, "Starting execution for request: {request_id}"),
            Line::ExtendedRequestId { id } => write!(f, "Extended Request Id: {id}"),
            Line::VerifyingUsagePlan { request_id, key, api, stage } => {
                write!(f, "Verifying Usage Plan for request: {request_id}. API Key: {key} API Stage: {api}/{stage}")
            }
            Line::KeyNotRequired { key, method } => write!(
                f,
                "API Key {key} authorized because method '{method}' does not require API Key. Request will not \
                 contribute to throttle or quota limits"
            ),
            Line::UsagePlanSucceeded { key, api, stage } => {
                write!(f, "Usage Plan check succeeded for API Key {key} and API Stage {api}/{stage}")
            }
            Line::Method { http_method, path } => write!(f, "HTTP Method: {http_method}, Resource Path: {path}"),
            Line::RequestPath(p) => write!(f, "Method request path: {}", Pairs(p)),
            Line::RequestQueryString(p) => write!(f, "Method request query string: {}", Pairs(p)),
            Line::RequestHeaders(p) => write!(f, "Method request headers: {}", Pairs(p)),
            Line::RequestBody(body) => write!(f, "Method request body before transformations: {body}"),
            Line::Routed { resource, method } => write!(f, "Resource: {resource}, Method: {method}"),
            Line::RequestTemplate { media_type } => write!(f, "Request template: {media_type}"),
            Line::Passthrough { behavior } => write!(f, "Request body passed through: {behavior}"),
            Line::EndpointUri(uri) => write!(f, "Endpoint request URI: {uri}"),
            Line::EndpointRequestHeaders(p) => write!(f, "Endpoint request headers: {}", Pairs(p)),
            Line::EndpointRequestBody(body) => write!(f, "Endpoint request body after transformations: {body}"),
            Line::Sending(uri) => write!(f, "Sending request to {uri}"),
            Line::Received { status, latency_ms } => {
                write!(f, "Received response. Status: {status}, Integration latency: {latency_ms} ms")
            }
            Line::EndpointResponseHeaders(p) => write!(f, "Endpoint response headers: {}", Pairs(p)),
            Line::EndpointResponseBody(body) => write!(f, "Endpoint response body before transformations: {body}"),
            Line::SelectionText(text) => write!(f, "Selection patterns are matched against: {text:?}"),
            Line::PatternTried { pattern, status, outcome } => {
                let outcome = match outcome {
                    Outcome::Match => "match",
                    Outcome::NoMatch => "no match",
                    Outcome::StepLimit => "no match: it took too many steps",
                };
                write!(f, "Selection pattern {pattern:?} of response {status}: {outcome}")
            }
            Line::ResponseChosen { pattern, status } => write!(f, "Integration response: {status} by {pattern}"),
            Line::ResponseTemplate { media_type } => write!(f, "Response template: {media_type}"),
            Line::Masked { kind } => write!(f, "The backend's failure is hidden from the client: {kind}"),
            Line::ResponseBody(body) => write!(f, "Method response body after transformations: {body}"),
            Line::ResponseHeaders(p) => write!(f, "Method response headers: {}", Pairs(p)),
            Line::Completed => f.write_str("Successfully completed execution"),
            Line::FunctionError { message } => {
                write!(f, "Lambda execution failed with status 200 due to customer function error: {message}")
            }
            Line::InvocationFailed { status } => write!(f, "Lambda invocation failed with status: {status}"),
            Line::Failed { cause, sentence } => write!(f, "{sentence} [{cause}]"),
            Line::GatewayResponse { kind, status } => {
                write!(f, "Gateway response type: {kind} with status code: {status}")
            }
            Line::MethodCompleted { status } => write!(f, "Method completed with status: {status}"),
        }
    }
}
