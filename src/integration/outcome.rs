//! Whether a function failed, and with what: decided here once, for every kind of backend.

use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::payload::Payload;
use super::pool::PoolError;
use crate::exchange::call::IntegrationReply;
use crate::failure::Failure;
use crate::http1::client::UpstreamResponse;
use crate::http1::message::Headers;

/// Bytes of a function's answer: Lambda's 6 MB and a bit.
pub(crate) const LONGEST: usize = 6_291_556;

/// The Invoke API tells a function's error by a header, and its own refusals by the status.
pub(crate) fn of_invoke_api(answer: UpstreamResponse) -> Result<IntegrationReply, Failure> {
    let UpstreamResponse { status, headers, body, ahead, at } = answer;
    match status {
        200..=299 => {
            let function_error = has_error_header(&headers);
            Ok(IntegrationReply { function_error, ahead, at: Some(at), ..whole(status, headers, body) })
        }
        status => Err(refused_by_lambda(status, &headers, &body)),
    }
}

/// A refusal with Lambda's own words: its error type, and of an event that is not JSON its sentence.
fn refused_by_lambda(status: u16, headers: &Headers, body: &[u8]) -> Failure {
    // `InvalidRequestContentException:http://internal.amazon.com/…`: the type stands before the colon.
    let error_type = headers.last("x-amzn-errortype").and_then(|kind| kind.split(':').next());
    if status == 400
        && error_type.is_none_or(|kind| kind.starts_with("InvalidRequestContent"))
        && let Ok(Refusal { message: Some(message) }) = serde_json::from_slice(body)
    {
        return Failure::InvalidEvent(message);
    }
    match refused(status) {
        Failure::InvocationRejected { status, .. } => {
            Failure::InvocationRejected { status, error_type: error_type.map(str::to_owned) }
        }
        failure => failure,
    }
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(alias = "Message")]
    message: Option<String>,
}

/// Whatever an HTTP backend answers is its answer.
pub(crate) fn of_endpoint(answer: UpstreamResponse) -> IntegrationReply {
    let UpstreamResponse { status, headers, body, .. } = answer;
    whole(status, headers, body)
}

/// The emulator has no such header: a runtime's error is known by its shape, a time-out by its sentence, a crash by 502.
pub(crate) fn of_emulator(answer: UpstreamResponse) -> Result<IntegrationReply, Failure> {
    let UpstreamResponse { status, headers, body, .. } = answer;
    match status {
        200..=299 if is_timeout(&body) => {
            let sentence = String::from_utf8_lossy(body.trim_ascii());
            Ok(function_error(headers, error(&sentence, None)))
        }
        200..=299 => Ok(by_shape(headers, body)),
        502 if Payload::read_error(&body).is_error() => Ok(function_error(headers, body)),
        502 => {
            let said = String::from_utf8_lossy(body.trim_ascii());
            let message = if said.is_empty() { "the function crashed" } else { &said };
            Ok(function_error(headers, error(message, None)))
        }
        status => Err(refused(status)),
    }
}

/// A function behind plain HTTP fails by its status too: nothing stands between it and us that could refuse a call.
pub(crate) fn of_http(answer: UpstreamResponse) -> IntegrationReply {
    let UpstreamResponse { status, headers, body, .. } = answer;
    match status {
        200..=299 => by_shape(headers, body),
        _ if Payload::read_error(&body).is_error() => function_error(headers, body),
        status => function_error(headers, error(&format!("the backend answered with status {status}"), None)),
    }
}

/// An answer over the limit is the function's error, as Lambda has it; all else is the network's.
pub(crate) fn of_no_answer(e: PoolError) -> Result<IntegrationReply, Failure> {
    match e {
        PoolError::TooLarge(_) => Ok(function_error(Headers::default(), too_large())),
        other => Err(other.into()),
    }
}

/// An error as Lambda reports one.
pub(crate) fn error(message: &str, kind: Option<&str>) -> Bytes {
    let object = match kind {
        Some(kind) => json!({"errorMessage": message, "errorType": kind}),
        None => json!({"errorMessage": message}),
    };
    object.to_string().into()
}

/// What Lambda says of a function whose own time is up.
pub(crate) fn timed_out(own: Duration) -> IntegrationReply {
    function_error(Headers::default(), error(&time_out_sentence(own), Some("Sandbox.Timedout")))
}

/// As Lambda words it.
pub(crate) fn time_out_sentence(own: Duration) -> String {
    format!("Task timed out after {:.2} seconds", own.as_secs_f64())
}

/// What Lambda makes of an answer over its limit.
pub(crate) fn too_large() -> Bytes {
    error(
        &format!("Response payload size exceeded maximum allowed payload size ({LONGEST} bytes)."),
        Some("Function.ResponseSizeTooLarge"),
    )
}

fn refused(status: u16) -> Failure {
    match status {
        413 => Failure::EventTooLarge,
        status => Failure::rejected(status),
    }
}

fn by_shape(headers: Headers, body: Bytes) -> IntegrationReply {
    let function_error = has_error_header(&headers) || Payload::read_error(&body).is_error_of_a_runtime();
    IntegrationReply { function_error, ..whole(200, headers, body) }
}

fn whole(status: u16, headers: Headers, body: Bytes) -> IntegrationReply {
    IntegrationReply { status, headers, body: body.into(), ..IntegrationReply::default() }
}

/// Whether the Invoke API tells an error.
pub(crate) fn has_error_header(headers: &Headers) -> bool {
    headers.contains("X-Amz-Function-Error")
}

