//! `stagegate eval`: one template, JSON path or pattern, or one on each line of standard input.

use std::io::{BufRead, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args as Arguments;
use serde_json::json;

use crate::jsonpath::{self, ReadError};
use crate::mapping::Variables;
use crate::mapping::context::{add_overrides, as_context};
use crate::mapping::template::fill;
use crate::pattern::{Outcome, Pattern};
use crate::value::{Entries, List, ListKind, Map, MapKind, Value, json as smart, number, print};
use crate::vtl::{ErrorKind, Limits, Scope, Template};

/// The flags of `eval`. Without any, it answers JSON lines.
#[derive(Debug, Clone, Default, Arguments)]
pub struct Args {
    /// Render this mapping template (`-` for standard input) and print the overrides that it sets to standard error
    #[arg(long, value_name = "FILE", env = "STAGEGATE_EVAL_TEMPLATE", conflicts_with_all = ["json_path", "pattern"])]
    pub template: Option<PathBuf>,
    /// Read this JSON path
    #[arg(long, value_name = "PATH", env = "STAGEGATE_EVAL_JSON_PATH", conflicts_with = "pattern")]
    pub json_path: Option<String>,
    /// Match this selection pattern against the whole of `--text`
    #[arg(long, value_name = "PATTERN", env = "STAGEGATE_EVAL_PATTERN", requires = "text")]
    pub pattern: Option<String>,
    /// The text for `--pattern`
    #[arg(long, value_name = "TEXT", env = "STAGEGATE_EVAL_TEXT", requires = "pattern")]
    pub text: Option<String>,
    /// The payload for `--template` and `--json-path`; standard input when left out, `-` too
    #[arg(long, value_name = "FILE", env = "STAGEGATE_EVAL_BODY")]
    pub body: Option<PathBuf>,
}

/// Runs the command: the exit code is 1 when what was asked for could not be evaluated.
pub fn eval(args: &Args) -> anyhow::Result<u8> {
    let result = if let Some(template) = &args.template {
        render_file(template, args)?
    } else if let Some(path) = &args.json_path {
        read_path(path, &body(args)?)
    } else if let (Some(pattern), Some(text)) = (&args.pattern, &args.text) {
        match_pattern(pattern, text)
    } else {
        answer_lines(&mut std::io::stdin().lock(), &mut std::io::stdout().lock())?;
        return Ok(0);
    };
    match result {
        Ok(text) => {
            println!("{text}");
            Ok(0)
        }
        Err(message) => {
            eprintln!("{message}");
            Ok(1)
        }
    }
}

/// Answers each line with one line.
pub fn answer_lines(input: &mut dyn BufRead, output: &mut dyn Write) -> anyhow::Result<()> {
    let mut output = BufWriter::new(output);
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).context("cannot read standard input")? == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&line);
        if !text.trim().is_empty() {
            writeln!(output, "{}", answer(text.trim()))?;
            // Whoever asks line by line waits for the answer.
            output.flush()?;
        }
    }
    Ok(())
}

/// Answers one question, a JSON object with its kind in `op`: `vtl`, `jsonpath` or `regex`.
pub fn answer(line: &str) -> String {
    // A string may hold half a character, which JSON allows and only json-smart reads.
    let read = serde_json::from_str(line).map(|value| of_json(&value)).or_else(|_| smart::parse(line));
    let request = match read {
        Ok(Value::Map(request)) => request,
        Ok(_) => return refuse("Protocol", "not a JSON object"),
        Err(error) => return refuse("Protocol", &error.to_string()),
    };
    let answer = match request.get("op") {
        Some(Value::Str(op)) if &*op == "vtl" => answer_template(&request),
        Some(Value::Str(op)) if &*op == "jsonpath" => answer_path(&request),
        Some(Value::Str(op)) if &*op == "regex" => answer_pattern(&request),
        _ => Err(refuse("Protocol", "`op` must be `vtl`, `jsonpath` or `regex`")),
    };
    answer.unwrap_or_else(|refused| refused)
}

