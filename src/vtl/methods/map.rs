//! `java.util.Map`: LinkedHashMap and HashMap.

use super::answer::{Returned, refuses_change};
use super::arguments::{give, give_bool, give_int, give_nothing, null_pointer, throw};
use super::sets;
use super::view::View;
use super::walk::MapPart;
use crate::value::{Map, Value, hash};

pub(super) fn call(map: &Map, name: &str, arguments: &[Value]) -> Returned {
    // Java hashes the key first, and of one that holds itself there is no end.
    if let Some(key) = arguments.first()
        && hash::overflows(key)
        && matches!(name, "get" | "getOrDefault" | "containsKey" | "put" | "putIfAbsent" | "remove" | "replace")
    {
        return throw("StackOverflowError", "the key holds itself");
    }
    match (name, arguments) {
        ("get", [key]) => give(get(map, key).unwrap_or(Value::Null)),
        ("getOrDefault", [key, default]) => give(get(map, key).unwrap_or_else(|| default.clone())),
        ("containsKey", [key]) => give_bool(get(map, key).is_some()),
        ("containsValue", [value]) => give_bool(map.entries().borrow().values().any(|v| v == value)),
        ("size", []) => give_int(map.len() as i32),
        ("isEmpty", []) => give_bool(map.is_empty()),
        ("keySet", []) => give(View::of(map, MapPart::Keys)),
        ("values", []) => give(View::of(map, MapPart::Values)),
        ("entrySet", []) => give(View::of(map, MapPart::Entries)),
        ("clone", []) => give(Value::Map(map.copy())),
        _ => change(map, name, arguments).or_else(|| sets::of_map(name, arguments)),
    }
}

/// Whether a map has a method of that name without parameters.
pub(super) fn without_parameters(name: &str) -> bool {
    matches!(name, "clear" | "clone" | "entrySet" | "isEmpty" | "keySet" | "size" | "values")
}

fn get(map: &Map, key: &Value) -> Option<Value> {
    map.value_of(key)
}

fn change(map: &Map, name: &str, arguments: &[Value]) -> Returned {
    let changes = matches!(
        (name, arguments),
        ("put" | "putIfAbsent" | "remove" | "replace", [_, _])
            | ("remove", [_])
            | ("replace", [_, _, _])
            | ("putAll", [Value::Map(_) | Value::Null])
            | ("clear", [])
    );
    if changes && let Some(exception) = refuses_change(&Value::Map(map.clone())) {
        return Some(Err(exception));
    }
    match (name, arguments) {
        ("put", [key, value]) => give(map.insert(key.clone(), value.clone()).unwrap_or(Value::Null)),
        ("putIfAbsent", [key, value]) => match get(map, key) {
            None | Some(Value::Null) => {
                map.insert(key.clone(), value.clone());
                give(Value::Null)
            }
            Some(before) => give(before),
        },
        ("putAll", [Value::Map(other)]) => {
            map.insert_all(other);
            give_nothing()
        }
        ("putAll" | "copyOf", [Value::Null]) => null_pointer(),
        ("remove", [key]) => give(map.remove(key).unwrap_or(Value::Null)),
        ("remove", [key, value]) => {
            let found = get(map, key).is_some_and(|v| v == *value);
            if found {
                map.remove(key);
            }
            give_bool(found)
        }
        ("replace", [key, value]) => match get(map, key) {
            Some(before) => {
                map.insert(key.clone(), value.clone());
                give(before)
            }
            None => give(Value::Null),
        },
        ("replace", [key, old, new]) => {
            let found = get(map, key).is_some_and(|v| v == *old);
            if found {
                map.insert(key.clone(), new.clone());
            }
            give_bool(found)
        }
        ("clear", []) => {
            map.entries().borrow_mut().clear();
            map.note_change();
            give_nothing()
        }
        _ => None,
    }
}
