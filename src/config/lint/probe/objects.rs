//! What a template finds when it is probed: a text in every place, whatever it asks for.

use std::rc::Rc;

use super::marks::{Kind, Marks};
use crate::mapping::util::Util;
use crate::value::{Exception, List, ListKind, Object, Value};
use crate::vtl::{Limits, Scope, Template};

/// More than this no template of use needs for one text each.
pub(super) const LIMITS: Limits = Limits {
    template_size: 300 * 1024,
    loop_rounds: 4,
    steps: 50_000,
    depth: 100,
    output_size: 1024 * 1024,
    built_size: 4 * 1024 * 1024,
};

/// The references that every mapping template has.
pub(super) fn all(marks: &Marks) -> [(&'static str, Value); 4] {
    [
        ("input", object(Input(marks.clone()))),
        ("util", object(Utilities(marks.clone()))),
        ("context", object(Anything)),
        ("stageVariables", object(Anything)),
    ]
}

fn object(object: impl Object + 'static) -> Value {
    Value::Object(Rc::new(object))
}

type Called = Option<Result<Value, Exception>>;

/// `$input`
struct Input(Marks);

impl Object for Input {
    fn class(&self) -> &'static str {
        "Input"
    }

    fn property(&self, name: &str) -> Option<Value> {
        (name == "body").then(|| Value::from(self.0.text(Kind::Text, "$input.body")))
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Called {
        let found = match (name, arguments) {
            ("path", [Value::Str(path)]) => object(Found::new(&self.0, format!("$input.path('{path}')"))),
            ("json", [Value::Str(path)]) => Value::from(self.0.text(Kind::Json, &format!("$input.json('{path}')"))),
            ("params", []) => object(Parameters { marks: self.0.clone(), first: "querystring" }),
            ("params", [Value::Str(name)]) => Value::from(self.0.parameter(name)),
            _ => return None,
        };
        Some(Ok(found))
    }

    fn print(&self, _: &mut String) {}
}

fn is_kind(name: &str) -> bool {
    ["path", "querystring", "header"].contains(&name)
}

/// `$util`, the function's own but for what reads what only a text is.
struct Utilities(Marks);

impl Object for Utilities {
    fn class(&self) -> &'static str {
        "Util"
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Called {
        match (name, arguments) {
            ("parseJson", [_]) => Some(Ok(object(Found::new(&self.0, "$util.parseJson(…)".to_owned())))),
            ("base64Decode", [_]) => Some(Ok(Value::from(self.0.text(Kind::Text, "$util.base64Decode(…)")))),
            _ => Util.call(name, arguments),
        }
    }

    fn print(&self, _: &mut String) {}
}

/// `$input.params()`: each kind is one of these again, and each name a text.
struct Parameters {
    marks: Marks,
    /// The one key that it shows.
    first: &'static str,
}

/// The parameters of one kind.
fn named(marks: &Marks) -> Value {
    object(Parameters { marks: marks.clone(), first: "name" })
}

impl Parameters {
    fn get(&self, name: &str) -> Value {
        if is_kind(name) { named(&self.marks) } else { Value::from(self.marks.parameter(name)) }
    }
}

impl Object for Parameters {
    fn class(&self) -> &'static str {
        "Map"
    }

    fn property(&self, name: &str) -> Option<Value> {
        Some(self.get(name))
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Called {
        Some(Ok(match (name, arguments) {
            ("get", [Value::Str(key)]) => self.get(key),
            ("keySet", []) => list(vec![Value::from(self.first)]),
            ("entrySet", []) => list(vec![object(Entry { key: self.first, value: self.get(self.first) })]),
            ("values", []) => list(vec![self.get(self.first)]),
            _ => return answer(name),
        }))
    }

    fn print(&self, out: &mut String) {
        out.push_str("{}");
    }
}

/// What a path finds: an object, a list and a text at once.
struct Found {
    marks: Marks,
    name: String,
}

impl Found {
    fn new(marks: &Marks, name: String) -> Found {
        Found { marks: marks.clone(), name }
    }

    fn inside(&self, step: &str) -> Value {
        // Of a loop that goes deeper each round only the outside counts.
        let name = if self.name.len() > 200 { self.name.clone() } else { format!("{}{step}", self.name) };
        object(Found::new(&self.marks, name))
    }

    fn text(&self) -> String {
        self.marks.text(Kind::Text, &self.name)
    }
}

impl Object for Found {
    fn class(&self) -> &'static str {
        "Map"
    }

    fn property(&self, name: &str) -> Option<Value> {
        Some(self.inside(&format!(".{name}")))
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Called {
        Some(Ok(match (name, arguments) {
            ("get", [Value::Str(key)]) => self.inside(&format!(".{key}")),
            ("get", [_]) => self.inside(""),
            ("keySet", []) => list(vec![Value::from("name")]),
            ("entrySet", []) => list(vec![object(Entry { key: "name", value: self.inside("") })]),
            ("values", []) => list(vec![self.inside("")]),
            _ => return answer(name).or_else(|| of_text(&self.text(), name, arguments)),
        }))
    }

    fn print(&self, out: &mut String) {
        out.push_str(&self.text());
    }

    fn iterate(&self) -> Option<Vec<Value>> {
        Some(vec![self.inside("")])
    }
}

/// What has no text of its own to tell.
fn answer(name: &str) -> Called {
    Some(Ok(match name {
        "size" | "length" => Value::Int(1),
        "isEmpty" => Value::Bool(false),
        "containsKey" | "contains" => Value::Bool(true),
        "put" | "remove" | "add" => Value::Null,
        _ => return None,
    }))
}

/// A text's own method, as Velocity calls it.
fn of_text(text: &str, name: &str, arguments: &[Value]) -> Called {
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric());
    let named: Vec<String> = (0..arguments.len().min(4)).map(|n| format!("$a{n}")).collect();
    let template = Template::parse(&format!("#set($answer = $text.{name}({}))", named.join(", ")));
    let template = template.ok().filter(|_| is_name)?;
    let mut scope = Scope::new();
    scope.set("text", Value::from(text));
    for (n, argument) in arguments.iter().enumerate() {
        scope.set(&format!("a{n}"), argument.clone());
    }
    template.render(&mut scope, &Limits { steps: 10_000, ..LIMITS }).ok()?;
    scope.get("answer").map(Ok)
}

