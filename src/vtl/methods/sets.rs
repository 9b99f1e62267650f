//! The static methods of `List`, `Set` and `Map`, which a template reaches through any collection.

use std::rc::Rc;

use super::answer::Returned;
use super::arguments::{collection, give, give_list, null_pointer, throw};
use super::entry::Entry;
use crate::value::{Entries, ListKind, Map, MapKind, Value};

/// `List.of(…)` and `List.copyOf(…)`
pub(super) fn of_list(name: &str, arguments: &[Value]) -> Returned {
    match (name, arguments) {
        ("copyOf", [one]) => fixed(collection(one)?),
        ("of", [Value::List(list)]) if list.kind() == ListKind::Array => fixed(list.items().borrow().clone()),
        ("of", items) => fixed(items.to_vec()),
        _ => None,
    }
}

fn fixed(items: Vec<Value>) -> Returned {
    if items.iter().any(|item| matches!(item, Value::Null)) {
        return null_pointer();
    }
    give_list(ListKind::Fixed, items)
}

/// `Set.of(…)`, in the order of its arguments: Java's order is another one each time.
pub(super) fn of_set(name: &str, arguments: &[Value]) -> Returned {
    match (name, arguments) {
        ("copyOf", [one]) => {
            let mut items: Vec<Value> = Vec::new();
            for item in collection(one)? {
                if !items.contains(&item) {
                    items.push(item);
                }
            }
            fixed(items)
        }
        ("of", items) => {
            for (n, item) in items.iter().enumerate() {
                if items[..n].contains(item) {
                    return throw("IllegalArgumentException", "duplicate element");
                }
            }
            fixed(items.to_vec())
        }
        _ => None,
    }
}

/// `Map.of(…)`, `Map.entry(…)`, `Map.ofEntries(…)` and `Map.copyOf(…)`
pub(super) fn of_map(name: &str, arguments: &[Value]) -> Returned {
    match (name, arguments) {
        ("entry", [key, value]) => give(Value::Object(Rc::new(Entry::alone(key.clone(), value.clone())))),
        ("copyOf", [Value::Map(map)]) => give(Value::Map(Map::new(MapKind::Fixed, map.entries().borrow().clone()))),
        ("of", pairs) if pairs.len() % 2 == 0 && pairs.len() <= 20 => {
            let mut entries = Entries::default();
            for pair in pairs.chunks(2) {
                if entries.insert(pair[0].clone(), pair[1].clone()).is_some() {
                    return throw("IllegalArgumentException", "duplicate key");
                }
            }
            give(Value::Map(Map::new(MapKind::Fixed, entries)))
        }
        ("ofEntries", pairs) => {
            let mut entries = Entries::default();
            for pair in pairs {
                let Value::Object(object) = pair else { return None };
                let entry = object.as_any()?.downcast_ref::<Entry>()?;
                entries.insert(entry.key().clone(), entry.value());
            }
            give(Value::Map(Map::new(MapKind::Fixed, entries)))
        }
        _ => None,
    }
}
