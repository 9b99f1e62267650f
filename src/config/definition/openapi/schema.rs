//! Schemas of the document as models: every reference becomes `#/definitions/NAME`.
//!
//! API Gateway makes a model of each named schema and of each inline one, and takes models that refer to each other in a circle
//! (recorded on AWS): so references stay references, and nothing is inlined.

use serde_json::Value;

use super::pointer;
use crate::config::definition::written::{Body, Schema, WrittenApi};
use crate::config::document::{DEPTH, Data, Node, Spot};

/// The named schemas: `definitions`, `components.schemas`.
pub(crate) fn read_models(root: &Spot<'_>, api: &mut WrittenApi) {
    let sections = [root.get("definitions"), root.get("components").and_then(|c| c.get("schemas"))];
    for section in sections.into_iter().flatten() {
        for (name, spot) in section.entries() {
            let json = convert(spot.node, root, api, 0);
            api.models.insert(name.to_owned(), Schema { json, place: spot.place() });
        }
    }
}

/// A schema that stands by itself: references into it are its own.
pub(crate) fn schema(spot: &Spot<'_>, api: &mut WrittenApi) -> Value {
    convert(spot.node, spot, api, 0)
}

/// The schema of a body.
pub(crate) fn body(spot: &Spot<'_>, root: &Spot<'_>, api: &mut WrittenApi) -> Body {
    let json = convert(spot.node, root, api, 0);
    let named = json.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix("#/definitions/"));
    match named.filter(|name| !name.contains('/')) {
        Some(name) => Body::Named(pointer::decode(name), spot.place()),
        None => Body::Inline(Schema { json, place: spot.place() }),
    }
}

/// The schema as JSON. `depth` bounds references into schemas that are not models of their own.
fn convert(node: &Node, root: &Spot<'_>, api: &mut WrittenApi, depth: usize) -> Value {
    match &node.data {
        Data::Map(map) => {
            let mut object = serde_json::Map::new();
            for (key, node) in map {
                let value = match (key.as_str(), &node.data) {
                    ("$ref", Data::Text(reference)) => Value::String(rewrite(reference, root, api, depth)),
                    _ => convert(node, root, api, depth),
                };
                object.insert(key.to_string(), value);
            }
            Value::Object(object)
        }
        Data::List(items) => Value::Array(items.iter().map(|item| convert(item, root, api, depth)).collect()),
        _ => node.to_json(),
    }
}

fn rewrite(reference: &str, root: &Spot<'_>, api: &mut WrittenApi, depth: usize) -> String {
    for prefix in ["#/definitions/", "#/components/schemas/"] {
        if let Some(rest) = reference.strip_prefix(prefix) {
            return format!("#/definitions/{rest}");
        }
    }
    if let Some((_, name)) = reference.split_once("/models/").filter(|(host, _)| host.contains("/restapis/")) {
        return format!("#/definitions/{name}");
    }
    let Some(target) = pointer::find(reference, root).filter(|_| depth < DEPTH / 4) else {
        return reference.to_owned();
    };
    // A schema that stands elsewhere (in a response, say) becomes a model under a name of its own.
    let name: String = reference.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if !api.models.contains_key(&name) {
        let place = target.place();
        api.models.insert(name.clone(), Schema { json: Value::Null, place: place.clone() });
        let json = convert(target.node, root, api, depth + 1);
        api.models.insert(name.clone(), Schema { json, place });
    }
    format!("#/definitions/{name}")
}