/// A function's error with that payload.
pub(crate) fn function_error(headers: Headers, body: Bytes) -> IntegrationReply {
    IntegrationReply { function_error: true, ..whole(200, headers, body) }
}

/// Whether the emulator's time-out sentence is all there is: `Task timed out after 3.00 seconds`.
fn is_timeout(payload: &[u8]) -> bool {
    let seconds = payload.trim_ascii().strip_prefix(b"Task timed out after ");
    let Some(seconds) = seconds.and_then(|rest| rest.strip_suffix(b" seconds")) else { return false };
    let digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    matches!(seconds, [whole @ .., b'.', a, b] if digits(whole) && digits(&[*a, *b]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http1::clock;
    use crate::json_text::ReadAhead;

    /// Status and body of an answer, and what becomes of it: the payload and whether it is an error, or the failure.
    type Row = (u16, &'static str, Result<(&'static str, bool), Failure>);

    const ERROR: &str = r#"{"errorMessage":"x","errorType":"E","requestId":"","stackTrace":[]}"#;
    const GOOD: &str = r#"{"statusCode":200}"#;

    fn answer(status: u16, headers: Headers, body: &Bytes) -> UpstreamResponse {
        UpstreamResponse { status, headers, body: body.clone(), ahead: ReadAhead::default(), at: clock::now() }
    }

    fn check(decide: impl Fn(UpstreamResponse) -> Result<IntegrationReply, Failure>, rows: &[Row]) {
        for (status, body, expected) in rows {
            let body = Bytes::from_static(body.as_bytes());
            let decided = decide(answer(*status, Headers::default(), &body));
            let said =
                decided.map(|reply| (String::from_utf8_lossy(reply.body.whole()).into_owned(), reply.function_error));
            assert_eq!(format!("{said:?}"), format!("{expected:?}"), "{status} {}", body.escape_ascii());
        }
    }

    #[test]
    fn answers_of_the_invoke_api() {
        check(
            of_invoke_api,
            &[
                (200, GOOD, Ok((GOOD, false))),
                (200, ERROR, Ok((ERROR, false))),
                (413, "", Err(Failure::EventTooLarge)),
                (429, "", Err(Failure::rejected(429))),
            ],
        );
    }

    #[test]
    fn refusals_of_the_invoke_api() {
        const SENTENCE: &str = r#"{"Type":"User","message":"Could not parse request body into json: x"}"#;
        let invalid = || Failure::InvalidEvent("Could not parse request body into json: x".to_owned());
        let typed = |status, kind: &str| Failure::InvocationRejected { status, error_type: Some(kind.to_owned()) };
        let not_found = "ResourceNotFoundException:http://internal.amazon.com/coral/com.amazonaws.lambda/";
        let rows = [
            (400, "", SENTENCE, invalid()),
            (400, "InvalidRequestContentException", SENTENCE, invalid()),
            (400, "InvalidRequestContentException", "", typed(400, "InvalidRequestContentException")),
            (400, "InvalidParameterValueException", SENTENCE, typed(400, "InvalidParameterValueException")),
            (404, not_found, SENTENCE, typed(404, "ResourceNotFoundException")),
            (413, "RequestTooLargeException", SENTENCE, Failure::EventTooLarge),
            (503, "", "", Failure::rejected(503)),
        ];
        for (status, kind, body, expected) in rows {
            let mut headers = Headers::default();
            if !kind.is_empty() {
                headers.push("x-amzn-ErrorType", kind.to_owned());
            }
            let answer = answer(status, headers, &Bytes::from_static(body.as_bytes()));
            assert_eq!(of_invoke_api(answer).map(|reply| reply.status), Err(expected), "{status} {kind}");
        }
    }

    #[test]
    fn answers_of_the_emulator() {
        let timeout = "Task timed out after 3.00 seconds";
        check(
            of_emulator,
            &[
                (200, GOOD, Ok((GOOD, false))),
                (200, ERROR, Ok((ERROR, true))),
                (200, r#"{"errorMessage":"x"}"#, Ok((r#"{"errorMessage":"x"}"#, false))),
                (200, timeout, Ok((r#"{"errorMessage":"Task timed out after 3.00 seconds"}"#, true))),
                (200, "Task timed out after 3 seconds", Ok(("Task timed out after 3 seconds", false))),
                (200, "Task timed out after .00 seconds", Ok(("Task timed out after .00 seconds", false))),
                (200, "\"Task timed out after 3.00 seconds\"", Ok(("\"Task timed out after 3.00 seconds\"", false))),
                (502, ERROR, Ok((ERROR, true))),
                (502, "", Ok((r#"{"errorMessage":"the function crashed"}"#, true))),
                (502, " oom ", Ok((r#"{"errorMessage":"oom"}"#, true))),
                (400, "", Err(Failure::rejected(400))),
                (500, "", Err(Failure::rejected(500))),
                (413, "", Err(Failure::EventTooLarge)),
            ],
        );
    }

    #[test]
    fn answers_of_a_function_behind_plain_http() {
        let status = r#"{"errorMessage":"the backend answered with status 404"}"#;
        check(
            |answer| Ok(of_http(answer)),
            &[
                (204, "", Ok(("", false))),
                (200, ERROR, Ok((ERROR, true))),
                (404, "nothing here", Ok((status, true))),
                (500, r#"{"errorMessage":"x"}"#, Ok((r#"{"errorMessage":"x"}"#, true))),
            ],
        );
    }
}
