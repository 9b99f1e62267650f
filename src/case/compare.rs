//! What was expected against what was there.

use std::fmt;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use regex::Regex;
use serde_json::{Value, json};
use similar::{Algorithm, ChangeTag, capture_diff_slices_deadline};

use super::file::{self, Call, Case, Chunk, Lines};
use super::play::Played;
use crate::exchange::call::{IntegrationCall, Target};
use crate::exchange::ids::Ids;
use crate::gateway::Gateway;
use crate::http1::message::{Header, Headers, Response};

/// Something that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// What, such as `response header Content-Type`.
    pub what: String,
    /// What was expected.
    pub expected: String,
    /// What was there.
    pub actual: String,
    /// What the case would have to say: the path in it, and the value; `None` when nobody but its author knows.
    pub(crate) stated: Option<(Vec<String>, Value)>,
}

/// Longest time to align two texts; what is left then is told as all of one, then all of the other.
const ALIGNING: Duration = Duration::from_secs(1);

impl Miss {
    /// The lines of both: `-` expected and not there, `+` there and not expected, a space for both.
    pub fn lines(&self) -> Vec<(char, &str)> {
        let (old, new): (Vec<&str>, Vec<&str>) = (self.expected.lines().collect(), self.actual.lines().collect());
        let operations = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, Some(Instant::now() + ALIGNING));
        let changes = operations.iter().flat_map(|operation| operation.iter_changes(&old, &new));
        let marked = changes.map(|change| match change.tag() {
            ChangeTag::Delete => ('-', change.value()),
            ChangeTag::Insert => ('+', change.value()),
            ChangeTag::Equal => (' ', change.value()),
        });
        marked.collect()
    }
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.what)?;
        self.lines().iter().try_for_each(|(mark, line)| writeln!(f, "{mark} {line}"))
    }
}

/// Everything in which a case missed.
pub(crate) fn misses(case: &Case, gateway: &Gateway, played: &Played) -> Result<Vec<Miss>, String> {
    let mut found = Found { misses: Vec::new(), is_new: false, ids: &played.exchange.ids };
    let asked = played.exchange.sample.as_ref().and_then(|sample| sample.authorizer_call.as_ref());
    match case.authorizer.as_ref().and_then(|authorizer| authorizer.call.as_ref()) {
        None => {}
        Some(expected) => compare_expected("authorizer call", expected, asked, false, &mut found)?,
    }
    if let Some(expected) = &case.call {
        // MOCK was asked, though nobody was called.
        let is_mock = played.exchange.integration_status.is_some();
        compare_expected("call", expected, played.call(), is_mock, &mut found)?;
    }
    match &case.response {
        Some(response) => {
            compare_response(response, played, &mut found)?;
            compare_stream(response, gateway, played, &mut found);
        }
        None => found.nothing_expected(played),
    }
    found.trace(&case.trace, &played.log);
    Ok(found.misses)
}

fn compare_expected(
    what: &str,
    expected: &Call,
    actual: Option<&IntegrationCall>,
    is_mock: bool,
    found: &mut Found<'_>,
) -> Result<(), String> {
    match (expected, actual) {
        (Call::None, actual) => {
            let actual = actual.map_or("no call".to_owned(), |call| format!("a call of {}", called(call)));
            found.same(what, "no call", &actual);
        }
        (Call::Some(sent), Some(call)) => compare_call(what, sent, call, found)?,
        (Call::Some(sent), None) if is_mock && **sent == file::Sent::default() => {}
        (Call::Some(_), None) => found.same(what, "a call", "no call"),
    }
    Ok(())
}

