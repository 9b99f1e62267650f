//! Letting go of nested lists and maps without deep recursion: a template can nest them deeper than a stack is.

use std::cell::{Cell, RefCell};
use std::mem::take;

use super::object::{Entries, ListCells, MapCells, Value};

/// How deep values are let go one inside the other; what is deeper waits until the outermost is gone.
const DEPTH: u32 = 64;

thread_local! {
    static LEVEL: Cell<u32> = const { Cell::new(0) };
    static WAITING: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
}

impl Drop for ListCells {
    fn drop(&mut self) {
        let items = self.items.get_mut();
        if items.iter().any(is_nested) {
            release(take(items), |items| items);
        }
        if let Some(parent) = self.parent.take() {
            release(parent, |parent| [Value::List(parent.list)]);
        }
    }
}

impl Drop for MapCells {
    fn drop(&mut self) {
        let entries = self.entries.get_mut();
        if entries.iter().any(|(key, value)| is_nested(key) || is_nested(value)) {
            release(take(entries), |entries: Entries| entries.into_pairs().flat_map(|(key, value)| [key, value]));
        }
    }
}

/// Lets go of what an object holds: objects that hold objects form chains of any length, too.
pub(crate) fn let_go<const N: usize>(values: [Value; N]) {
    if values.iter().any(is_nested) {
        release(values, |values| values);
    }
}

fn is_nested(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Map(_) | Value::Object(_))
}

fn release<T, I: IntoIterator<Item = Value>>(contents: T, values: impl FnOnce(T) -> I) {
    let level = LEVEL.get();
    if level == DEPTH {
        // While a thread ends there may be nowhere to wait: then it goes at once.
        let _ = WAITING.try_with(|waiting| waiting.borrow_mut().extend(values(contents)));
        return;
    }
    LEVEL.set(level + 1);
    drop(contents);
    if level == 0 {
        while let Ok(Some(value)) = WAITING.try_with(|waiting| waiting.borrow_mut().pop()) {
            drop(value);
        }
    }
    LEVEL.set(level);
}
