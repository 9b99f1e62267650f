//! A body that mappings look into: its text, and the JSON in it once somebody asks.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::json_text::lossy;
use crate::value::{Map, Value, json};

/// A body; an empty one is `{}` (recorded on AWS).
pub(crate) struct BodyDocument<'a> {
    bytes: &'a [u8],
    text: OnceCell<Cow<'a, str>>,
    value: OnceCell<Option<Value>>,
}

impl<'a> BodyDocument<'a> {
    /// The body; bytes that are not UTF-8 are replaced.
    pub(crate) fn new(body: &'a [u8]) -> BodyDocument<'a> {
        let bytes = if body.is_empty() { b"{}" } else { body };
        BodyDocument { bytes, text: OnceCell::new(), value: OnceCell::new() }
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        self.text.get_or_init(|| lossy(self.bytes))
    }

    /// The JSON, read as leniently as json-smart does; `None` when it is none.
    pub(crate) fn value(&self) -> Option<&Value> {
        self.value.get_or_init(|| json::parse(self.text()).ok()).as_ref()
    }

    /// A function's error whose `errorMessage` is a JSON object in a string, with that object in its place.
    pub(crate) fn with_error_opened(&self) -> Option<Value> {
        let Value::Map(error) = self.value()? else { return None };
        let Value::Str(message) = error.get("errorMessage")? else { return None };
        let message = json::parse(&message).ok().filter(|message| matches!(message, Value::Map(_)))?;
        let opened = Map::new(error.kind(), error.entries().borrow().clone());
        opened.put("errorMessage", message);
        Some(Value::Map(opened))
    }
}

/// A JSON value as a parameter: text without quotes, anything else as JSON; nothing for null.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Str(text) => Some(text.to_string()),
        value => {
            let mut out = String::new();
            json::print(value, &mut out).then_some(out)
        }
    }
}
