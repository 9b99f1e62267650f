//! Claims as texts, which is all that an API sees of them: each kind of API has its own way to print them.

use serde_json::Value;

use crate::authorization::calendar;

/// As HTTP APIs print a claim: a list as Go does, `[admin users]`, an object as JSON (facts `jwt-claims`).
pub(super) fn http(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => format!("[{}]", list.iter().map(http).collect::<Vec<_>>().join(" ")),
        other => other.to_string(),
    }
}

/// As REST APIs print a claim: lists with commas, objects as JSON.
pub(super) fn rest(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(rest).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// The same for a user pool's tokens: `exp` and `iat`, and no other moment, as dates (observed).
pub(super) fn cognito(name: &str, value: &Value) -> String {
    match (name, value.as_i64()) {
        ("exp" | "iat", Some(moment)) => calendar::java(moment),
        _ => rest(value),
    }
}
