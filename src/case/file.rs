//! A case as written. Every key is known; a misspelt one is an error.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::config::duration;

/// One case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What it shows.
    pub name: String,
    /// Why it is so, for the reader.
    #[serde(default)]
    #[allow(dead_code)]
    note: Option<String>,
    /// What the client sends.
    pub request: Request,
    /// What the authorizer's function answers.
    #[serde(default)]
    pub authorizer: Option<Authorizer>,
    /// What the backend answers.
    #[serde(default)]
    pub backend: Option<Backend>,
    /// What the backend must be sent; `none`: it must not be called.
    #[serde(default)]
    pub call: Option<Call>,
    /// What the client must get.
    #[serde(default)]
    pub response: Option<Response>,
    /// Lines that the trace must have, in this order.
    #[serde(default)]
    pub trace: Vec<String>,
}

/// A client's request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    #[serde(default = "get")]
    pub method: String,
    /// Path and query string.
    pub path: String,
    #[serde(default)]
    pub headers: Lines,
    #[serde(default)]
    pub body: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub json: Option<Value>,
    #[serde(default)]
    pub base64: Option<String>,
    /// When it came in, as `$context.requestTimeEpoch` says it: milliseconds since 1970.
    #[serde(default)]
    pub time_epoch: Option<u64>,
    #[serde(default)]
    pub source_ip: Option<std::net::IpAddr>,
    #[serde(default)]
    pub http2: bool,
}

/// What the authorizer's function answers, in one of these ways, and what it must be sent.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Authorizer {
    /// A policy for every method.
    #[serde(default)]
    pub result: Option<AuthorizerResult>,
    /// The function's error: its `errorMessage`.
    #[serde(default)]
    pub error: Option<String>,
    /// Its whole answer.
    #[serde(default, deserialize_with = "present")]
    pub payload: Option<Value>,
    /// The same as text.
    #[serde(default)]
    pub body: Option<String>,
    /// No answer in time.
    #[serde(default)]
    pub timeout: bool,
    /// Lambda refused the invocation with this status.
    #[serde(default)]
    pub rejected: Option<u16>,
    /// Lambda's own request id, which the access log has.
    #[serde(default, rename = "requestId")]
    pub request_id: Option<String>,
    /// With `result`: the caller's name.
    #[serde(default = "user", rename = "principalId")]
    pub principal_id: String,
    /// With `result`: the answer's `context`.
    #[serde(default)]
    pub context: Map<String, Value>,
    /// What the function must be sent; `none`: it must not be called.
    #[serde(default)]
    pub call: Option<Call>,
}

/// What the policy of an authorizer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuthorizerResult {
    Allow,
    Deny,
}

fn user() -> String {
    "user".to_owned()
}

/// A backend's answer; at most one of `timeout`, `rejected` and `network_error`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Backend {
    #[serde(default)]
    pub status: Option<u16>,
    #[serde(default)]
    pub headers: Lines,
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
    /// An answer that comes piece by piece: of a function its metadata, too.
    #[serde(default)]
    pub chunks: Option<Vec<Chunk>>,
}

/// What a backend that streams does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Chunk {
    /// It sends something: a text, `base64: …`, or `metadata: {…}` (JSON with eight NUL bytes behind it).
    Data(Bytes),
    /// It sends nothing for so long: `pause: 1s`.
    Pause(Duration),
    /// The function fails: `error: message`.
    Error(String),
    /// The connection breaks: `broken: why`.
    Broken(String),
}

impl<'de> Deserialize<'de> for Chunk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Chunk, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let wrong = || {
            serde::de::Error::custom(
                "`chunks`: expected a text, `base64`, `metadata`, `pause` (such as `1s`), `error` or `broken`",
            )
        };
        if let Value::String(text) = value {
            return Ok(Chunk::Data(text.into()));
        }
        let members: Vec<(&String, &Value)> = value.as_object().into_iter().flatten().collect();
        let [(name, value)] = members[..] else { return Err(wrong()) };
        let text = || value.as_str().ok_or_else(wrong);
        match name.as_str() {
            "base64" => STANDARD.decode(text()?).map(|data| Chunk::Data(data.into())).map_err(|_| wrong()),
            "metadata" => Ok(Chunk::Data([value.to_string().as_bytes(), &[0; 8]].concat().into())),
            "pause" => duration(text()?).map(Chunk::Pause).ok_or_else(wrong),
            "error" => Ok(Chunk::Error(text()?.to_owned())),
            "broken" => Ok(Chunk::Broken(text()?.to_owned())),
            _ => Err(wrong()),
        }
    }
}

