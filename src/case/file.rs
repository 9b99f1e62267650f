//! A case as written. Every key is known; a misspelt one is an error.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// One case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// Why it is so, for the reader.
    #[serde(default)]
    #[allow(dead_code)]
    note: Option<String>,
    /// What the client sends.
    pub request: Request,
    /// What the backend answers.
    #[serde(default)]
    pub backend: Option<Backend>,
    /// What the backend must be sent; `none`: it must not be called.
    #[serde(default)]
    pub call: Option<Call>,
    /// What the client must get.
    pub response: Response,
    /// Lines that the trace must have.
    #[serde(default)]
    pub trace: Vec<String>,
}

/// A client's request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    #[serde(default = "get")]
    pub method: String,
    /// Path and query string.
    pub path: String,
    /// Values by name: a text, or a list for several lines.
    #[serde(default)]
    pub headers: Map<String, Value>,
    #[serde(default)]
    pub body: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub json: Option<Value>,
    #[serde(default)]
    pub base64: Option<String>,
    #[serde(default)]
    pub source_ip: Option<std::net::IpAddr>,
    #[serde(default)]
    pub http2: bool,
}

/// A backend's answer; at most one of `timeout`, `rejected` and `network_error`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backend {
    #[serde(default)]
    pub status: Option<u16>,
    #[serde(default)]
    pub headers: Map<String, Value>,
    #[serde(default)]
    pub body: Option<String>,
    /// The payload of a function, or a JSON body.
    #[serde(default, deserialize_with = "present")]
    pub json: Option<Value>,
    #[serde(default)]
    pub base64: Option<String>,
    /// Whether the function failed.
    #[serde(default)]
    pub function_error: bool,
    /// No answer in time.
    #[serde(default)]
    pub timeout: bool,
    /// Lambda refused the invocation with this status.
    #[serde(default)]
    pub rejected: Option<u16>,
    /// The connection failed.
    #[serde(default)]
    pub network_error: Option<String>,
}

/// What the backend must be sent. What is not named is not compared.
#[derive(Debug)]
pub enum Call {
    /// Nothing: it must not be called.
    None,
    /// This.
    Some(Box<Sent>),
}

/// A call that is expected.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    #[serde(default)]
    pub function: Option<String>,
    #[serde(default)]
    pub qualifier: Option<String>,
    /// `RequestResponse`, `Event`, `DryRun`
    #[serde(default)]
    pub invocation: Option<String>,
    #[serde(default)]
    pub method: Option<String>,
    #[serde(default)]
    pub uri: Option<String>,
    #[serde(default)]
    pub headers: Map<String, Value>,
    #[serde(default)]
    pub body: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub json: Option<Value>,
    #[serde(default)]
    pub base64: Option<String>,
    /// Members that the JSON body must have; of objects in it, too, only those named are compared.
    #[serde(default)]
    pub event: Option<Value>,
}

/// What the client must get. What is not named is not compared.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    #[serde(default)]
    pub status: Option<u16>,
    /// A text, a list for several lines, `null` for a header that must not be there, `{ matches: REGEX }`.
    #[serde(default)]
    pub headers: Map<String, Value>,
    #[serde(default)]
    pub body: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub json: Option<Value>,
    #[serde(default)]
    pub base64: Option<String>,
    /// Why the gateway itself answered; `none`: it did not.
    #[serde(default)]
    pub cause: Option<String>,
    /// The backend's failure that the client does not see; `none`: there is none.
    #[serde(default)]
    pub masked: Option<String>,
}

fn get() -> String {
    "GET".into()
}

/// `json: null` is the JSON null, not nothing.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl<'de> Deserialize<'de> for Call {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Call, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value == "none" {
            return Ok(Call::None);
        }
        serde_json::from_value(value).map(|sent| Call::Some(Box::new(sent))).map_err(serde::de::Error::custom)
    }
}

/// The body that is written in one of three ways: as text, as JSON (compact), in base64.
pub fn body(text: Option<&str>, json: Option<&Value>, base64: Option<&str>) -> Result<Option<Bytes>, String> {
    Ok(Some(match (text, json, base64) {
        (None, None, None) => return Ok(None),
        (Some(text), None, None) => text.to_owned().into(),
        (None, Some(json), None) => json.to_string().into(),
        (None, None, Some(base64)) => STANDARD.decode(base64).map_err(|e| format!("`base64`: {e}"))?.into(),
        _ => return Err("expected one of `body`, `json`, `base64`".into()),
    }))
}

/// The lines of a map of headers: a text is one line, a list several.
pub fn lines(headers: &Map<String, Value>) -> Result<Vec<(String, String)>, String> {
    let mut lines = Vec::new();
    for (name, value) in headers {
        for value in values(value).ok_or_else(|| format!("header `{name}`: expected a text or a list of texts"))? {
            lines.push((name.clone(), value));
        }
    }
    Ok(lines)
}

/// A text, a number or a list of them, as texts.
pub fn values(value: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    };
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        value => Some(vec![text(value)?]),
    }
}
