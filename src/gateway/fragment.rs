//! What is wrong in a function's answer, in words, with the fragment where it is.

use serde_json::Value;

/// A fragment is cut behind so many characters.
const LONGEST: usize = 80;
/// A longer answer is not read again.
pub(crate) const READ: usize = 64 << 10;

/// Where a text is no JSON. `expected` is what it should have been.
pub(crate) fn not_json(payload: &[u8], error: &serde_json::Error, expected: &str) -> String {
    if payload.is_empty() {
        return format!("The function's answer is empty, expected {expected}");
    }
    let text = String::from_utf8_lossy(payload);
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    // The fault and a little before it.
    let start = line.floor_char_boundary(error.column().saturating_sub(24));
    let place = format!("line {}, column {}", error.line(), error.column());
    format!("The function's answer cannot be read as JSON at {place}: {}", cut(&line[start..]))
}

/// That an answer as a whole is something else.
pub(crate) fn no_object(value: &Value, expected: &str) -> String {
    format!("The function's answer is {}, expected {expected}: {}", kind(value), fragment(value))
}

/// That a member is of another kind than expected.
pub(crate) fn told(place: &str, value: &Value, expected: &str) -> String {
    format!("`{place}` is {}, {expected}: {}", kind(value), fragment(value))
}

/// What is wrong with a name and a text as a header line.
pub(crate) fn header_line(place: &str, name: &str, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if !crate::http1::head::is_token(name.as_bytes()) {
        found.push(format!("`{place}` is no name of a header"));
    }
    found.extend(control_character(place, value));
    found
}

/// That a text has what no header may have.
pub(crate) fn control_character(place: &str, value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let has = text.chars().any(|c| (c < ' ' && c != '\t') || c == '\x7f');
    has.then(|| format!("`{place}` has a control character: {}", fragment(value)))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn fragment(value: &Value) -> String {
    cut(&value.to_string())
}

/// A text, cut where it is long.
pub(crate) fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
