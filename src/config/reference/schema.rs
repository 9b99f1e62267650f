//! The JSON Schema of the configuration: what its readers ask for while they read the reference.
//!
//! So there is no second table of keys and types that could say something else than the readers do.

use std::collections::{BTreeSet, HashMap};

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::told::{Reference, references};
use crate::config::document::{Asked, Node, join};
use crate::config::load;

/// The schema, of draft 7, which editors know.
pub(crate) fn schema() -> Value {
    let shape = references().iter().fold(Shape::default(), |shape, reference| {
        let recorded = load::recorded(&reference.tree);
        shape.merge(Shape::of(reference, &reference.tree, "", &recorded))
    });
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Configuration of stagegate",
    });
    if let (Value::Object(schema), Value::Object(shape)) = (&mut schema, shape.to_json()) {
        schema.extend(shape);
    }
    schema
}

/// What may stand in a place.
#[derive(Default)]
struct Shape {
    scalars: Vec<Asked>,
    fields: IndexMap<String, Shape>,
    needed: BTreeSet<String>,
    is_closed: bool,
    /// Whether a map is one of several things that may stand there.
    is_map: bool,
    entries: Option<Box<Shape>>,
    items: Option<Box<Shape>>,
    /// Whether it is taken whole, so that its readers say nothing about it.
    is_whole: bool,
    text: Option<String>,
    default: Option<Value>,
}

impl Shape {
    fn of(reference: &Reference, node: &Node, path: &str, recorded: &HashMap<String, Vec<Asked>>) -> Shape {
        let mut shape = Shape::default();
        // What stands behind a list's dash is told of the first key.
        let is_item = path.ends_with(']') && node.is_map();
        if let Some(told) = reference.told(node).filter(|_| !path.is_empty() && !is_item) {
            shape.text = Some(told.text);
            shape.default = told.is_default.then(|| node.to_json());
        }
        let Some(asked) = recorded.get(path) else { return Shape { is_whole: true, ..shape } };
        let inside = |key: &str, node: &Node| Shape::of(reference, node, &join(path, key), recorded);
        for asked in asked {
            match asked {
                Asked::Items => {
                    let items = node.items().iter().enumerate();
                    let items = items.map(|(n, item)| Shape::of(reference, item, &format!("{path}[{n}]"), recorded));
                    shape.items = Some(Box::new(items.fold(Shape::default(), Shape::merge)));
                }
                Asked::Entries => {
                    let entries = node.entries().map(|(key, node)| inside(key, node));
                    shape.entries = Some(Box::new(entries.fold(Shape::default(), Shape::merge).untold()));
                }
                Asked::Field(key) => {
                    let field = node.get(key).map(|node| inside(key, node)).unwrap_or_default();
                    shape.fields.insert((*key).to_owned(), field);
                }
                Asked::Needed(key) => {
                    shape.needed.insert((*key).to_owned());
                }
                Asked::Closed => shape.is_closed = true,
                Asked::Map => shape.is_map = true,
                Asked::Texts => {
                    let text = Shape { scalars: vec![Asked::Text], ..Shape::default() };
                    let items = shape.items.take().map_or(Shape::default(), |items| *items);
                    shape.items = Some(Box::new(items.merge(text)));
                }
                scalar => shape.scalars.push(scalar.clone()),
            }
        }
        shape
    }

    /// What is true of one of several names is not true of each.
    fn untold(self) -> Shape {
        Shape { text: None, default: None, ..self }
    }

    /// What may stand in either place.
    fn merge(mut self, other: Shape) -> Shape {
        // Where a map may be of two kinds, such as a route, what only one of them needs need not be there.
        match (self.fields.is_empty(), other.fields.is_empty()) {
            (true, _) => self.needed = other.needed,
            (false, true) => {}
            (false, false) => self.needed.retain(|key| other.needed.contains(key)),
        }
        for scalar in other.scalars {
            if !self.scalars.contains(&scalar) {
                self.scalars.push(scalar);
            }
        }
        for (key, shape) in other.fields {
            let own = self.fields.shift_remove(&key).unwrap_or_default();
            self.fields.insert(key, own.merge(shape));
        }
        let both = |a: Option<Box<Shape>>, b: Option<Box<Shape>>| match (a, b) {
            (Some(a), Some(b)) => Some(Box::new(a.merge(*b))),
            (a, b) => a.or(b),
        };
        self.is_closed |= other.is_closed;
        self.is_map |= other.is_map;
        self.entries = both(self.entries, other.entries);
        self.items = both(self.items, other.items);
        self.is_whole |= other.is_whole;
        self.text = self.text.or(other.text);
        self.default = self.default.or(other.default);
        self
    }

