//! How a REST API says a failure: the message for the client, and the sentence of the execution log.

use std::borrow::Cow;

use crate::failure::Failure;

/// `$context.error.message`; `None` is null (an authorizer that fails, and a client that has made no request).
pub(crate) fn message(failure: &Failure) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(match failure {
        Failure::BadHead(_) | Failure::BrokenBody | Failure::SlowBody | Failure::AuthorizerFunction(_) => return None,
        Failure::NoRoute { signature: Some(text) } | Failure::Unsigned { signature: Some(text) } => {
            return Some(Cow::Owned(text.clone()));
        }
        Failure::MissingParameters(names) => {
            return Some(Cow::Owned(format!("Missing required request parameters: [{}]", names.join(", "))));
        }
        Failure::NoRoute { signature: None } | Failure::Unsigned { signature: None } => "Missing Authentication Token",
        Failure::Overloaded => "Service Unavailable",
        Failure::UnknownStage | Failure::ApiKey => "Forbidden",
        Failure::RequestTooLarge => "HTTP content length exceeded 10485760 bytes.",
        Failure::EventTooLarge => "Request Too Long",
        Failure::UriTooLong => "Request URI too long",
        Failure::HeadTooLarge => "Request Header Fields Too Large",
        Failure::InvalidBody(_) | Failure::ValidationLimit => "Invalid request body",
        Failure::InvalidJsonInRequestBody => "Invalid JSON in request body",
        Failure::UnsupportedMediaType => "Unsupported Media Type",
        Failure::Throttled => "Too Many Requests",
        Failure::Quota => "Limit Exceeded",
        Failure::Unauthorized => "Unauthorized",
        Failure::TokenExpired => "The incoming token has expired",
        Failure::InvalidEvent(sentence) => return Some(Cow::Owned(sentence.clone())),
        Failure::Signature(fault) => return Some(Cow::Owned(fault.message())),
        Failure::AccessDenied(text) => return Some(Cow::Owned(text.clone())),
        Failure::Timeout => "Endpoint request timed out",
        Failure::NetworkError(_) => "Network error communicating with endpoint",
        Failure::InvocationRejected { .. }
        | Failure::NoMatchingResponse { .. }
        | Failure::UndeclaredStatus(_)
        | Failure::RequestTemplate(_)
        | Failure::ResponseTemplate(_)
        | Failure::ContentHandling(_)
        | Failure::IllegalHeader(_)
        | Failure::Authorizer(_)
        | Failure::Configuration(_)
        | Failure::Internal(_)
        | Failure::FunctionError { .. }
        | Failure::MalformedResponse(_) => "Internal server error",
    }))
}

/// What API Gateway's execution log says of a failure, with what we know more.
pub(crate) fn sentence(failure: &Failure) -> String {
    match failure {
        Failure::BadHead(what) => format!("Request refused: {what}"),
        Failure::BrokenBody => "Request refused: its body breaks off or is malformed".to_owned(),
        Failure::SlowBody => "Request refused: its body did not come in time".to_owned(),
        // Without the request's headers, one of which may be a session token.
        Failure::Signature(fault) => format!("Request refused: {fault}"),
        Failure::Authorizer(why) => configuration(why),
        Failure::AuthorizerFunction(message) => {
            format!("Authorizer execution failed due to customer function error: {message}")
        }
        Failure::Overloaded
        | Failure::NoRoute { .. }
        | Failure::UnknownStage
        | Failure::RequestTooLarge
        | Failure::EventTooLarge
        | Failure::UriTooLong
        | Failure::HeadTooLarge
        | Failure::MissingParameters(_)
        | Failure::InvalidJsonInRequestBody
        | Failure::UnsupportedMediaType
        | Failure::ApiKey
        | Failure::Throttled
        | Failure::Quota
        | Failure::Unauthorized
        | Failure::TokenExpired
        | Failure::Unsigned { .. }
        | Failure::AccessDenied(_) => format!("Request refused: {}", message(failure).unwrap_or_default()),
        Failure::ValidationLimit => {
            "Request refused: checking its body against its model takes too many steps, or too long".to_owned()
        }
        Failure::InvalidBody(messages) => format!("Request body does not match model schema: {messages}"),
        Failure::InvocationRejected { status: 403, .. } => configuration("Invalid permissions on Lambda function"),
        Failure::InvocationRejected { status: 429, .. } => configuration("Rate Exceeded."),
        Failure::InvocationRejected { status, .. } => format!("Lambda invocation failed with status: {status}"),
        Failure::InvalidEvent(sentence) => format!("Execution failed: {sentence}"),
        Failure::NoMatchingResponse { status } => configuration(&format!(
            "No match for output mapping and no default output mapping configured. Endpoint Response Status Code: {status}"
        )),
        Failure::UndeclaredStatus(status) => {
            configuration(&format!("Output mapping refers to an invalid method response: {status}"))
        }
        Failure::RequestTemplate(error) => configuration(&format!("Unable to transform request: {error}")),
        Failure::ResponseTemplate(error) => configuration(&format!("Unable to transform response: {error}")),
        Failure::ContentHandling(text) => configuration(text),
        Failure::IllegalHeader(name) => configuration(&format!("{name} header already present")),
        Failure::Configuration(text) => configuration(text),
        Failure::Internal(text) => format!("Execution failed due to an internal error: {text}"),
        Failure::FunctionError { message } => {
            format!("Lambda execution failed with status 200 due to customer function error: {message}")
        }
        Failure::MalformedResponse(reason) => configuration(&format!("Malformed Lambda proxy response: {reason}")),
        Failure::Timeout => "Execution failed due to a timeout error".to_owned(),
        Failure::NetworkError(detail) => {
            format!("Execution failed due to a network error communicating with endpoint: {detail}")
        }
    }
}

fn configuration(text: &str) -> String {
    format!("Execution failed due to configuration error: {text}")
}
