//! Values of a YAML or JSON text replaced where they stand: comments, the order of keys and the form of everything else stay.

use std::ops::Range;
use std::path::Path;

use saphyr_parser::ScalarStyle;
use serde_json::Value;

use super::language::parse;
use super::located::{Form, Located, locate};

/// A value and its path in the document: keys, and the numbers of a list's items.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Edit {
    /// The path; a last key that is not there yet is added.
    pub(crate) path: Vec<String>,
    /// The new value.
    pub(crate) value: Value,
}

/// The text with these values. An error says why it cannot be written without changing more than them.
pub(crate) fn edited(file: &Path, text: &str, edits: &[Edit]) -> Result<String, String> {
    let is_json = match file.extension().and_then(|ending| ending.to_str()) {
        Some("json") => true,
        Some("toml") => return Err("TOML files are not edited".to_owned()),
        _ => false,
    };
    let read = |text: &str| match parse(file, text) {
        Ok(node) => Ok(node.to_json()),
        Err(problems) => Err(problems.first().map_or_else(String::new, ToString::to_string)),
    };
    let old = read(text)?;
    let root = locate(text)?;
    let (mut changes, mut wanted) = (Changes { text, is_json, found: Vec::new() }, old.clone());
    for Edit { path, value } in edits {
        put(&mut wanted, path, value.clone()).ok_or_else(|| format!("`{}` is not there", path.join(".")))?;
        changes.edit(&root, &old, path, value).map_err(|why| format!("`{}`: {why}", path.join(".")))?;
    }
    let text = changes.made();
    match read(&text) {
        Ok(new) if new == wanted => Ok(text),
        _ => Err("its form does not allow it".to_owned()),
    }
}

/// Puts a value where the path leads.
fn put(root: &mut Value, path: &[String], value: Value) -> Option<()> {
    match path {
        [] => *root = value,
        [key] if root.is_object() => drop(root.as_object_mut()?.insert(key.clone(), value)),
        [key, rest @ ..] => {
            let inner = match root {
                Value::Array(items) => items.get_mut(key.parse::<usize>().ok()?),
                other => other.get_mut(key),
            };
            put(inner?, rest, value)?;
        }
    }
    Some(())
}

struct Changes<'a> {
    text: &'a str,
    is_json: bool,
    found: Vec<(Range<usize>, String)>,
}

