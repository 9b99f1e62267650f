//! JSON as YAML that people read: blocks, and quotes only where they are needed.

use serde_json::Value;

/// The document.
pub(crate) fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

/// Writes a value after its key or dash; a collection begins on a line of its own.
fn write(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (n, (key, value)) in map.iter().enumerate() {
                if n > 0 || !out.ends_with("- ") {
                    margin(indent, out);
                }
                out.push_str(&scalar(key));
                out.push(':');
                follow(value, indent + 2, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                margin(indent, out);
                out.push_str("- ");
                match item {
                    Value::Object(map) if !map.is_empty() => write(item, indent + 2, out),
                    _ => inline(item, indent + 2, out),
                }
            }
        }
        _ => inline(value, indent, out),
    }
}

fn follow(value: &Value, indent: usize, out: &mut String) {
    let is_empty = value.as_object().is_some_and(|m| m.is_empty()) || value.as_array().is_some_and(|a| a.is_empty());
    match value {
        Value::Object(_) | Value::Array(_) if !is_empty => {
            out.push('\n');
            write(value, indent, out);
        }
        _ => {
            out.push(' ');
            inline(value, indent, out);
        }
    }
}

fn inline(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::String(text) if is_block(text) => block(text, indent, out),
        Value::String(text) => {
            out.push_str(&scalar(text));
            out.push('\n');
        }
        // A list in a list, and what is empty: in JSON's way, which YAML takes too.
        _ => {
            out.push_str(&value.to_string());
            out.push('\n');
        }
    }
}

/// Lines of text as they are; what a literal block cannot hold is quoted.
fn is_block(text: &str) -> bool {
    let is_plain = |c: char| {
        c == '\n' || (!c.is_control() && c != '\u{feff}' && c != '\u{85}' && c != '\u{2028}' && c != '\u{2029}')
    };
    let first = text.trim_start_matches('\n').chars().next();
    text.contains('\n') && text.chars().all(is_plain) && first.is_some_and(|c| c != ' ') && !text.starts_with('\n')
}

fn block(text: &str, indent: usize, out: &mut String) {
    let body = text.trim_end_matches('\n');
    out.push_str(match text.len() - body.len() {
        0 => "|-\n",
        1 => "|\n",
        _ => "|+\n",
    });
    for line in body.split('\n').chain(std::iter::repeat_n("", (text.len() - body.len()).saturating_sub(1))) {
        if !line.is_empty() {
            margin(indent, out);
            out.push_str(line);
        }
        out.push('\n');
    }
}

fn margin(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// A text without quotes where nothing else could be meant.
fn scalar(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_-./$+".contains(c);
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || "/$_".contains(c));
    let is_other = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word));
    match begins && text.chars().all(is_word) && !is_other {
        true => text.to_owned(),
        false => Value::String(text.to_owned()).to_string(),
    }
}
