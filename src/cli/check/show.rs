//! `check --show`: the configuration that counts as YAML, or as JSON, each value with where it is from and secrets masked.

use std::fmt::Write;

use anstyle::Style;
use serde_json::{Value, json};

use crate::api::Secrets;
use crate::config::{Data, Node, Origin, Place, join};

/// Where a value is from.
const SOURCE: Style = Style::new().dimmed();
/// Where the sources stand, when the values are not longer.
const COLUMN: usize = 48;
/// What stands for a secret.
const MASK: &str = "****";

/// A document that could be loaded, with the source of each value behind it.
pub(super) fn yaml(tree: &Node, secrets: &Secrets) -> String {
    let mut out = String::new();
    let indent = Indent { first: 0, rest: 0 };
    map(tree, "", &indent, &Shown { secrets, inside: false }, &mut out);
    out
}

/// A list of values, each with its place and its source.
pub(super) fn json(tree: &Node, secrets: &Secrets) -> Value {
    let mut items = Vec::new();
    leaves(tree, "", &Shown { secrets, inside: false }, &mut items);
    json!({ "values": items })
}

/// What may be shown.
struct Shown<'a> {
    secrets: &'a Secrets,
    /// Whether it is inside of what is secret.
    inside: bool,
}

impl<'a> Shown<'a> {
    fn at(&self, node: &Node, path: &str) -> Shown<'a> {
        Shown { inside: self.inside || Place::of(node, path).is_secret(self.secrets), ..*self }
    }

    fn value(&self, node: &Node) -> Value {
        match &node.data {
            Data::Null | Data::Bool(_) => node.to_json(),
            _ if self.inside => json!(MASK),
            Data::Text(text) => json!(without_user(text)),
            Data::List(_) => json!([]),
            Data::Map(_) => json!({}),
            _ => node.to_json(),
        }
    }
}

/// `http://user:password@host` without what is before the host.
fn without_user(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{MASK}{}", &rest[at..]),
        None => text.to_owned(),
    }
}

/// Where the first line of a value and where its others begin.
struct Indent {
    first: usize,
    rest: usize,
}

fn map(node: &Node, path: &str, indent: &Indent, shown: &Shown<'_>, out: &mut String) {
    for (n, (key, node)) in node.entries().enumerate() {
        let path = join(path, key);
        let indent = if n == 0 { indent.first } else { indent.rest };
        let key = format!("{}{}:", " ".repeat(indent), spelt(key));
        value(&key, node, &path, indent + 2, &shown.at(node, &path), out);
    }
}

fn value(head: &str, node: &Node, path: &str, indent: usize, shown: &Shown<'_>, out: &mut String) {
    // Writing to a string cannot fail.
    match &node.data {
        Data::Map(entries) if !entries.is_empty() && head.ends_with('-') => {
            let _ = write!(out, "{head} ");
            map(node, path, &Indent { first: 0, rest: indent }, shown, out);
        }
        Data::Map(entries) if !entries.is_empty() => {
            let _ = writeln!(out, "{head}");
            map(node, path, &Indent { first: indent, rest: indent }, shown, out);
        }
        Data::List(items) if !items.is_empty() => {
            let _ = writeln!(out, "{head}");
            for (n, item) in items.iter().enumerate() {
                let path = format!("{path}[{n}]");
                let head = format!("{}-", " ".repeat(indent));
                value(&head, item, &path, indent + 2, &shown.at(item, &path), out);
            }
        }
        _ => {
            let text = match shown.value(node) {
                // A number in a variable is one when it is read.
                Value::String(text) if node.origin.is_text_only() && serde_json::from_str::<Value>(&text).is_ok() => {
                    text
                }
                Value::String(text) => spelt(&text),
                other => other.to_string(),
            };
            let _ = write!(out, "{head} {text}");
            let line = out.rsplit('\n').next().unwrap_or_default().chars().count();
            let _ = writeln!(out, "{} {SOURCE}# {}{SOURCE:#}", " ".repeat(COLUMN.saturating_sub(line)), source(node));
        }
    }
}

fn leaves(node: &Node, path: &str, shown: &Shown<'_>, items: &mut Vec<Value>) {
    let before = items.len();
    for (key, node) in node.entries() {
        let path = join(path, key);
        leaves(node, &path, &shown.at(node, &path), items);
    }
    for (n, node) in node.items().iter().enumerate() {
        let path = format!("{path}[{n}]");
        leaves(node, &path, &shown.at(node, &path), items);
    }
    if items.len() > before {
        return;
    }
    let kind = match &*node.origin {
        Origin::File(_) | Origin::Made { .. } => "file",
        Origin::Variable(_) => "variable",
        Origin::Flag(_) => "flag",
        Origin::Default => "default",
    };
    let name = (kind != "default").then(|| node.origin.name().to_string_lossy().into_owned());
    let line = (node.line > 0).then_some(node.line);
    items.push(json!({
        "place": path,
        "value": shown.value(node),
        "source": { "kind": kind, "name": name, "line": line },
    }));
}

fn source(node: &Node) -> String {
    let name = node.origin.name().display().to_string();
    let line = if node.line > 0 { format!(":{}", node.line) } else { String::new() };
    format!("{}{line}", name.escape_debug())
}

/// A text as YAML has it: in quotes where it would be read as something else.
fn spelt(text: &str) -> String {
    let is_safe = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/')
        && !text.ends_with(':')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./+$@:".contains(&b));
    let is_other = text.parse::<f64>().is_ok()
        || text.starts_with("0x")
        || text.starts_with("0o")
        || ["true", "false", "null", "yes", "no", "on", "off"].iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_safe && !is_other { text.to_owned() } else { Value::from(text).to_string() }
}