/// JSON as Java's values.
fn of_json(value: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
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

fn refuse(kind: &str, message: &str) -> String {
    json!({ "error": kind, "message": message }).to_string()
}

/// A member that must be a string; without it, what is wrong.
fn text(request: &Map, name: &str) -> Result<Arc<str>, String> {
    match request.get(name) {
        Some(Value::Str(text)) => Ok(text),
        _ => Err(refuse("Protocol", &format!("`{name}` must be a string"))),
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

fn answer_template(request: &Map) -> Result<String, String> {
    let plain = matches!(request.get("mode"), Some(Value::Str(mode)) if &*mode == "plain");
    let template = text(request, "template")?;
    let input = object(request, "input");
    let given = object(&input, "params");
    let parameters = Map::linked(["path", "querystring", "header"].map(|kind| (kind, object(&given, kind))));
    let body = match input.get("body") {
        None | Some(Value::Null) => Arc::from(""),
        Some(_) => text(&input, "body")?,
    };
    let context = as_context(&Value::Map(object(request, "context")));
    let Value::Map(context) = context else { return Err(refuse("Protocol", "`context` must be an object")) };
    add_overrides(&context);
    let overrides = Overrides::of(&context);
    let mut scope = if plain { Scope::plain() } else { Scope::new() };
    let stage_variables = object(request, "stageVariables");
    fill(&mut scope, Variables { body, parameters, context: Value::Map(context), stage_variables });
    let rendered = Template::parse(&template).and_then(|template| template.render(&mut scope, &Limits::default()));
    let out = rendered.map_err(|error| {
        let kind = if error.kind == ErrorKind::Parse { "Parse" } else { "Render" };
        refuse(kind, &error.to_string())
    })?;
    let Some(flat) = overrides.flat() else { return Err(refuse("Render", "the overrides nest too deep")) };
    if flat.is_empty() {
        return Ok(json!({ "out": out }).to_string());
    }
    let flat: serde_json::Map<String, serde_json::Value> = flat.into_iter().collect();
    Ok(json!({ "out": out, "overrides": flat }).to_string())
}

/// The maps that a template sets overrides in.
struct Overrides([Option<Value>; 2]);

impl Overrides {
    fn of(context: &Map) -> Overrides {
        Overrides(["requestOverride", "responseOverride"].map(|name| context.get(name)))
    }

    /// What was set, sorted by name; `None` when the maps nest too deep.
    fn flat(self) -> Option<Vec<(String, serde_json::Value)>> {
        let mut flat = Vec::new();
        for (name, value) in ["request", "response"].into_iter().zip(self.0) {
            if let Some(Value::Map(map)) = value
                && !flatten(name, &map, 0, &mut flat)
            {
                return None;
            }
        }
        flat.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
        Some(flat)
    }
}

/// How deep the maps of overrides may nest: a template can put them into each other.
const OVERRIDES_DEPTH: usize = 50;

/// Overrides as one flat object: `request.header.X` with what it prints, lists as lists of what their elements print.
fn flatten(prefix: &str, map: &Map, depth: usize, flat: &mut Vec<(String, serde_json::Value)>) -> bool {
    if depth > OVERRIDES_DEPTH {
        return false;
    }
    let shown = |value: &Value| print::text(value).ok();
    for (key, value) in map.in_order() {
        let Some(key) = shown(&key) else { return false };
        let name = format!("{prefix}.{key}");
        match &value {
            Value::Map(inner) if inner.kind() == MapKind::Context => {
                if !flatten(&name, inner, depth + 1, flat) {
                    return false;
                }
            }
            Value::List(list) => {
                let items: Option<Vec<String>> = list.items().borrow().iter().map(shown).collect();
                let Some(items) = items else { return false };
                flat.push((name, json!(items)));
            }
            value => {
                let Some(text) = shown(value) else { return false };
                flat.push((name, json!(text)));
            }
        }
    }
    true
}

fn answer_path(request: &Map) -> Result<String, String> {
    let (json, path) = (text(request, "json")?, text(request, "path")?);
    let document = smart::parse(&json).map_err(|error| refuse("InvalidJson", &error.to_string()))?;
    let path = jsonpath::Path::compile(&path).map_err(|error| refuse("InvalidPath", &error.to_string()))?;
    let found = path.read(&document).map_err(|error| {
        let (kind, message) = told(&error);
        refuse(kind, message)
    })?;
    let out = json_text(&found).ok_or_else(|| refuse("Other", "the value nests too deep"))?;
    Ok(json!({ "out": out, "definite": path.is_definite() }).to_string())
}

fn told(error: &ReadError) -> (&'static str, &str) {
    match error {
        ReadError::PathNotFound => ("PathNotFound", "the path leads nowhere"),
        ReadError::InvalidPath(message) => ("InvalidPath", message),
        ReadError::Other(message) => ("Other", message),
    }
}

fn json_text(value: &Value) -> Option<String> {
    let mut out = String::new();
    smart::print(value, &mut out).then_some(out)
}

fn answer_pattern(request: &Map) -> Result<String, String> {
    let (pattern, text) = (text(request, "pattern")?, text(request, "text")?);
    let pattern = Pattern::compile(&pattern).map_err(|error| refuse("PatternSyntax", &error.to_string()))?;
    // Beyond its steps a pattern does not match: so it is when it selects a response.
    Ok(json!({ "out": pattern.matches(&text) == Outcome::Match }).to_string())
}

/// What the template prints; the overrides that it sets go to standard error.
fn render_file(template: &Path, args: &Args) -> anyhow::Result<Result<String, String>> {
    if template.as_os_str() == "-" && args.body.as_ref().is_none_or(|body| body.as_os_str() == "-") {
        bail!("standard input cannot be both `--template` and `--body`");
    }
    let source = read(Some(template))?;
    let template = match Template::parse(&source) {
        Ok(template) => template,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let parameters = Map::linked(["path", "querystring", "header"].map(|kind| (kind, Map::default())));
    let context = Map::new(MapKind::Context, Entries::default());
    add_overrides(&context);
    let overrides = Overrides::of(&context);
    let mut scope = Scope::new();
    let body = Arc::from(body(args)?);
    fill(&mut scope, Variables { body, parameters, context: Value::Map(context), stage_variables: Map::default() });
    let rendered = template.render(&mut scope, &Limits::default());
    for (name, value) in overrides.flat().unwrap_or_default() {
        eprintln!("override {name}: {value}");
    }
    Ok(rendered.map_err(|error| error.to_string()))
}

fn read_path(path: &str, body: &str) -> Result<String, String> {
    let document = smart::parse(body).map_err(|error| error.to_string())?;
    let path = jsonpath::Path::compile(path).map_err(|error| error.to_string())?;
    let found = path.read(&document).map_err(|error| told(&error).1.to_owned())?;
    json_text(&found).ok_or_else(|| "the value nests too deep".to_owned())
}

fn match_pattern(pattern: &str, text: &str) -> Result<String, String> {
    let pattern = Pattern::compile(pattern).map_err(|error| format!("invalid pattern `{pattern}`: {error}"))?;
    match pattern.matches(text) {
        Outcome::Match => Ok("true".to_owned()),
        Outcome::NoMatch => Ok("false".to_owned()),
        Outcome::StepLimit => Err("the pattern took too many steps".to_owned()),
    }
}

fn body(args: &Args) -> anyhow::Result<String> {
    read(args.body.as_deref())
}

/// The file's text; standard input's without a file, and for `-`.
fn read(file: Option<&Path>) -> anyhow::Result<String> {
    match file {
        Some(file) if file.as_os_str() != "-" => {
            if file.is_dir() {
                bail!("`{}` is a folder", file.display());
            }
            std::fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))
        }
        _ => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
            Ok(text)
        }
    }
}
