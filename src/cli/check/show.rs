//! `check --show`: the configuration that counts as YAML, or as JSON, each value with where it is from and secrets masked.

use std::fmt::Write;

use anstyle::Style;
use serde_json::{Value, json};

use crate::api::Secrets;
use crate::config::{Data, Masked, Node, join, values};

/// Where a value is from.
const SOURCE: Style = Style::new().dimmed();
/// Where the sources stand, when the values are not longer.
const COLUMN: usize = 48;

/// A document that could be loaded, with the source of each value behind it.
pub(super) fn yaml(tree: &Node, secrets: &Secrets) -> String {
    let mut out = String::new();
    let indent = Indent { first: 0, rest: 0 };
    map(tree, "", &indent, &Masked::new(secrets), &mut out);
    out
}

/// A list of values, each with its place and its source.
pub(super) fn json(tree: &Node, secrets: &Secrets) -> Value {
    json!({ "values": values(tree, secrets) })
}

/// Where the first line of a value and where its others begin.
struct Indent {
    first: usize,
    rest: usize,
}

fn map(node: &Node, path: &str, indent: &Indent, shown: &Masked<'_>, out: &mut String) {
    for (n, (key, node)) in node.entries().enumerate() {
        let path = join(path, key);
        let indent = if n == 0 { indent.first } else { indent.rest };
        let key = format!("{}{}:", " ".repeat(indent), spelt(key));
        value(&key, node, &path, indent + 2, &shown.at(node, &path), out);
    }
}

fn value(head: &str, node: &Node, path: &str, indent: usize, shown: &Masked<'_>, out: &mut String) {
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
