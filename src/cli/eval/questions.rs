//! Questions on standard input, a line each, and their answers: the protocol that other programs speak with `eval`.

use std::io::{BufRead, BufWriter, Write};
use std::sync::Arc;

use anyhow::Context;
use serde_json::{Value as Json, json};

use super::overrides::Overrides;
use super::path::{json_text, told};
use crate::jsonpath;
use crate::mapping::Variables;
use crate::mapping::context::{add_overrides, as_context};
use crate::mapping::template::fill;
use crate::pattern::{Outcome, Pattern};
use crate::value::{Entries, List, ListKind, Map, MapKind, Text, Value, json as smart, number};
use crate::vtl::{ErrorKind, Limits, Scope, Template};

/// Answers each line with one line.
pub(super) fn answer_lines(input: &mut dyn BufRead, output: &mut dyn Write) -> anyhow::Result<()> {
    let mut output = BufWriter::new(output);
    let mut line = Vec::new();
    for number in 1u64.. {
        line.clear();
        if input.read_until(b'\n', &mut line).context("cannot read standard input")? == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&line);
        if !text.trim().is_empty() {
            let answer = answer(text.trim()).unwrap_or_else(|refused| refused.told(number));
            writeln!(output, "{answer}")?;
            // Whoever asks line by line waits for the answer.
            output.flush()?;
        }
    }
    Ok(())
}

/// Why a question has no answer.
struct Refused {
    kind: &'static str,
    message: String,
}

impl Refused {
    /// For whoever sent a file of questions: blank lines have no answer, so the place of an answer does not tell its question's.
    fn told(self, line: u64) -> Json {
        json!({ "error": self.kind, "message": self.message, "line": line })
    }
}

type Evaluation = Result<Json, Refused>;

/// Answers one question, a JSON object with its kind in `op`: `vtl`, `jsonpath` or `regex`.
fn answer(line: &str) -> Evaluation {
    // A string may hold half a character, which JSON allows and only json-smart reads.
    let read = serde_json::from_str(line).map(|value| of_json(&value)).or_else(|_| smart::parse(line));
    let request = match read {
        Ok(Value::Map(request)) => request,
        Ok(_) => return Err(refuse("Protocol", "not a JSON object")),
        Err(error) => return Err(refuse("Protocol", error)),
    };
    match request.get("op") {
        Some(Value::Str(op)) if &*op == "vtl" => answer_template(&request),
        Some(Value::Str(op)) if &*op == "jsonpath" => answer_path(&request),
        Some(Value::Str(op)) if &*op == "regex" => answer_pattern(&request),
        _ => Err(refuse("Protocol", "`op` must be `vtl`, `jsonpath` or `regex`")),
    }
}

/// JSON as Java's values.
fn of_json(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => match n.as_i64() {
            Some(n) => i32::try_from(n).map_or(Value::Long(n), Value::Int),
            None => Value::Double(n.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::List(List::new(ListKind::Plain, items.iter().map(of_json).collect())),
        Json::Object(entries) => {
            let entries: Entries =
                entries.iter().map(|(key, value)| (Value::from(key.as_str()), of_json(value))).collect();
            Value::Map(Map::new(MapKind::Linked, entries))
        }
    }
}

fn refuse(kind: &'static str, message: impl ToString) -> Refused {
    Refused { kind, message: message.to_string() }
}

/// A member that must be a string; without it, what is wrong.
fn text(request: &Map, name: &str) -> Result<Text, Refused> {
    match request.get(name) {
        Some(Value::Str(text)) => Ok(text),
        _ => Err(refuse("Protocol", format!("`{name}` must be a string"))),
    }
}

/// A map of the request, with the lists and numbers that a host would put into it.
fn object(request: &Map, name: &str) -> Map {
    match request.get(name) {
        Some(value @ Value::Map(_)) => match as_host(&value) {
            Value::Map(map) => map,
            _ => Map::default(),
        },
        _ => Map::default(),
    }
}

fn as_host(value: &Value) -> Value {
    match value {
        Value::Map(map) => {
            let entries = map.entries().borrow();
            let entries = entries.iter().map(|(key, value)| (key.clone(), as_host(value))).collect();
            Value::Map(Map::new(MapKind::Linked, entries))
        }
        Value::List(list) => {
            Value::List(List::new(ListKind::Plain, list.items().borrow().iter().map(as_host).collect()))
        }
        Value::BigDecimal(n) => Value::Double(number::big_decimal_to_double(n)),
        value => value.clone(),
    }
}

fn answer_template(request: &Map) -> Evaluation {
    let plain = matches!(request.get("mode"), Some(Value::Str(mode)) if &*mode == "plain");
    let template = text(request, "template")?;
    let input = object(request, "input");
    let given = object(&input, "params");
    let parameters = Map::linked(["path", "querystring", "header"].map(|kind| (kind, object(&given, kind))));
    let body = match input.get("body") {
        None | Some(Value::Null) => Arc::from(""),
        Some(_) => text(&input, "body")?.to_shared(),
    };
    let context = as_context(&Value::Map(object(request, "context")));
    let Value::Map(context) = context else { return Err(refuse("Protocol", "`context` must be an object")) };
    add_overrides(&context);
    let overrides = Overrides::of(&context);
    let mut scope = if plain { Scope::plain() } else { Scope::new() };
    let stage_variables = object(request, "stageVariables");
    fill(&mut scope, Variables { body, parameters: parameters.into(), context: Value::Map(context), stage_variables });
    let rendered = Template::parse(&template).and_then(|template| template.render(&mut scope, &Limits::default()));
    let out = rendered.map_err(|error| {
        let kind = if error.kind == ErrorKind::Parse { "Parse" } else { "Render" };
        refuse(kind, error)
    })?;
    let Some(flat) = overrides.flat() else { return Err(refuse("Render", "the overrides nest too deep")) };
    if flat.is_empty() {
        return Ok(json!({ "out": out }));
    }
    let flat: serde_json::Map<String, Json> = flat.into_iter().collect();
    Ok(json!({ "out": out, "overrides": flat }))
}

fn answer_path(request: &Map) -> Evaluation {
    let (json, path) = (text(request, "json")?, text(request, "path")?);
    let document = smart::parse(&json).map_err(|error| refuse("InvalidJson", error))?;
    let path = jsonpath::Path::compile(&path).map_err(|error| refuse("InvalidPath", error))?;
    let found = path.read(&document).map_err(|error| {
        let (kind, message) = told(&error);
        refuse(kind, message)
    })?;
    let out = json_text(&found).ok_or_else(|| refuse("Other", "the value nests too deep"))?;
    Ok(json!({ "out": out, "definite": path.is_definite() }))
}

fn answer_pattern(request: &Map) -> Evaluation {
    let (pattern, text) = (text(request, "pattern")?, text(request, "text")?);
    let pattern = Pattern::compile(&pattern).map_err(|error| refuse("PatternSyntax", error))?;
    // Beyond its steps a pattern does not match: so it is when it selects a response.
    Ok(json!({ "out": pattern.matches(&text) == Outcome::Match }))
}