fn compare_call(of: &str, sent: &file::Sent, call: &IntegrationCall, found: &mut Found<'_>) -> Result<(), String> {
    let of_call = path_of(of);
    let mut same = |what: &str, expected: &Option<String>, actual: &str| {
        if let Some(expected) = expected {
            found.text(&format!("{of} {what}"), &[&of_call[..], &[what]].concat(), expected, actual);
        }
    };
    let headers = match &call.target {
        Target::Function { name, qualifier, invocation, headers, .. } => {
            same("function", &sent.function, name);
            same("qualifier", &sent.qualifier, qualifier.as_deref().unwrap_or_default());
            same("invocation", &sent.invocation, &format!("{invocation:?}"));
            headers
        }
        Target::Http { method, uri, headers } => {
            same("method", &sent.method, method);
            same("uri", &sent.uri, uri);
            headers
        }
    };
    let is_named = match &call.target {
        Target::Function { .. } => sent.method.is_none() && sent.uri.is_none(),
        Target::Http { .. } => sent.function.is_none() && sent.qualifier.is_none() && sent.invocation.is_none(),
    };
    if !is_named {
        found.same(of, if sent.function.is_some() { "a function" } else { "an HTTP request" }, &called(call));
    }
    found.headers(&format!("{of} header"), &sent.headers, headers)?;
    found.body(
        &format!("{of} body"),
        file::body(sent.body.as_deref(), None, sent.base64.as_deref())?,
        &call.body,
        sent.base64.is_some(),
    );
    if let Some(json) = &sent.json {
        found.json(&format!("{of} body"), json, &call.body);
    }
    if let Some(event) = &sent.event {
        let actual: Value = serde_json::from_slice(&call.body).unwrap_or(Value::Null);
        found.json_value(&format!("{of} event"), "event", event, narrowed(&actual, event));
    }
    Ok(())
}

fn called(call: &IntegrationCall) -> String {
    match &call.target {
        Target::Function { name, .. } => format!("function {name}"),
        Target::Http { method, uri, .. } => format!("{method} {uri}"),
    }
}

fn compare_response(expected: &file::Response, played: &Played, found: &mut Found<'_>) -> Result<(), String> {
    let actual = &played.response;
    if let Some(status) = expected.status {
        found.same("response status", &status.to_string(), &actual.status.to_string());
        found.stated(&["response", "status"], actual.status.into());
    }
    found.headers("response header", &expected.headers, &actual.headers)?;
    let body = file::body(expected.body.as_deref(), None, expected.base64.as_deref())?;
    found.body("response body", body, actual.body.whole(), expected.base64.is_some());
    if let Some(json) = &expected.json {
        found.json("response body", json, actual.body.whole());
    }
    if let Some(cause) = &expected.cause {
        let actual = played.exchange.failure.as_ref().map_or("none", |failure| failure.cause().as_str());
        found.text("cause", &["response", "cause"], cause, actual);
    }
    if let Some(masked) = &expected.masked {
        let actual = played.exchange.decisions.masked.map_or("none", |kind| kind.as_str());
        found.text("masked error", &["response", "masked"], masked, actual);
    }
    Ok(())
}

/// How the answer came, and what is known of it afterwards.
fn compare_stream(response: &file::Response, gateway: &Gateway, played: &Played, found: &mut Found<'_>) {
    if let Some(expected) = &response.chunks {
        let mut last = Duration::ZERO;
        let mut actual = Vec::new();
        for (time, piece) in &played.pieces {
            let pause = time.saturating_sub(std::mem::replace(&mut last, *time));
            actual.extend((!pause.is_zero()).then_some(Chunk::Pause(pause)));
            actual.push(Chunk::Data(piece.clone()));
        }
        found.same("response chunks", &chunks(expected), &chunks(&actual));
    }
    if let Some(expected) = &response.cut {
        let actual = played.exchange.cut.as_ref().map_or("none".to_owned(), ToString::to_string);
        found.text("cut", &["response", "cut"], expected, &actual);
    }
    for (name, expected) in &response.context {
        let actual = gateway.variable(&played.exchange, name);
        let what = format!("$context.{name}");
        found.text(&what, &["response", "context", name], expected, actual.as_deref().unwrap_or("-"));
    }
}

