//! How an HTTP API says a failure: its status, the message for the client, and the sentence for whoever looks.

use crate::exchange::exchange::Exchange;
use crate::failure::Failure;
use crate::http1::message::{Headers, Response};
use crate::metrics::Outcome;

/// The status and the message of a failure: why it failed is not for the client.
pub(crate) fn told(failure: &Failure) -> (u16, &'static str) {
    match failure {
        Failure::BadHead(_) | Failure::BrokenBody => (400, "Bad Request"),
        Failure::SlowBody => (408, "Request Timeout"),
        Failure::NoRoute { .. } | Failure::UnknownStage => (404, "Not Found"),
        Failure::RequestTooLarge | Failure::EventTooLarge => (413, "Request Entity Too Large"),
        Failure::UriTooLong => (414, "Request-URI Too Long"),
        Failure::HeadTooLarge => (431, "Request Header Fields Too Large"),
        Failure::Unauthorized | Failure::TokenExpired => (401, "Unauthorized"),
        Failure::Unsigned { .. } | Failure::Signature(_) | Failure::AccessDenied(_) | Failure::ApiKey => {
            (403, "Forbidden")
        }
        Failure::Throttled | Failure::Quota => (429, "Too Many Requests"),
        Failure::MissingParameters(_)
        | Failure::InvalidBody(_)
        | Failure::ValidationLimit
        | Failure::InvalidJsonInRequestBody => (400, "Bad Request"),
        Failure::UnsupportedMediaType => (415, "Unsupported Media Type"),
        // No recording of a time-out or of a connection that fails is public: what the field believes.
        Failure::Overloaded | Failure::Timeout | Failure::NetworkError(_) => (503, "Service Unavailable"),
        // Documented: what a function does wrong, and that it may not be called, are one answer.
        Failure::Authorizer(_)
        | Failure::AuthorizerFunction(_)
        | Failure::InvocationRejected { .. }
        | Failure::InvalidEvent(_)
        | Failure::NoMatchingResponse { .. }
        | Failure::UndeclaredStatus(_)
        | Failure::RequestTemplate(_)
        | Failure::ResponseTemplate(_)
        | Failure::ContentHandling(_)
        | Failure::IllegalHeader(_)
        | Failure::Configuration(_)
        | Failure::Internal(_)
        | Failure::FunctionError { .. }
        | Failure::MalformedResponse(_) => (500, "Internal Server Error"),
    }
}

/// The answer for a failure, which the exchange knows from now on: `$context.error` shows it.
pub(crate) fn refuse(exchange: &mut Exchange, failure: Failure) -> Response {
    let (status, message) = told(&failure);
    if matches!(failure, Failure::MalformedResponse(_)) && exchange.outcome == Some(Outcome::Success) {
        // A reply that came well and cannot be read was no success.
        exchange.outcome = Some(Outcome::Malformed);
    }
    exchange.error_message = Some(message.into());
    exchange.failure = Some(failure);
    let mut headers = Headers::default();
    headers.push("Content-Type", "application/json");
    Response { status, headers, body: format!(r#"{{"message":"{message}"}}"#).into() }
}

/// Why, for traces and logs.
pub(crate) fn sentence(failure: &Failure) -> String {
    match failure {
        Failure::BadHead(what) => format!("the request is refused: {what}"),
        Failure::BrokenBody => "the request is refused: its body breaks off or is malformed".to_owned(),
        Failure::SlowBody => "the request is refused: its body did not come in time".to_owned(),
        Failure::Signature(fault) => format!("the request is refused: {fault}"),
        Failure::AccessDenied(text) => format!("the request is refused: {text}"),
        Failure::Authorizer(why) => format!("the authorizer cannot decide: {why}"),
        Failure::AuthorizerFunction(message) => format!("the authorizer's function failed: {message}"),
        Failure::NoRoute { .. } => "no route takes the request".to_owned(),
        Failure::UnknownStage => "the path is outside of the stage".to_owned(),
        Failure::EventTooLarge => "the event is larger than Lambda takes".to_owned(),
        Failure::InvocationRejected { status: 403, .. } => "Lambda refused the invocation: no permission".to_owned(),
        Failure::InvocationRejected { status: 429, .. } => "Lambda refused the invocation: too many at once".to_owned(),
        Failure::InvocationRejected { status, .. } => format!("Lambda refused the invocation with status {status}"),
        Failure::InvalidEvent(sentence) => format!("Lambda refused the event: {sentence}"),
        Failure::FunctionError { message } => format!("the function failed: {message}"),
        Failure::MalformedResponse(why) => format!("the function's answer is malformed: {why}"),
        Failure::Configuration(why) | Failure::Internal(why) => format!("the integration cannot be called: {why}"),
        Failure::Timeout => "the integration did not answer in time".to_owned(),
        Failure::NetworkError(detail) => format!("the integration cannot be reached: {detail}"),
        other => format!("the request is refused: {}", told(other).1),
    }
}