    fn to_json(&self) -> Value {
        let mut options: Vec<Value> = Vec::new();
        if !self.is_whole {
            options.extend(self.scalars.iter().map(scalar));
            options.extend(self.items.as_ref().map(|items| json!({ "type": "array", "items": items.to_json() })));
            if self.is_closed || self.entries.is_some() || !self.fields.is_empty() {
                options.push(self.object());
            } else if self.is_map {
                options.push(json!({ "type": "object" }));
            }
        }
        let mut all = Map::new();
        if let Some(text) = &self.text {
            all.insert("description".to_owned(), json!(text));
        }
        match <[Value; 1]>::try_from(options) {
            Ok([Value::Object(only)]) => all.extend(only),
            Ok(_) => {}
            Err(several) if several.is_empty() => {}
            Err(several) => {
                all.insert("anyOf".to_owned(), Value::Array(several));
            }
        }
        all.extend(self.default.as_ref().map(|default| ("default".to_owned(), default.clone())));
        Value::Object(all)
    }

    fn object(&self) -> Value {
        let mut object = Map::from_iter([("type".to_owned(), json!("object"))]);
        if !self.fields.is_empty() {
            let fields = self.fields.iter().map(|(key, shape)| (key.clone(), shape.to_json()));
            object.insert("properties".to_owned(), Value::Object(fields.collect()));
        }
        match &self.entries {
            Some(entries) => object.insert("additionalProperties".to_owned(), entries.to_json()),
            None if self.is_closed => object.insert("additionalProperties".to_owned(), json!(false)),
            None => None,
        };
        if !self.needed.is_empty() {
            object.insert("required".to_owned(), json!(self.needed));
        }
        Value::Object(object)
    }
}

fn scalar(asked: &Asked) -> Value {
    match asked {
        Asked::Bool => json!({ "type": "boolean" }),
        Asked::Integer(least, u64::MAX) => json!({ "type": "integer", "minimum": least }),
        Asked::Integer(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Asked::Number(least, f64::MAX) => json!({ "type": "number", "minimum": least }),
        Asked::Number(least, most) => json!({ "type": "number", "minimum": least, "maximum": most }),
        Asked::Duration => json!({ "type": "string", "pattern": "^\\s*([0-9.]+(ms|[smhd]))+\\s*$" }),
        Asked::Bytes(least) => json!({
            "type": ["integer", "string"], "minimum": least, "pattern": "^\\s*[0-9]+\\s*([KMG]i?B|kB|B)?\\s*$"
        }),
        Asked::Address => {
            json!({ "type": "string", "pattern": "^(localhost|[0-9.]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$" })
        }
        Asked::Url => json!({ "type": "string", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://" }),
        Asked::Choice(words) => choice(words),
        Asked::Made => json!({ "type": ["string", "number", "boolean", "object"], "maxProperties": 1 }),
        _ => json!({ "type": ["string", "number", "boolean"] }),
    }
}

/// The words for editors to offer, in any letter case; a word that looks like a number or boolean may be one.
fn choice(words: &[String]) -> Value {
    let plain = words.iter().filter_map(|word| serde_json::from_str(word).ok());
    let offered: Vec<Value> = words.iter().map(|word| json!(word)).chain(plain).collect();
    let any_case = |word: &String| {
        let letter = |c: char| match c.is_ascii_alphabetic() {
            true => format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase()),
            false => regex::escape(&c.to_string()),
        };
        word.chars().map(letter).collect::<String>()
    };
    let pattern = words.iter().map(any_case).collect::<Vec<String>>().join("|");
    json!({ "anyOf": [{ "enum": offered }, { "type": "string", "pattern": format!("^({pattern})$") }] })
}