impl Changes<'_> {
    fn made(mut self) -> String {
        self.found.sort_by_key(|(range, _)| range.start);
        let (mut out, mut at) = (String::with_capacity(self.text.len() + 64), 0);
        for (range, new) in &self.found {
            // One inside another changes what is read: that is seen there.
            out.push_str(self.text.get(at..range.start).unwrap_or_default());
            out.push_str(new);
            at = at.max(range.end);
        }
        out + self.text.get(at..).unwrap_or_default()
    }

    /// Follows the path.
    fn edit(&mut self, located: &Located, old: &Value, path: &[String], value: &Value) -> Result<(), String> {
        let Some((key, rest)) = path.split_first() else { return self.replace(located, None, old, value) };
        match &located.form {
            Form::List { items, .. } => {
                let n: usize = key.parse().map_err(|_| "it is no item of a list".to_owned())?;
                let item = items.get(n).ok_or("there is no such item")?;
                self.edit(item, &old[n], rest, value)
            }
            Form::Map { entries, flow } => match entries.iter().find(|(name, ..)| name == key) {
                Some((_, at, inner)) if rest.is_empty() => self.replace(inner, Some(at), &old[key], value),
                Some((_, _, inner)) => self.edit(inner, &old[key], rest, value),
                None if rest.is_empty() => self.add(entries, *flow, located, key, value),
                None => Err("it stands elsewhere".to_owned()),
            },
            Form::Scalar(_) | Form::Other => Err("it stands elsewhere".to_owned()),
        }
    }

    /// Writes the new value over the old one, or over those parts of it that differ.
    fn replace(
        &mut self,
        located: &Located,
        key: Option<&Range<usize>>,
        old: &Value,
        value: &Value,
    ) -> Result<(), String> {
        if old == value {
            return Ok(());
        }
        match (&located.form, old, value) {
            (Form::Map { entries, .. }, Value::Object(from), Value::Object(to)) if same_keys(from, to) => {
                for (name, new) in to {
                    let entry = entries.iter().find(|(own, ..)| own == name);
                    let (_, at, inner) = entry.ok_or("a part of it stands elsewhere")?;
                    self.replace(inner, Some(at), &from[name], new)?;
                }
                return Ok(());
            }
            (Form::List { items, .. }, Value::Array(from), Value::Array(to))
                if from.len() == to.len() && items.len() == to.len() =>
            {
                return items
                    .iter()
                    .zip(from.iter().zip(to))
                    .try_for_each(|(item, (from, to))| self.replace(item, None, from, to));
            }
            _ => {}
        }
        let (range, new) = self.whole(located, key, value)?;
        self.found.push((range, new));
        Ok(())
    }

    /// What takes the place of a whole value.
    fn whole(
        &self,
        located: &Located,
        key: Option<&Range<usize>>,
        value: &Value,
    ) -> Result<(Range<usize>, String), String> {
        let span = located.span.clone();
        match &located.form {
            Form::Scalar(style @ (ScalarStyle::Literal | ScalarStyle::Folded)) => {
                let key = key.ok_or("a text in block style is an item of a list")?;
                self.behind(key, span, &self.block(value, *style, key))
            }
            Form::Scalar(style) => {
                let blank = if span.is_empty() { " " } else { "" };
                Ok((span, format!("{blank}{}", self.scalar(value, *style))))
            }
            Form::List { flow: true, .. } | Form::Map { flow: true, .. } => {
                self.without_comment(&span)?;
                Ok((span, self.flow(value)))
            }
            Form::List { .. } | Form::Map { .. } => {
                let key = key.ok_or("a collection in block style is an item of a list")?;
                self.without_comment(&(key.end..span.end))?;
                self.behind(key, span, &self.flow(value))
            }
            Form::Other => Err("it stands elsewhere, or has a name that others use".to_owned()),
        }
    }

    /// A value in place of all that stands behind its key.
    fn behind(&self, key: &Range<usize>, span: Range<usize>, new: &str) -> Result<(Range<usize>, String), String> {
        let colon = self.text[key.end..].find(':').ok_or("its key has no colon")?;
        let start = key.end + colon + 1;
        let old = &self.text[start..span.end.max(start)];
        let end = start + old.trim_end().len();
        Ok((start..end, format!(" {new}")))
    }

    fn without_comment(&self, range: &Range<usize>) -> Result<(), String> {
        let text = self.text.get(range.clone()).unwrap_or_default();
        let is_comment = |line: &str| line.trim_start().starts_with('#') || line.contains(" #");
        match !self.is_json && text.lines().any(is_comment) {
            true => Err("it has a comment, which would be lost".to_owned()),
            false => Ok(()),
        }
    }

    /// A new entry behind the last one of a map.
    fn add(
        &mut self,
        entries: &[(String, Range<usize>, Located)],
        flow: bool,
        map: &Located,
        key: &str,
        value: &Value,
    ) -> Result<(), String> {
        let ((_, first, _), (_, _, last)) = entries.first().zip(entries.last()).ok_or("the map is empty")?;
        let line = self.text[..first.start].rfind('\n').map_or(0, |n| n + 1);
        let before = &self.text[line..first.start];
        let name = if self.is_json { Value::from(key).to_string() } else { key.to_owned() };
        let new = format!("{name}: {}", self.flow(value));
        if flow {
            let own_line = before.trim().is_empty() && line > map.span.start;
            let gap = if own_line { format!(",\n{before}") } else { ", ".to_owned() };
            self.found.push((last.span.end..last.span.end, gap + &new));
            return Ok(());
        }
        // `- name:` is as deep as what stands below it.
        let indent: String = before.chars().map(|_| ' ').collect();
        let end = map.span.start + self.text[map.span.start..map.span.end].trim_end().len();
        // A comment behind the last value stays there.
        let end = self.text[end..].find('\n').map_or(self.text.len(), |n| end + n);
        self.found.push((end..end, format!("\n{indent}{new}")));
        Ok(())
    }

    fn scalar(&self, value: &Value, style: ScalarStyle) -> String {
        match value {
            Value::String(text) if !self.is_json => match style {
                ScalarStyle::Plain if is_plain(text) => text.clone(),
                ScalarStyle::SingleQuoted if !text.contains(|c: char| c.is_control()) => {
                    format!("'{}'", text.replace('\'', "''"))
                }
                _ => Value::from(text.as_str()).to_string(),
            },
            other => self.flow(other),
        }
    }

    /// A text in block style again, where its lines allow it.
    fn block(&self, value: &Value, style: ScalarStyle, key: &Range<usize>) -> String {
        let Value::String(text) = value else { return self.flow(value) };
        let body = text.strip_suffix('\n').unwrap_or(text);
        let is_odd = |line: &str| line.trim().is_empty() || line.contains(|c: char| c.is_control());
        let starts_blank = body.starts_with([' ', '\t']);
        if style != ScalarStyle::Literal || starts_blank || body.is_empty() || body.split('\n').any(is_odd) {
            return self.flow(value);
        }
        let line = self.text[..key.start].rfind('\n').map_or(0, |n| n + 1);
        let indent = " ".repeat(self.text[line..key.start].chars().count() + 2);
        let head = if text.ends_with('\n') { "|" } else { "|-" };
        body.split('\n').fold(head.to_owned(), |out, line| format!("{out}\n{indent}{line}"))
    }

    /// A value on one line.
    fn flow(&self, value: &Value) -> String {
        let key = |name: &str| match !self.is_json && is_plain(name) && !name.contains(' ') {
            true => name.to_owned(),
            false => Value::from(name).to_string(),
        };
        match value {
            Value::Array(items) => {
                format!("[{}]", items.iter().map(|item| self.flow(item)).collect::<Vec<_>>().join(", "))
            }
            Value::Object(map) if map.is_empty() => "{}".to_owned(),
            Value::Object(map) => {
                let entries: Vec<String> =
                    map.iter().map(|(name, value)| format!("{}: {}", key(name), self.flow(value))).collect();
                if self.is_json {
                    format!("{{{}}}", entries.join(", "))
                } else {
                    format!("{{ {} }}", entries.join(", "))
                }
            }
            other => other.to_string(),
        }
    }
}

fn same_keys(one: &serde_json::Map<String, Value>, other: &serde_json::Map<String, Value>) -> bool {
    one.len() == other.len() && one.keys().all(|key| other.contains_key(key))
}

/// Whether a text is one without quotes, too.
fn is_plain(text: &str) -> bool {
    const WORDS: &[&str] = &["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '/' | '$');
    text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '/' | '$'))
        && text.chars().all(plain)
        && !text.ends_with(' ')
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}
