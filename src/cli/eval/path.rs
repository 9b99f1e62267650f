//! What a path finds, or why it finds nothing, as text.

use crate::jsonpath::ReadError;
use crate::value::{Value, json};

/// The kind of an error and what it says.
pub(super) fn told(error: &ReadError) -> (&'static str, &str) {
    match error {
        ReadError::PathNotFound => ("PathNotFound", "the path leads nowhere"),
        ReadError::InvalidPath(message) => ("InvalidPath", message),
        ReadError::Other(message) => ("Other", message),
    }
}

/// The value as JSON; `None` when it nests too deep.
pub(super) fn json_text(value: &Value) -> Option<String> {
    let mut out = String::new();
    json::print(value, &mut out).then_some(out)
}
