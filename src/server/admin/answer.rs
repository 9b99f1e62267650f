//! An answer of the admin port.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use serde_json::Value;

pub(super) const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

/// An answer: whole, or events as they come.
pub(super) type AdminResponse = Response<BoxBody<Bytes, Infallible>>;

pub(super) fn text(status: StatusCode, body: &'static str) -> AdminResponse {
    respond(status, TEXT, body)
}

pub(super) fn json(value: &Value) -> AdminResponse {
    json_of(StatusCode::OK, value)
}

pub(super) fn json_of(status: StatusCode, value: &Value) -> AdminResponse {
    respond(status, JSON, value.to_string())
}

pub(super) fn respond(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> AdminResponse {
    let mut answer = Response::new(Full::new(body.into()).boxed());
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
