//! The elements of a list in a filter: json-path makes operands of them as if each were written there itself.
//!
//! So a text in a list is read once more: what looks like a path or like JSON is no longer a text.

use std::sync::Arc;

use super::fault::{Fault, other};
use super::literal::{JsonLiteral, Scalar, Shape};
use super::parser;
use super::unescape::unescape;
use crate::value::{List, Text, Value, json};

/// The elements of a list as operands.
pub(super) fn scalars(list: &List) -> Result<Vec<Scalar>, Fault> {
    list.items().borrow().iter().map(element).collect()
}

/// JSON that stands in a filter.
pub(super) fn literal(text: &str) -> JsonLiteral {
    let shape = match json::parse(text) {
        Ok(Value::List(list)) => Shape::List(scalars(&list).ok()),
        Ok(_) => Shape::Map,
        Err(_) => Shape::Invalid,
    };
    JsonLiteral { text: Arc::from(text), shape }
}

/// An element of a list. Strings are read as if they were written in a filter.
fn element(value: &Value) -> Result<Scalar, Fault> {
    match value {
        Value::Null => Ok(Scalar::Null),
        Value::Bool(v) => Ok(Scalar::Bool(*v)),
        Value::Str(text) => read_text(text),
        Value::Char(unit) => Ok(Scalar::Str(Arc::from(String::from_utf16_lossy(&[*unit])))),
        Value::List(_) | Value::Map(_) | Value::Object(_) => other("JsonPathException: Could not determine value type"),
        _ => Scalar::of_number(value),
    }
}

fn read_text(text: &Text) -> Result<Scalar, Fault> {
    let trimmed = text.trim_matches(|c| c <= ' ');
    if trimmed.starts_with(['@', '$']) && parser::parse(text, 0).is_ok() {
        return Ok(Scalar::Path);
    }
    let bracketed = |open, close| trimmed.len() > 1 && trimmed.starts_with(open) && trimmed.ends_with(close);
    if (bracketed('[', ']') || bracketed('{', '}')) && json::parse(text).is_ok() {
        return Ok(Scalar::JsonText(text.to_shared()));
    }
    if text.chars().nth(1).is_none() {
        return Ok(Scalar::Str(text.to_shared()));
    }
    let quoted = |quote| text.strip_prefix(quote).and_then(|rest: &str| rest.strip_suffix(quote));
    match unescape(quoted('\'').or_else(|| quoted('"')).unwrap_or(text)) {
        Ok(text) => Ok(Scalar::Str(Arc::from(text))),
        Err(e) => other(format!("JsonPathException: {}", e.detail())),
    }
}
