//! `$context.requestOverride` and `$context.responseOverride`: what a template asked for, read once it is rendered.

use crate::mapping::document;
use crate::value::{Map, Value};

/// `requestOverride.header`, and its like: each name with its values; null takes nothing away.
pub fn entries(context: &Value, kind: &str, group: &str) -> Vec<(String, Vec<String>)> {
    let Some(group) = map(context, kind).and_then(|kind| map(&Value::Map(kind), group)) else { return Vec::new() };
    let entries = group.entries().borrow();
    let named = |(name, value): (&Value, &Value)| Some((document::text(name)?, texts(value)));
    entries.iter().filter_map(named).filter(|(_, values)| !values.is_empty()).collect()
}

/// `responseOverride.status`, when it is an integer from 100 to 599; anything else is ignored, as API Gateway does.
pub fn status(context: &Value) -> Option<u16> {
    let text = document::text(&map(context, "responseOverride")?.get("status")?)?;
    text.parse().ok().filter(|status| (100..=599).contains(status))
}

fn map(value: &Value, key: &str) -> Option<Map> {
    let Value::Map(map) = value else { return None };
    match map.get(key)? {
        Value::Map(map) => Some(map),
        _ => None,
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::List(list) => list.items().borrow().iter().filter_map(document::text).collect(),
        value => document::text(value).into_iter().collect(),
    }
}
