//! An answer of the admin port.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use serde_json::Value;

pub(super) const TEXT: &str = "text/plain; charset=utf-8";
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
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
    let mut answer = respond_with(content_type, Full::new(body.into()).boxed());
    *answer.status_mut() = status;
    answer
}

/// What every answer says to browsers: take it for what it is called, keep it nowhere, show it to no page of another origin.
pub(super) fn respond_with(content_type: &'static str, body: BoxBody<Bytes, Infallible>) -> AdminResponse {
    let mut answer = Response::new(body);
    let lines = [
        (CONTENT_TYPE, content_type),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
    ];
    answer.headers_mut().extend(lines.map(|(name, value)| (name, HeaderValue::from_static(value))));
    answer
}
