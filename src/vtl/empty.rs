//! What came out empty in a render, and why: for authors who look at a template that prints less than they meant.

use std::fmt;

use super::ast::{AccessStep, Expr, Reference};
use super::error::{Error, ErrorKind};
use super::methods;
use crate::value::{StrKey, Value};

/// So many are noted of one render: a loop makes many of one kind.
pub(super) const MOST: usize = 50;
/// Names of a map that are told.
const NAMES: usize = 8;
/// Characters of an argument that is told.
const LONGEST: usize = 60;

/// A reference that stood for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Empty {
    /// The line, counted from 1.
    pub(crate) line: usize,
    /// The column in characters, counted from 1.
    pub(crate) column: usize,
    /// The reference, in short.
    pub(crate) reference: String,
    /// Why it is empty.
    pub(crate) cause: String,
}

impl Empty {
    /// A reference of a source whose step, counted from 1, gave nothing on that value; step 0 is the name itself.
    pub(super) fn at(source: &str, reference: &Reference, step: usize, on: &Value) -> Empty {
        let place = Error::at(ErrorKind::Render, source, reference.at, String::new());
        let cause = match step.checked_sub(1).and_then(|before| reference.steps.get(before)) {
            None => format!("nothing is called ${}", reference.root.text),
            Some(access) => refused(&written(reference, step - 1), access, on),
        };
        Empty { line: place.line, column: place.column, reference: written(reference, reference.steps.len()), cause }
    }
}

impl fmt::Display for Empty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {} is empty: {}", self.line, self.column, self.reference, self.cause)
    }
}

/// The reference up to that step.
fn written(reference: &Reference, steps: usize) -> String {
    let mut text = format!("${}", reference.root.text);
    for step in &reference.steps[..steps] {
        match step {
            AccessStep::Property(name) => text.extend([".", name.as_str()]),
            AccessStep::Method(name, arguments) => {
                text.extend([".", &name.text, "("]);
                text.push_str(&arguments.iter().map(argument).collect::<Vec<_>>().join(", "));
                text.push(')');
            }
            AccessStep::Index(_) => text.push_str("[…]"),
        }
    }
    text
}

/// What was asked for, when the template says it plainly.
fn argument(argument: &Expr) -> String {
    match argument {
        Expr::Text(text)
            if text.chars().count() <= LONGEST && !text.contains(|c: char| c.is_control() || c == '\'') =>
        {
            format!("'{text}'")
        }
        Expr::Integer(number) => number.to_string(),
        _ => "…".to_owned(),
    }
}

/// Why a step on a value gives nothing.
fn refused(holder: &str, step: &AccessStep, on: &Value) -> String {
    match (step, on) {
        (AccessStep::Property(name), Value::Map(map)) => {
            let entries = map.entries().borrow();
            if entries.get(&StrKey(name.as_str())).is_some() {
                return format!("`{name}` of {holder} is null");
            }
            let mut names: Vec<String> = Vec::new();
            for (key, _) in entries.iter().take(NAMES) {
                names.extend(match key {
                    Value::Str(name) => Some(format!("`{name}`")),
                    _ => None,
                });
            }
            let others = match (names.len(), entries.len()) {
                (0, _) => "it is empty".to_owned(),
                (shown, all) if shown < all => format!("it has {}, …", names.join(", ")),
                _ => format!("it has {}", names.join(", ")),
            };
            format!("{holder} has no member `{name}`: {others}")
        }
        (AccessStep::Property(name), Value::Str(text)) => {
            let text = text.trim_start();
            let hint = match text.starts_with(['{', '[']) {
                true => "; it is JSON as text, which `$util.parseJson` reads",
                false => "",
            };
            format!("{holder} is a text, it has no property `{name}`{hint}")
        }
        (AccessStep::Property(name), _) => format!("{holder} is {}, it has no property `{name}`", kind(on)),
        (AccessStep::Method(name, arguments), Value::Object(_)) => match arguments.first() {
            Some(asked @ Expr::Text(_)) => format!("`{name}` finds nothing at {}", argument(asked)),
            _ => format!("`{name}` of {holder} finds nothing"),
        },
        (AccessStep::Method(name, arguments), _) => {
            format!("{holder} is {}: `{name}` with {} gives nothing", kind(on), counted(arguments.len()))
        }
        (AccessStep::Index(_), _) => format!("{holder} is {}: nothing is at that index", kind(on)),
    }
}

fn counted(arguments: usize) -> String {
    match arguments {
        1 => "1 argument".to_owned(),
        n => format!("{n} arguments"),
    }
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Str(_) => "a text".to_owned(),
        Value::Map(_) => "a map".to_owned(),
        Value::List(_) => "a list".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Object(_) => format!("an object of class {}", methods::class(value)),
        _ => "a number".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::value::json;
    use crate::vtl::{Limits, Scope, Template};

    /// A template over `$in`, and what is told of it.
    const TOLD: &[(&str, &[&str])] = &[
        ("$in.a.b", &["line 1, column 1: $in.a.b is empty: $in.a is a text, it has no property `b`"]),
        (
            "x\n  $in.json.b",
            &[
                "line 2, column 3: $in.json.b is empty: $in.json is a text, it has no property `b`; it is JSON as text, which `$util.parseJson` reads",
            ],
        ),
        (
            "$in.nul $!other.x",
            &[
                "line 1, column 1: $in.nul is empty: `nul` of $in is null",
                "line 1, column 9: $other.x is empty: nothing is called $other",
            ],
        ),
        (
            "$in.missing",
            &["line 1, column 1: $in.missing is empty: $in has no member `missing`: it has `a`, `json`, `nul`, `list`"],
        ),
        (
            "#if($in.list.size() > 0)$in.list.name#end",
            &["line 1, column 25: $in.list.name is empty: $in.list is a list, it has no property `name`"],
        ),
        (
            "#foreach($x in $in.list)$x.y#end",
            &["line 1, column 25: $x.y is empty: $x is a number, it has no property `y`"],
        ),
        (
            "$in.a.replace('x')",
            &[
                "line 1, column 1: $in.a.replace('x') is empty: $in.a is a text: `replace` with 1 argument gives nothing",
            ],
        ),
        ("$in.a and #set($y = $in.nul)", &["line 1, column 21: $in.nul is empty: `nul` of $in is null"]),
    ];

    #[test]
    fn what_came_out_empty_is_told() {
        for (template, told) in TOLD {
            let mut scope = Scope::new();
            let value = json::parse(r#"{"a":"text","json":"{\"b\":1}","nul":null,"list":[1,2]}"#).expect("JSON");
            scope.set("in", value);
            let (out, empties) =
                Template::parse(template).expect("a template").render_noted(&mut scope, &Limits::default());
            assert!(out.is_ok());
            let empties: Vec<String> = empties.iter().map(ToString::to_string).collect();
            assert_eq!(empties, *told, "{template}");
        }
    }
}
