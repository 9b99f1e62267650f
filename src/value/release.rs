//! Letting go of nested lists and maps without recursion: a template can nest them deeper than a stack is.

use std::mem::take;

use super::object::{ListCells, MapCells, Value};

impl Drop for ListCells {
    fn drop(&mut self) {
        let items = self.items.get_mut();
        let parent = self.parent.take();
        if parent.is_some() || items.iter().any(is_nested) {
            let mut queue = take(items);
            queue.extend(parent.map(|parent| Value::List(parent.list)));
            release(queue);
        }
    }
}

impl Drop for MapCells {
    fn drop(&mut self) {
        let entries = self.entries.get_mut();
        if entries.iter().any(|(key, value)| is_nested(key) || is_nested(value)) {
            release(take(entries).into_iter().flat_map(|(key, value)| [key, value]).collect());
        }
    }
}

fn is_nested(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Map(_))
}

/// Drops the values one by one; what only they held joins the queue before its holder goes.
fn release(mut queue: Vec<Value>) {
    while let Some(value) = queue.pop() {
        match value {
            Value::List(mut list) => {
                if let Some(cells) = std::rc::Rc::get_mut(&mut list.0) {
                    queue.append(cells.items.get_mut());
                    queue.extend(cells.parent.take().map(|parent| Value::List(parent.list)));
                }
            }
            Value::Map(mut map) => {
                if let Some(cells) = std::rc::Rc::get_mut(&mut map.0) {
                    queue.extend(take(cells.entries.get_mut()).into_iter().flat_map(|(key, value)| [key, value]));
                }
            }
            _ => {}
        }
    }
}
