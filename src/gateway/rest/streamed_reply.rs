//! What a proxy function that streams sends ahead of its body: the status and the headers of the answer.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::proxy_reply::merge;
use crate::failure::Failure;
use crate::gateway::json_scanner::Text;
use crate::http1::body_stream::Body;
use crate::http1::message::Response;

/// The answer to the client, without the gateway's own headers. Keys that are not known count for nothing (fact `stream-metadata`).
pub(crate) fn render(metadata: &Bytes, body: Body) -> Result<Response, Failure> {
    let malformed = |why: &str| Failure::MalformedResponse(format!("the stream's metadata: {why}"));
    let metadata: Map<String, Value> = serde_json::from_slice(metadata).map_err(|e| malformed(&e.to_string()))?;
    let get = |name: &str| metadata.get(name).filter(|value| !value.is_null());
    let wrong = |name: &str, expected: &str| malformed(&format!("`{name}`: expected {expected}"));
    let status = match get("statusCode") {
        None => 200,
        Some(value) => status(value).ok_or_else(|| wrong("statusCode", "a number from 100 to 599"))?,
    };
    let single = pairs(get("headers")).ok_or_else(|| wrong("headers", "a map of texts"))?;
    let multi = lists(get("multiValueHeaders")).ok_or_else(|| wrong("multiValueHeaders", "a map of lists of texts"))?;
    let cookies = list(get("cookies")).ok_or_else(|| wrong("cookies", "a list of texts"))?;
    let cookies = cookies.into_iter().map(|cookie| (text("Set-Cookie"), cookie));
    let mut headers = merge(multi.into_iter().chain(cookies).collect(), single)?;
    if !headers.contains("content-type") {
        headers.push("Content-Type", "application/json");
    }
    Ok(Response { status, headers, body })
}

/// A function that does not stream, behind a method that does.
pub(crate) fn missing() -> Failure {
    Failure::MalformedResponse(
        "the method streams, and the answer has no metadata with eight NUL bytes behind it".into(),
    )
}

/// A function that streams, behind a method that does not.
pub(crate) fn unexpected() -> Failure {
    let message = "the function streams its answer (metadata, eight NUL bytes, body), and the method's `responseTransferMode` \
                   is not STREAM";
    Failure::MalformedResponse(message.to_owned())
}

fn text(value: &str) -> Text {
    Text::from(Bytes::copy_from_slice(value.as_bytes()))
}

fn scalar(value: &Value) -> Option<Text> {
    match value {
        Value::String(value) => Some(text(value)),
        Value::Number(_) | Value::Bool(_) => Some(text(&value.to_string())),
        _ => None,
    }
}

fn status(value: &Value) -> Option<u16> {
    let status = match value {
        Value::Number(number) => number.as_f64()?.trunc(),
        Value::String(text) => text.trim().parse::<u16>().ok()?.into(),
        _ => return None,
    };
    (100.0..600.0).contains(&status).then_some(status as u16)
}

/// A header whose value is null is not there.
fn pairs(value: Option<&Value>) -> Option<Vec<(Text, Text)>> {
    let Some(value) = value else { return Some(Vec::new()) };
    let set = value.as_object()?.iter().filter(|(_, value)| !value.is_null());
    set.map(|(name, value)| Some((text(name), scalar(value)?))).collect()
}

fn lists(value: Option<&Value>) -> Option<Vec<(Text, Text)>> {
    let Some(value) = value else { return Some(Vec::new()) };
    let mut found = Vec::new();
    for (name, values) in value.as_object()? {
        let values = list(Some(values).filter(|values| !values.is_null()))?;
        found.extend(values.into_iter().map(|value| (text(name), value)));
    }
    Some(found)
}

fn list(value: Option<&Value>) -> Option<Vec<Text>> {
    let Some(value) = value else { return Some(Vec::new()) };
    value.as_array()?.iter().filter(|value| !value.is_null()).map(scalar).collect()
}
