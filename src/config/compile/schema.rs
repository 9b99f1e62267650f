//! A schema's JSON as a body's walk needs it: keywords by the kind of value that they speak of, references resolved.

use std::collections::{BTreeSet, HashMap};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::api::{ArrayRules, Combined, Dependency, JsonSchema, Name, Node, NodeId, ObjectRules, Options, Rest};

/// What is asked of numbers, and of strings: the jsonschema crate answers those.
const OF_NUMBERS: &[&str] = &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
const OF_STRINGS: &[&str] = &["minLength", "maxLength", "pattern", "format"];
/// The most steps that a pattern with a look-around or a back reference takes in one text.
const BACKTRACKING: usize = 10_000;

/// A bundle that is a schema of draft 4, compiled.
pub(crate) fn compile(bundle: &Value) -> Result<JsonSchema, String> {
    let mut compiler = Compiler { bundle, schema: JsonSchema::default(), known: HashMap::new(), open: Vec::new() };
    compiler.node(bundle);
    while let Some((id, json)) = compiler.open.pop() {
        let node = compiler.compile(json)?;
        compiler.schema.nodes[id as usize] = node;
    }
    Ok(compiler.schema)
}

struct Compiler<'a> {
    bundle: &'a Value,
    schema: JsonSchema,
    /// By the address of their JSON, as schemas refer to each other in circles.
    known: HashMap<*const Value, NodeId>,
    /// Numbered, but not compiled.
    open: Vec<(NodeId, &'a Value)>,
}

impl<'a> Compiler<'a> {
    fn node(&mut self, json: &'a Value) -> NodeId {
        let next = self.schema.nodes.len() as NodeId;
        let id = *self.known.entry(std::ptr::from_ref(json)).or_insert(next);
        if id == next {
            self.schema.nodes.push(Node::default());
            self.open.push((id, json));
        }
        id
    }

    fn nodes(&mut self, list: Option<&'a Value>) -> Vec<NodeId> {
        list.and_then(Value::as_array).into_iter().flatten().map(|json| self.node(json)).collect()
    }

    fn name(&self, text: &str) -> Name {
        Name { text: text.to_owned(), hash: self.schema.keys.hash(text.as_bytes()) }
    }

    fn names(&self, list: &Value) -> Vec<Name> {
        list.as_array().into_iter().flatten().filter_map(Value::as_str).map(|name| self.name(name)).collect()
    }

    fn compile(&mut self, json: &'a Value) -> Result<Node, String> {
        let Some(map) = json.as_object() else { return Ok(Node::default()) };
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            let target = reference.strip_prefix('#').and_then(|pointer| self.bundle.pointer(pointer));
            return Ok(Node { reference: target.map(|json| self.node(json)), ..Node::default() });
        }
        let options = map.get("enum").map(|written| Options {
            hashes: written.as_array().into_iter().flatten().map(|value| self.schema.keys.value(value)).collect(),
            written: written.clone(),
        });
        Ok(Node {
            reference: None,
            types: map.get("type").map(types),
            options,
            number: simple(map, OF_NUMBERS)?,
            string: simple(map, OF_STRINGS)?,
            array: self.array(map),
            object: self.object(map)?,
            combined: self.combined(map),
        })
    }

    fn rest(&mut self, json: Option<&'a Value>) -> Rest {
        match json {
            Some(Value::Bool(false)) => Rest::None,
            Some(json @ Value::Object(_)) => Rest::Schema(self.node(json)),
            _ => Rest::Any,
        }
    }

    fn array(&mut self, map: &'a Map<String, Value>) -> Option<Box<ArrayRules>> {
        const WORDS: &[&str] = &["minItems", "maxItems", "uniqueItems", "items"];
        is_asked(map, WORDS).then(|| {
            let list = map.get("items").filter(|items| items.is_array());
            let rest = if list.is_some() { map.get("additionalItems") } else { map.get("items") };
            Box::new(ArrayRules {
                min: count(map, "minItems"),
                max: count(map, "maxItems"),
                unique: map.get("uniqueItems") == Some(&Value::Bool(true)),
                items: self.nodes(list),
                rest: self.rest(rest),
            })
        })
    }

    fn object(&mut self, map: &'a Map<String, Value>) -> Result<Option<Box<ObjectRules>>, String> {
        const WORDS: &[&str] = &[
            "minProperties",
            "maxProperties",
            "required",
            "properties",
            "patternProperties",
            "additionalProperties",
            "dependencies",
        ];
        if !is_asked(map, WORDS) {
            return Ok(None);
        }
        let named = |word: &str| map.get(word).and_then(Value::as_object).into_iter().flatten();
        let mut properties = Vec::new();
        for (name, json) in named("properties") {
            properties.push((self.name(name).hash, self.node(json)));
        }
        properties.sort_unstable();
        let mut patterns = Vec::new();
        for (pattern, json) in named("patternProperties") {
            patterns.push((validator(&json!({ "pattern": pattern }))?, self.node(json)));
        }
        let mut dependencies = Vec::new();
        for (name, json) in named("dependencies") {
            let dependency = match json {
                Value::Array(_) => Dependency::Names(self.names(json)),
                _ => Dependency::Schema(self.node(json)),
            };
            dependencies.push((self.name(name), dependency));
        }
        Ok(Some(Box::new(ObjectRules {
            min: count(map, "minProperties"),
            max: count(map, "maxProperties"),
            required: map.get("required").map(|list| self.names(list)).unwrap_or_default(),
            properties,
            patterns,
            rest: self.rest(map.get("additionalProperties")),
            dependencies,
        })))
    }

    fn combined(&mut self, map: &'a Map<String, Value>) -> Option<Box<Combined>> {
        is_asked(map, &["allOf", "anyOf", "oneOf", "not"]).then(|| {
            Box::new(Combined {
                all_of: self.nodes(map.get("allOf")),
                any_of: self.nodes(map.get("anyOf")),
                one_of: self.nodes(map.get("oneOf")),
                not: map.get("not").map(|json| self.node(json)),
            })
        })
    }
}

fn is_asked(map: &Map<String, Value>, words: &[&str]) -> bool {
    words.iter().any(|word| map.contains_key(*word))
}

fn types(written: &Value) -> BTreeSet<String> {
    let names = written.as_array().map_or(std::slice::from_ref(written), Vec::as_slice);
    names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn count(map: &Map<String, Value>, word: &str) -> Option<u64> {
    map.get(word).and_then(|n| n.as_u64().or_else(|| n.as_f64().map(|n| n as u64)))
}

/// What these words ask of a single value.
fn simple(map: &Map<String, Value>, words: &[&str]) -> Result<Option<Box<Validator>>, String> {
    if !is_asked(map, words) {
        return Ok(None);
    }
    let kept = map.iter().filter(|(word, _)| words.contains(&word.as_str()));
    let kept = Value::Object(kept.map(|(word, value)| (word.clone(), value.clone())).collect());
    validator(&kept).map(|validator| Some(Box::new(validator)))
}

fn validator(schema: &Value) -> Result<Validator, String> {
    let patterns = jsonschema::PatternOptions::fancy_regex().backtrack_limit(BACKTRACKING);
    jsonschema::draft4::options().with_pattern_options(patterns).build(schema).map_err(|e| e.to_string())
}
