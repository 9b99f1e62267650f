//! The overrides that a template has set, as flat names.

use serde_json::json;

use crate::value::{Map, MapKind, Value, print};

/// The maps that a template sets overrides in.
pub(super) struct Overrides([Option<Value>; 2]);

impl Overrides {
    pub(super) fn of(context: &Map) -> Overrides {
        Overrides(["requestOverride", "responseOverride"].map(|name| context.get(name)))
    }

    /// What was set, sorted by name; `None` when the maps nest too deep.
    pub(super) fn flat(self) -> Option<Vec<(String, serde_json::Value)>> {
        let mut flat = Vec::new();
        for (name, value) in ["request", "response"].into_iter().zip(self.0) {
            if let Some(Value::Map(map)) = value
                && !flatten(name, &map, 0, &mut flat)
            {
                return None;
            }
        }
        flat.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
        Some(flat)
    }
}

/// How deep the maps of overrides may nest: a template can put them into each other.
const OVERRIDES_DEPTH: usize = 50;

/// Overrides as one flat object: `request.header.X` with what it prints, lists as lists of what their elements print.
fn flatten(prefix: &str, map: &Map, depth: usize, flat: &mut Vec<(String, serde_json::Value)>) -> bool {
    if depth > OVERRIDES_DEPTH {
        return false;
    }
    let shown = |value: &Value| print::text(value).ok();
    for (key, value) in map.in_order() {
        let Some(key) = shown(&key) else { return false };
        let name = format!("{prefix}.{key}");
        match &value {
            Value::Map(inner) if inner.kind() == MapKind::Context => {
                if !flatten(&name, inner, depth + 1, flat) {
                    return false;
                }
            }
            Value::List(list) => {
                let items: Option<Vec<String>> = list.items().borrow().iter().map(shown).collect();
                let Some(items) = items else { return false };
                flat.push((name, json!(items)));
            }
            value => {
                let Some(text) = shown(value) else { return false };
                flat.push((name, json!(text)));
            }
        }
    }
    true
}
