//! A policy's values: one or a list.

use serde_json::Value;

use super::error::{Fault, PolicyError};

/// A text or a list of texts.
pub(super) fn text_list<'v>(value: &'v Value, place: &str) -> Result<Vec<&'v str>, PolicyError> {
    let text = |value: &'v Value| {
        value.as_str().ok_or_else(|| PolicyError::new(place, Fault::Expected("a text or a list of texts")))
    };
    match value {
        Value::Array(list) => list.iter().map(text).collect(),
        one => Ok(vec![text(one)?]),
    }
}

/// The values of a condition: texts, numbers and truth values, one or a list of them, as texts.
pub(super) fn value_texts(value: &Value, place: &str) -> Result<Vec<String>, PolicyError> {
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(bool) => Ok(bool.to_string()),
        _ => Err(PolicyError::new(place, Fault::Expected("a text, a number, `true` or `false`, or a list of them"))),
    };
    match value {
        Value::Array(list) => list.iter().map(text).collect(),
        one => Ok(vec![text(one)?]),
    }
}
