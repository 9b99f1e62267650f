//! Body models: JSON schemas of draft 4, compiled with every model that they refer to.
//!
//! Draft 4 is what API Gateway documents. Definitions may refer to a model by a url of the API itself
//! (`https://apigateway.amazonaws.com/restapis/{id}/models/{name}`), and models may refer to each other in a circle (both recorded
//! on AWS): so a schema is compiled as one bundle with all that it needs, and nothing is fetched.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::schema;
use crate::api::{JsonSchema, Model};
use crate::config::definition::written::{Body, Route, Schema};
use crate::config::document::{Place, Report, hint};

/// How many schemas may look at one value before a warning says so.
const WIDEST: u64 = 1_000;
const PREFIX: &str = "#/definitions/";

/// The models of an API, each compiled when it is first needed.
pub(crate) struct Models<'a> {
    written: &'a IndexMap<String, Schema>,
    compiled: HashMap<String, Option<Arc<JsonSchema>>>,
}

impl<'a> Models<'a> {
    /// None compiled yet.
    pub(crate) fn new(written: &'a IndexMap<String, Schema>) -> Models<'a> {
        Models { written, compiled: HashMap::new() }
    }

    /// The models of a route by media type.
    pub(crate) fn of_route(&mut self, route: &Route, report: &Report) -> Vec<(String, Model)> {
        let mut models = Vec::new();
        for (media_type, body) in &route.models {
            let (name, schema) = match body {
                Body::Named(name, place) => (name.clone(), self.named(name, place, report)),
                Body::Inline(schema) => (
                    format!("{} {}", route.method.as_str(), route.path),
                    self.compile(&schema.json, &schema.place, report),
                ),
            };
            models.extend(schema.map(|schema| (media_type.clone(), Model { name, schema })));
        }
        models
    }

    fn named(&mut self, name: &str, place: &Place, report: &Report) -> Option<Arc<JsonSchema>> {
        // One that does not compile is reported for each method that asks for it.
        let is_settled = |compiled: &&Option<_>| compiled.is_some() || !self.written.contains_key(name);
        if let Some(compiled) = self.compiled.get(name).filter(is_settled) {
            return compiled.clone();
        }
        let compiled = match self.written.get(name) {
            Some(schema) => self.compile(&schema.json, &schema.place, report),
            None => {
                if !is_built_in(name) {
                    let known: Vec<&str> = self.written.keys().map(String::as_str).collect();
                    let hint = hint(name, &known);
                    let message = format!("model `{name}` is not defined: bodies are not checked against it{hint}");
                    report.warning(place, "unknown-model", message);
                }
                None
            }
        };
        self.compiled.insert(name.to_owned(), compiled.clone());
        compiled
    }

    fn compile(&self, schema: &Value, place: &Place, report: &Report) -> Option<Arc<JsonSchema>> {
        let bundle = self.bundle(schema, place, report);
        match jsonschema::draft4::new(&bundle) {
            Ok(_) => {}
            Err(e) => {
                let at = e.schema_path().to_string();
                let message =
                    format!("the schema is not one of JSON schema draft 4: {} (at `{at}`)", plain(&e.to_string()));
                report.error(place, "model", message);
                return None;
            }
        }
        match schema::compile(&bundle) {
            Ok(schema) => {
                let fan = schema.fan();
                if fan > WIDEST {
                    let message = format!("`allOf`, `anyOf`, `oneOf` and `$ref` lead to {fan} schemas for one value");
                    report.warning(place, "wide-model", message);
                }
                Some(Arc::new(schema))
            }
            Err(e) => {
                report.error(place, "model", format!("the schema cannot be used: {}", plain(&e)));
                None
            }
        }
    }

    /// The schema with all that it refers to, directly or not, as its `definitions`.
    fn bundle(&self, schema: &Value, place: &Place, report: &Report) -> Value {
        let mut definitions = Map::new();
        let mut wanted = Vec::new();
        let mut root = tidy(schema, &mut wanted);
        hoist(&mut root, &mut definitions, self.written);
        while let Some(reference) = wanted.pop() {
            let Some(name) = model_name(&reference) else {
                report.warning(
                    place,
                    "unresolved-ref",
                    format!("`{reference}` is not in the document: anything fits it"),
                );
                continue;
            };
            if definitions.contains_key(&name) {
                continue;
            }
            let definition = match self.written.get(&name) {
                Some(schema) => {
                    let mut definition = tidy(&schema.json, &mut wanted);
                    hoist(&mut definition, &mut definitions, self.written);
                    definition
                }
                None => {
                    if !is_built_in(&name) {
                        let message = format!("model `{name}` is not defined: anything fits it");
                        report.warning(place, "unresolved-ref", message);
                    }
                    json!({})
                }
            };
            definitions.insert(name, definition);
        }
        if let (Value::Object(map), false) = (&mut root, definitions.is_empty()) {
            map.insert("definitions".to_owned(), Value::Object(definitions));
        }
        root
    }
}

/// API Gateway's own models, which let everything through.
fn is_built_in(name: &str) -> bool {
    matches!(name, "Empty" | "Error")
}

/// The model that a reference leads into.
fn model_name(reference: &str) -> Option<String> {
    let name = reference.strip_prefix(PREFIX)?.split('/').next()?;
    let plain = name.replace("~1", "/").replace("~0", "~");
    Some(plain)
}

/// A model's own `definitions`, to which its references lead unless a model has that name.
fn hoist(schema: &mut Value, definitions: &mut Map<String, Value>, written: &IndexMap<String, Schema>) {
    let Some(Value::Object(own)) = schema.as_object_mut().and_then(|map| map.shift_remove("definitions")) else {
        return;
    };
    for (name, definition) in own {
        if !written.contains_key(&name) && !definitions.contains_key(&name) {
            definitions.insert(name, definition);
        }
    }
}

/// What OpenAPI documents have in schemas and draft 4 refuses; references that lead out of the document go.
fn tidy(schema: &Value, wanted: &mut Vec<String>) -> Value {
    match schema {
        Value::Array(items) => Value::Array(items.iter().map(|item| tidy(item, wanted)).collect()),
        Value::Object(map) => {
            if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                return refer(reference, wanted);
            }
            let mut out = Map::new();
            for (key, value) in map.iter().filter(|(key, value)| !is_refused(key, value)) {
                let value = match (key.as_str(), value) {
                    ("properties" | "patternProperties" | "definitions", Value::Object(named)) => {
                        // Here the keys are names, not words of the schema language.
                        named.iter().map(|(name, schema)| (name.clone(), tidy(schema, wanted))).collect()
                    }
                    ("enum" | "default" | "example" | "examples" | "const", _) => value.clone(),
                    _ => tidy(value, wanted),
                };
                out.insert(key.clone(), value);
            }
            Value::Object(out)
        }
        _ => schema.clone(),
    }
}

fn refer(reference: &str, wanted: &mut Vec<String>) -> Value {
    if reference == "#" {
        return json!({ "$ref": reference });
    }
    let reference = match reference.split_once("/models/").filter(|(host, _)| host.contains("/restapis/")) {
        Some((_, name)) => format!("{PREFIX}{name}"),
        None => reference.to_owned(),
    };
    wanted.push(reference.clone());
    if reference.starts_with(PREFIX) { json!({ "$ref": reference }) } else { json!({}) }
}

/// `required: true` beside a property, a number as `exclusiveMinimum` (draft 6), `type: any` or `file`, ids that would move
/// the base of references.
fn is_refused(key: &str, value: &Value) -> bool {
    match key {
        "required" => value.is_boolean() || value.as_array().is_some_and(Vec::is_empty),
        "exclusiveMinimum" | "exclusiveMaximum" => value.is_number(),
        "type" => matches!(value.as_str(), Some("any" | "file")),
        "$schema" | "$id" => value.is_string(),
        "id" => value.is_string(),
        "enum" => value.as_array().is_some_and(Vec::is_empty),
        _ => false,
    }
}

fn plain(message: &str) -> String {
    message.chars().take(200).collect()
}