/// What the backend must be sent. What is not named is not compared.
#[derive(Debug)]
pub(crate) enum Call {
    /// Nothing: it must not be called.
    None,
    /// This.
    Some(Box<Sent>),
}

/// A call that is expected.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sent {
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
    pub headers: Lines,
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
pub(crate) struct Response {
    #[serde(default)]
    pub status: Option<u16>,
    #[serde(default)]
    pub headers: Lines,
    #[serde(default)]
    pub body: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub json: Option<Value>,
    #[serde(default)]
    pub base64: Option<String>,
    /// Of an answer that streams: each piece, and the pauses before it.
    #[serde(default)]
    pub chunks: Option<Vec<Chunk>>,
    /// Why it ends before its end; `none`: it does not.
    #[serde(default)]
    pub cut: Option<String>,
    /// `$context` variables afterwards, by what stands behind `$context.`: as the access log has them, `-` for one that is unset.
    #[serde(default)]
    pub context: BTreeMap<String, String>,
    /// Why the gateway itself answered; `none`: it did not.
    #[serde(default)]
    pub cause: Option<String>,
    /// The backend's failure that the client does not see; `none`: there is none.
    #[serde(default)]
    pub masked: Option<String>,
}

/// Header lines as written. What is sent is the same either way; what is expected is more in a list.
#[derive(Debug, PartialEq)]
pub(crate) enum Lines {
    /// By name: a text, a list for several lines, `null` for none; expected, also `{ matches: REGEX }`. Others are not
    /// compared.
    Named(Map<String, Value>),
    /// `Name: value`, one after the other: expected, this is every line, in this order and spelling.
    Listed(Vec<String>),
}

impl Lines {
    /// Whether the name is there, be it as `null`.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        match self {
            Lines::Named(map) => map.keys().any(|key| key.eq_ignore_ascii_case(name)),
            Lines::Listed(list) => {
                list.iter().any(|line| line.split(':').next().is_some_and(|n| n.eq_ignore_ascii_case(name)))
            }
        }
    }
}

impl Default for Lines {
    fn default() -> Lines {
        Lines::Named(Map::new())
    }
}

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Lines, D::Error> {
        let wrong = || serde::de::Error::custom("`headers`: expected a map, or a list of lines `Name: value`");
        match Value::deserialize(deserializer)? {
            Value::Object(map) => Ok(Lines::Named(map)),
            list => serde_json::from_value(list).map(Lines::Listed).map_err(|_| wrong()),
        }
    }
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
pub(crate) fn body(text: Option<&str>, json: Option<&Value>, base64: Option<&str>) -> Result<Option<Bytes>, String> {
    Ok(Some(match (text, json, base64) {
        (None, None, None) => return Ok(None),
        (Some(text), None, None) => text.to_owned().into(),
        (None, Some(json), None) => json.to_string().into(),
        (None, None, Some(base64)) => STANDARD.decode(base64).map_err(|e| format!("`base64`: {e}"))?.into(),
        _ => return Err("expected one of `body`, `json`, `base64`".into()),
    }))
}

/// Name and value of each line that is sent.
pub(crate) fn lines(headers: &Lines) -> Result<Vec<(String, String)>, String> {
    let mut lines = Vec::new();
    match headers {
        Lines::Named(map) => {
            for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
                let values =
                    values(value).ok_or_else(|| format!("header `{name}`: expected a text or a list of texts"))?;
                lines.extend(values.into_iter().map(|value| (name.clone(), value)));
            }
        }
        Lines::Listed(list) => {
            for line in list {
                let (name, value) = line.split_once(':').ok_or_else(|| format!("`{line}`: expected `Name: value`"))?;
                lines.push((name.to_owned(), value.trim().to_owned()));
            }
        }
    }
    Ok(lines)
}

/// A text, a number or a list of them, as texts.
pub(crate) fn values(value: &Value) -> Option<Vec<String>> {
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
