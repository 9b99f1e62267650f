//! `keySet()`, `values()` and `entrySet()`: views that show what the map holds now.

use std::any::Any;
use std::rc::Rc;

use super::answer::Returned;
use super::arguments::{collection, give, give_bool, give_int, give_list, give_nothing, throw};
use super::entry::Entry;
use super::iterator::Iterator;
use super::sets;
use super::walk::{MapPart, Walk};
use crate::value::{ListKind, Map, Object, Value, hash, print};

/// A view of a map.
pub(super) struct View {
    map: Map,
    part: MapPart,
}

impl View {
    /// That part of the map.
    pub(super) fn of(map: &Map, part: MapPart) -> Value {
        Value::Object(Rc::new(View { map: map.settled(), part }))
    }

    /// A walk over it.
    pub(super) fn walk(&self) -> Walk {
        Walk::over_map(&self.map, self.part)
    }

    fn items(&self) -> Vec<Value> {
        let pairs = self.map.in_order().into_iter();
        match self.part {
            MapPart::Keys => pairs.map(|(key, _)| key).collect(),
            MapPart::Values => pairs.map(|(_, value)| value).collect(),
            MapPart::Entries => {
                pairs.map(|(key, _)| Value::Object(Rc::new(Entry::of(self.map.clone(), key)))).collect()
            }
        }
    }

    /// Whether the value is this very view: Java hands out one for each map.
    fn is(&self, value: &Value) -> bool {
        let Value::Object(object) = value else { return false };
        let view = object.as_any().and_then(|any| any.downcast_ref::<View>());
        view.is_some_and(|view| view.map.same(&self.map) && view.part == self.part)
    }

    fn contains(&self, value: &Value) -> bool {
        match self.part {
            MapPart::Keys => self.map.entries().try_borrow().is_ok_and(|entries| entries.contains_key(value)),
            MapPart::Values => self.items().contains(value),
            MapPart::Entries => self.items().contains(value),
        }
    }

    /// Removes the keys whose elements pass the test.
    fn remove_where(&self, most: usize, test: impl Fn(&Value) -> bool) -> bool {
        let keys: Vec<Value> = self.map.in_order().into_iter().map(|(key, _)| key).collect();
        let doomed: Vec<Value> =
            keys.into_iter().zip(self.items()).filter(|(_, item)| test(item)).map(|(key, _)| key).take(most).collect();
        for key in &doomed {
            self.map.remove(key);
        }
        !doomed.is_empty()
    }
}

impl Object for View {
    fn class(&self) -> &'static str {
        match self.part {
            MapPart::Keys => "KeySet",
            MapPart::Values => "Values",
            MapPart::Entries => "EntrySet",
        }
    }

    fn property(&self, name: &str) -> Option<Value> {
        matches!(name, "empty" | "Empty").then(|| Value::Bool(self.map.is_empty()))
    }

    fn has_method_without_parameters(&self, name: &str) -> bool {
        matches!(name, "clear" | "isEmpty" | "iterator" | "size" | "toArray" | "stream" | "spliterator")
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Returned {
        match (name, arguments) {
            ("size", []) => give_int(self.map.len() as i32),
            ("isEmpty", []) => give_bool(self.map.is_empty()),
            ("contains", [value]) => give_bool(self.contains(value)),
            ("containsAll", [others]) => give_bool(collection(others)?.iter().all(|value| self.contains(value))),
            ("iterator", []) => give(Iterator::of(self.walk())),
            ("toArray", []) => give_list(ListKind::Array, self.items()),
            ("remove", [value]) => give_bool(self.remove_where(1, |item| item == value)),
            ("removeAll", [others]) => {
                let others = collection(others)?;
                give_bool(self.remove_where(usize::MAX, |item| others.contains(item)))
            }
            ("retainAll", [others]) => {
                let others = collection(others)?;
                give_bool(self.remove_where(usize::MAX, |item| !others.contains(item)))
            }
            ("clear", []) => {
                self.remove_where(usize::MAX, |_| true);
                give_nothing()
            }
            ("addAll", [others]) if collection(others).is_some_and(|others| others.is_empty()) => give_bool(false),
            ("add" | "addAll", [_]) => throw("UnsupportedOperationException", "a view takes no new elements"),
            _ if self.part != MapPart::Values => sets::of_set(name, arguments),
            _ => None,
        }
    }

    fn print(&self, out: &mut String) {
        out.push('[');
        for (n, item) in self.items().iter().enumerate() {
            if n > 0 {
                out.push_str(", ");
            }
            if self.is(item) {
                out.push_str("(this Collection)");
                continue;
            }
            // A value that cannot be printed fails where the map itself is printed.
            let _ = print::print(item, out);
        }
        out.push(']');
    }

    fn iterate(&self) -> Option<Vec<Value>> {
        Some(self.items())
    }

    fn weight(&self) -> usize {
        self.map.len() * 64
    }

    fn hash_code(&self) -> i32 {
        self.items().iter().fold(0i32, |hash, item| hash.wrapping_add(hash::hash_code(item)))
    }

    fn equals(&self, other: &Value) -> Option<bool> {
        let Value::Object(object) = other else { return Some(false) };
        let other = object.as_any()?.downcast_ref::<View>()?;
        if self.map.same(&other.map) && self.part == other.part {
            return Some(true);
        }
        if self.part == MapPart::Values || other.part == MapPart::Values {
            return Some(false);
        }
        let items = other.items();
        Some(items.len() == self.items().len() && items.iter().all(|item| self.contains(item)))
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}