/// An entry of a map.
struct Entry {
    key: &'static str,
    value: Value,
}

impl Object for Entry {
    fn class(&self) -> &'static str {
        "Entry"
    }

    fn property(&self, name: &str) -> Option<Value> {
        match name {
            "key" => Some(Value::from(self.key)),
            "value" => Some(self.value.clone()),
            _ => None,
        }
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Called {
        match (name, arguments) {
            ("getKey", []) => Some(Ok(Value::from(self.key))),
            ("getValue", []) => Some(Ok(self.value.clone())),
            _ => None,
        }
    }

    fn print(&self, _: &mut String) {}
}

/// What nobody outside has a say in: `$context` and `$stageVariables`.
struct Anything;

impl Object for Anything {
    fn class(&self) -> &'static str {
        "Map"
    }

    fn property(&self, _: &str) -> Option<Value> {
        Some(object(Anything))
    }

    fn call(&self, name: &str, _: &[Value]) -> Called {
        Some(Ok(match name {
            "get" => object(Anything),
            "keySet" => list(vec![Value::from("name")]),
            "toString" | "replaceAll" | "replace" | "toLowerCase" | "toUpperCase" | "trim" | "substring" => {
                Value::from("1")
            }
            _ => return answer(name),
        }))
    }

    fn set(&self, _: &str, _: &Value) -> bool {
        true
    }

    fn print(&self, out: &mut String) {
        out.push('1');
    }
}

fn list(items: Vec<Value>) -> Value {
    Value::List(List::new(ListKind::Plain, items))
}
