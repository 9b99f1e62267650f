//! What the Runtime API answers, to runtimes and extensions alike.

use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::json;

/// It was taken.
pub(crate) fn accepted() -> Response<Full<Bytes>> {
    answer(StatusCode::ACCEPTED, "{\"status\":\"OK\"}\n".into())
}

/// An error in the Runtime API's shape.
pub(crate) fn refused(status: StatusCode, kind: &str, message: &str) -> Response<Full<Bytes>> {
    answer(status, json!({"errorMessage": message, "errorType": kind}).to_string())
}

/// `limits.memory` is used up: who asks may try again.
pub(crate) fn no_memory() -> Response<Full<Bytes>> {
    refused(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", "no memory is left")
}

/// JSON.
pub(crate) fn answer(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

/// Milliseconds since 1970, as deadlines are told.
pub(crate) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
