//! The trace of decisions of one request, in the words of API Gateway's execution log; costs nothing when nobody listens.

use std::fmt;

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

/// One decision.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Line {
    /// `Starting execution for request: …`
    Starting { request_id: String },
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
    PatternTried { pattern: String, status: u16, matched: bool },
    /// Which integration response was chosen (not in API Gateway's log).
    ResponseChosen { pattern: String, status: u16 },
    /// Which response template was chosen (not in API Gateway's log).
    ResponseTemplate { media_type: String },
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
            Line::PatternTried { pattern, status, matched } => {
                write!(
                    f,
                    "Selection pattern {pattern:?} of response {status}: {}",
                    if *matched { "match" } else { "no match" }
                )
            }
            Line::ResponseChosen { pattern, status } => write!(f, "Integration response: {status} by {pattern}"),
            Line::ResponseTemplate { media_type } => write!(f, "Response template: {media_type}"),
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