/// A line each.
fn chunks(chunks: &[Chunk]) -> String {
    let line = |chunk: &Chunk| match chunk {
        Chunk::Data(data) => format!("{:?}", readable(data)),
        Chunk::Pause(pause) => format!("pause: {pause:?}"),
        Chunk::Error(why) => format!("error: {why}"),
        Chunk::Broken(why) => format!("broken: {why}"),
    };
    chunks.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The misses so far. Ids are new in each exchange: an expectation names them as a template does.
struct Found<'a> {
    misses: Vec<Miss>,
    /// Whether what was compared last is one.
    is_new: bool,
    ids: &'a Ids,
}

impl Found<'_> {
    fn same(&mut self, what: &str, expected: &str, actual: &str) {
        let expected = self.with_ids(expected);
        if expected != actual {
            self.misses.push(Miss { what: what.into(), expected, actual: actual.into(), stated: None });
            self.is_new = true;
        } else {
            self.is_new = false;
        }
    }

    /// What the case would have to say for what was compared last, if it differs.
    fn stated(&mut self, path: &[&str], value: Value) {
        let value = self.without_ids_in(&value);
        if let Some(miss) = self.misses.last_mut().filter(|_| self.is_new) {
            miss.stated = Some((path.iter().map(|key| (*key).to_owned()).collect(), value));
        }
    }

    /// A text that stands at that path of the case.
    fn text(&mut self, what: &str, path: &[&str], expected: &str, actual: &str) {
        self.same(what, expected, actual);
        self.stated(path, actual.into());
    }

    /// The case says nothing of the response.
    fn nothing_expected(&mut self, played: &Played) {
        let Response { status, body, .. } = &played.response;
        let body = body.whole();
        let mut response = json!({ "status": status });
        if !body.is_empty() {
            let (key, value) = match (serde_json::from_slice::<Value>(body), std::str::from_utf8(body)) {
                (Ok(value), _) => ("json", value),
                (_, Ok(text)) => ("body", text.into()),
                _ => ("base64", STANDARD.encode(body).into()),
            };
            response[key] = value;
        }
        self.same("response", "(nothing is expected)", &pretty(&response));
        self.stated(&["response"], response);
    }

    /// The ids of this exchange by their names, as a case has them.
    fn without_ids(&self, actual: &str) -> String {
        let Ids { request_id, extended_request_id, trace_id } = self.ids;
        let named = [
            (&**trace_id, "$context.xrayTraceId"),
            (request_id, "$context.requestId"),
            (extended_request_id, "$context.extendedRequestId"),
        ];
        named.iter().filter(|(id, _)| !id.is_empty()).fold(actual.to_owned(), |text, (id, name)| text.replace(id, name))
    }

    fn without_ids_in(&self, actual: &Value) -> Value {
        each_text(actual, &|text| self.without_ids(text))
    }

    fn with_ids(&self, expected: &str) -> String {
        expected
            .replace("$context.requestId", &self.ids.request_id)
            .replace("$context.extendedRequestId", &self.ids.extended_request_id)
            .replace("$context.xrayTraceId", &self.ids.trace_id)
    }

    fn with_ids_in(&self, expected: &Value) -> Value {
        each_text(expected, &|text| self.with_ids(text))
    }

    fn headers(&mut self, what: &str, expected: &Lines, actual: &Headers) -> Result<(), String> {
        match expected {
            Lines::Named(map) => map.iter().try_for_each(|(name, value)| self.header(what, name, value, actual)),
            Lines::Listed(lines) => {
                let line = |line: &Header| format!("{}: {}", line.name(), String::from_utf8_lossy(&line.value));
                let actual: Vec<String> = actual.0.iter().map(line).collect();
                self.same(&format!("{what}s"), &lines.join("\n"), &actual.join("\n"));
                self.stated(&[&path_of(what)[..], &["headers"]].concat()[..], actual.into());
                Ok(())
            }
        }
    }

    fn header(&mut self, what: &str, name: &str, expected: &Value, actual: &Headers) -> Result<(), String> {
        let path = [&path_of(what)[..], &["headers", name]].concat();
        let what = format!("{what} {name}");
        let lines: Vec<String> =
            actual.all(name).map(|line| String::from_utf8_lossy(&line.value).into_owned()).collect();
        let shown = if lines.is_empty() { "(absent)".to_owned() } else { lines.join("\n") };
        match expected {
            Value::Null => self.same(&what, "(absent)", &shown),
            Value::Object(object) => {
                let pattern = object.get("matches").and_then(Value::as_str);
                let pattern = pattern.ok_or_else(|| format!("{what}: expected `matches`"))?;
                let regex = Regex::new(&format!("^(?:{pattern})$")).map_err(|e| format!("{what}: {e}"))?;
                if lines.is_empty() || !lines.iter().all(|line| regex.is_match(line)) {
                    self.same(&what, &format!("(matches {pattern})"), &shown);
                }
                // Another pattern is its author's to write.
                return Ok(());
            }
            value => {
                let values = file::values(value).ok_or_else(|| format!("{what}: expected a text or a list"))?;
                self.same(&what, &values.join("\n"), &shown);
            }
        }
        let written = match &lines[..] {
            [] => Value::Null,
            [line] => line.as_str().into(),
            lines => lines.into(),
        };
        self.stated(&path, written);
        Ok(())
    }

    fn body(&mut self, what: &str, expected: Option<Bytes>, actual: &Bytes, is_base64: bool) {
        if let Some(expected) = expected.filter(|expected| expected != actual) {
            self.same(what, &readable(&expected), &readable(actual));
            match std::str::from_utf8(actual) {
                _ if is_base64 => self.stated_body(what, "base64", STANDARD.encode(actual).into()),
                Ok(text) => self.stated_body(what, "body", text.into()),
                Err(_) => {}
            }
        }
    }

    fn stated_body(&mut self, what: &str, key: &str, value: Value) {
        self.stated(&[&path_of(what)[..], &[key]].concat(), value);
    }

    fn json(&mut self, what: &str, expected: &Value, actual: &Bytes) {
        match serde_json::from_slice(actual) {
            Ok(actual) => self.json_value(what, "json", expected, actual),
            Err(_) => self.same(what, &pretty(expected), &readable(actual)),
        }
    }

    fn json_value(&mut self, what: &str, key: &str, expected: &Value, actual: Value) {
        let expected = self.with_ids_in(expected);
        if expected != actual {
            self.same(what, &pretty(&expected), &pretty(&actual));
            self.stated_body(what, key, actual);
        }
    }

    /// Each line after the one before it; others may stand between.
    fn trace(&mut self, expected: &[String], actual: &[String]) {
        let mut rest = actual.iter();
        for line in expected {
            let line = self.with_ids(line);
            if !rest.any(|actual| *actual == line) {
                self.misses.push(Miss {
                    what: "trace".into(),
                    expected: line,
                    actual: actual.join("\n"),
                    stated: None,
                });
                return;
            }
        }
    }
}

/// Where in a case something stands that is told as `authorizer call body`.
fn path_of(what: &str) -> Vec<&'static str> {
    const PARTS: [&str; 3] = ["authorizer", "call", "response"];
    PARTS.into_iter().filter(|part| what.split(' ').any(|word| word == *part)).collect()
}

/// A value with each text in it changed.
fn each_text(value: &Value, change: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(text)),
        Value::Array(items) => items.iter().map(|item| each_text(item, change)).collect(),
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), each_text(value, change))).collect(),
        other => other.clone(),
    }
}

/// A body as text; one that is none, in hexadecimal.
fn readable(body: &Bytes) -> String {
    match std::str::from_utf8(body) {
        Ok(text) => text.to_owned(),
        Err(_) => body.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" "),
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}")
}

/// Of a value, what the expectation names.
fn narrowed(actual: &Value, expected: &Value) -> Value {
    let (Value::Object(actual), Value::Object(expected)) = (actual, expected) else { return actual.clone() };
    let named = |(name, expected): (&String, &Value)| Some((name.clone(), narrowed(actual.get(name)?, expected)));
    Value::Object(expected.iter().filter_map(named).collect())
}
