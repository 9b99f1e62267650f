//! `java.util.Map.Entry`

use std::any::Any;
use std::cell::RefCell;

use super::answer::Returned;
use super::arguments::{give, throw};
use crate::value::{Map, Object, Value, hash, let_go, print};

/// An entry of a map, or one that stands alone.
pub(super) struct Entry {
    /// The map that a change goes to.
    map: Option<Map>,
    key: Value,
    /// The value of an entry without a map, and the last one seen of an entry whose key has gone.
    value: RefCell<Value>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        let_go([std::mem::take(&mut self.key), std::mem::take(self.value.get_mut())]);
    }
}

impl Entry {
    /// The entry at a key of a map.
    pub(super) fn of(map: Map, key: Value) -> Entry {
        let value = map.entries().borrow().get(&key).cloned().unwrap_or(Value::Null);
        Entry { map: Some(map), key, value: RefCell::new(value) }
    }

    /// An entry that cannot change, as `Map.entry` gives.
    pub(super) fn alone(key: Value, value: Value) -> Entry {
        Entry { map: None, key, value: RefCell::new(value) }
    }

    /// The key.
    pub(super) fn key(&self) -> &Value {
        &self.key
    }

    /// The value that the map has now.
    pub(super) fn value(&self) -> Value {
        if let Some(map) = &self.map
            && let Ok(entries) = map.entries().try_borrow()
            && let Some(value) = entries.get(&self.key)
        {
            *self.value.borrow_mut() = value.clone();
        }
        self.value.borrow().clone()
    }

    fn set_value(&self, value: &Value) -> Returned {
        let Some(map) = &self.map else {
            return throw("UnsupportedOperationException", "not supported");
        };
        let before = self.value();
        let found = map.entries().borrow().get_index_of(&self.key);
        if let Some(index) = found
            && let Some(slot) = map.entries().borrow_mut().value_at_mut(index)
        {
            *slot = value.clone();
        }
        *self.value.borrow_mut() = value.clone();
        give(before)
    }
}

impl Object for Entry {
    fn class(&self) -> &'static str {
        "Map.Entry"
    }

    fn property(&self, name: &str) -> Option<Value> {
        match name {
            "key" | "Key" => Some(self.key.clone()),
            "value" | "Value" => Some(self.value()),
            _ => None,
        }
    }

    fn set(&self, name: &str, value: &Value) -> bool {
        matches!(name, "value" | "Value") && self.set_value(value).is_some()
    }

    fn has_method_without_parameters(&self, name: &str) -> bool {
        matches!(name, "getKey" | "getValue")
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Returned {
        match (name, arguments) {
            ("getKey", []) => give(self.key.clone()),
            ("getValue", []) => give(self.value()),
            ("setValue", [value]) => self.set_value(value),
            _ => None,
        }
    }

    fn print(&self, out: &mut String) {
        // A value that cannot be printed fails where the map itself is printed.
        let _ = print::print(&self.key, out);
        out.push('=');
        let _ = print::print(&self.value(), out);
    }

    fn hash_code(&self) -> i32 {
        hash::hash_code(&self.key) ^ hash::hash_code(&self.value())
    }

    fn equals(&self, other: &Value) -> Option<bool> {
        let Value::Object(other) = other else { return Some(false) };
        let other = other.as_any()?.downcast_ref::<Entry>()?;
        Some(self.key == other.key && self.value() == other.value())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}
