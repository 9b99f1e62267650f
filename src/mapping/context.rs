//! `$context` as templates change it: the maps for overrides, and what they hold in the end.

use crate::value::{Entries, List, ListKind, Map, MapKind, Text, Value, print};

/// A value with its maps as they are below `$context`: in `java.util.HashMap` order, and printing nothing.
pub(crate) fn as_context(value: &Value) -> Value {
    match value {
        Value::Map(map) => {
            let entries = map.entries().borrow();
            let entries = entries.iter().map(|(key, value)| (key.clone(), as_context(value))).collect();
            Value::Map(Map::new(MapKind::Context, entries))
        }
        Value::List(list) => {
            let items = list.items().borrow().iter().map(as_context).collect();
            Value::List(List::new(ListKind::Plain, items))
        }
        value => value.clone(),
    }
}

/// Adds the empty maps that a template sets overrides in, where they are missing.
pub fn add_overrides(context: &Map) {
    let empty = || Value::Map(Map::new(MapKind::Context, Entries::default()));
    let named = |name: &'static str| Value::Str(Text::fixed(name));
    for (name, parts) in
        [("requestOverride", &["path", "header", "querystring"][..]), ("responseOverride", &["header"])]
    {
        match context.get(name) {
            Some(Value::Map(overrides)) => {
                for part in parts.iter().filter(|part| overrides.get(part).is_none()) {
                    overrides.insert(named(part), empty());
                }
            }
            Some(_) => {}
            None => {
                let all = parts.iter().map(|part| (named(part), empty())).collect();
                context.insert(named(name), Value::Map(Map::new(MapKind::Context, all)));
            }
        }
    }
}

/// What templates have set below `$context.requestOverride` and `$context.responseOverride`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Overrides {
    /// For the integration request.
    pub request: RequestOverrides,
    /// For the method response.
    pub response: ResponseOverrides,
}

/// Overrides of the integration request. A value that is a list stands for several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RequestOverrides {
    /// Header lines.
    pub header: Vec<(String, Vec<String>)>,
    /// Path parameters.
    pub path: Vec<(String, Vec<String>)>,
    /// Query string parameters.
    pub querystring: Vec<(String, Vec<String>)>,
}

/// Overrides of the method response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ResponseOverrides {
    /// The status, of whatever type the template has given it.
    pub status: Option<Value>,
    /// Header lines.
    pub header: Vec<(String, Vec<String>)>,
}

/// The overrides that are set in a `$context` map.
pub(crate) fn overrides(context: &Value) -> Overrides {
    let request = part(context, "requestOverride");
    let response = part(context, "responseOverride");
    Overrides {
        request: RequestOverrides {
            header: lines(&request, "header"),
            path: lines(&request, "path"),
            querystring: lines(&request, "querystring"),
        },
        response: ResponseOverrides {
            status: match part(&response, "status") {
                Value::Null => None,
                status => Some(status),
            },
            header: lines(&response, "header"),
        },
    }
}

fn part(value: &Value, name: &str) -> Value {
    match value {
        Value::Map(map) => map.get(name).unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

fn lines(overrides: &Value, name: &str) -> Vec<(String, Vec<String>)> {
    let Value::Map(map) = part(overrides, name) else { return Vec::new() };
    let entries = map.entries().borrow();
    entries.iter().filter_map(|(name, value)| Some((print::text(name).ok()?, texts(value)?))).collect()
}

/// The texts of a value; of a list, one for each element.
fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::List(list) => list.items().borrow().iter().map(|item| print::text(item).ok()).collect(),
        value => print::text(value).ok().map(|text| vec![text]),
    }
}
