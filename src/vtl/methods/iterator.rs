//! `java.util.Iterator`, and how `#foreach` walks: one that sees its list change fails, as in Java.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use super::answer::Answer;
use super::arguments::{give, give_bool, give_int, give_nothing, throw};
use super::entry::Entry;
use crate::value::{Exception, List, ListKind, Map, Object, Value};

/// What of a map is walked over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapPart {
    Keys,
    Values,
    Entries,
}

/// A walk over a list or a map.
pub enum Walk {
    List {
        list: List,
        at: usize,
        changes: u32,
        last: Option<usize>,
    },
    Map {
        map: Map,
        keys: List,
        part: MapPart,
        at: usize,
        changes: u32,
    },
    /// Another iterator, which goes on from where it is.
    Iterator(Rc<dyn Object>),
    /// Values that nothing changes.
    Values {
        items: Vec<Value>,
        at: usize,
    },
}

impl Walk {
    /// The walk of `#foreach` over a value, if it can be walked over.
    pub fn over(value: &Value) -> Option<Walk> {
        match value {
            Value::List(list) => Some(Walk::over_list(list)),
            Value::Map(map) => Some(Walk::over_map(map, MapPart::Values)),
            Value::Object(object) => match object.as_any().and_then(|any| any.downcast_ref::<Iterator>()) {
                Some(_) => Some(Walk::Iterator(object.clone())),
                None => match object.as_any().and_then(|any| any.downcast_ref::<super::view::View>()) {
                    Some(view) => Some(view.walk()),
                    None => Some(Walk::Values { items: object.iterate()?, at: 0 }),
                },
            },
            _ => None,
        }
    }

    pub fn over_list(list: &List) -> Walk {
        Walk::List { list: list.clone(), at: 0, changes: list.changes(), last: None }
    }

    pub fn over_map(map: &Map, part: MapPart) -> Walk {
        let keys = map.in_order().into_iter().map(|(key, _)| key).collect();
        Walk::Map { map: map.clone(), keys: List::new(ListKind::Plain, keys), part, at: 0, changes: map.changes() }
    }

    /// Whether there is more.
    pub fn has_next(&self) -> bool {
        match self {
            Walk::List { list, at, .. } => *at != list.items().borrow().len(),
            Walk::Map { keys, at, .. } => *at < keys.items().borrow().len(),
            Walk::Values { items, at } => *at < items.len(),
            Walk::Iterator(object) => match object.call("hasNext", &[]) {
                Some(Ok(Value::Bool(more))) => more,
                _ => false,
            },
        }
    }

    /// The next value.
    pub fn next(&mut self) -> Result<Value, Exception> {
        match self {
            Walk::List { list, at, changes, last } => {
                if list.changes() != *changes || !list.refresh() {
                    return Err(changed());
                }
                let item = list.items().borrow().get(*at).cloned();
                let item = item.ok_or_else(nothing_left)?;
                *last = Some(*at);
                *at += 1;
                Ok(item)
            }
            Walk::Map { map, keys, part, at, changes } => {
                if map.changes() != *changes {
                    return Err(changed());
                }
                let key = keys.item(*at).ok_or_else(nothing_left)?;
                *at += 1;
                let value = || map.entries().borrow().get(&key).cloned().unwrap_or(Value::Null);
                Ok(match part {
                    MapPart::Keys => key,
                    MapPart::Values => value(),
                    MapPart::Entries => Value::Object(Rc::new(Entry::of(map.clone(), key))),
                })
            }
            Walk::Values { items, at } => {
                let item = items.get(*at).cloned().ok_or_else(nothing_left)?;
                *at += 1;
                Ok(item)
            }
            Walk::Iterator(object) => object.call("next", &[]).unwrap_or_else(|| Err(nothing_left())),
        }
    }

    /// `Iterator.remove()`
    fn remove(&mut self) -> Result<(), Exception> {
        match self {
            Walk::List { list, at, changes, last } => {
                let Some(index) = last.take() else { return Err(nothing_to_remove()) };
                if list.changes() != *changes {
                    return Err(changed());
                }
                if matches!(list.kind(), ListKind::Fixed | ListKind::Array) {
                    return Err(Exception::new("UnsupportedOperationException", "remove"));
                }
                list.items().borrow_mut().remove(index);
                list.note_change();
                *changes = list.changes();
                *at = index;
                Ok(())
            }
            Walk::Map { map, keys, at, changes, .. } => {
                let Some(key) = at.checked_sub(1).and_then(|n| keys.item(n)) else { return Err(nothing_to_remove()) };
                if map.changes() != *changes {
                    return Err(changed());
                }
                if map.remove(&key).is_none() {
                    return Err(nothing_to_remove());
                }
                *changes = map.changes();
                Ok(())
            }
            _ => Err(Exception::new("UnsupportedOperationException", "remove")),
        }
    }
}

fn changed() -> Exception {
    Exception::new("ConcurrentModificationException", "the collection changed while it was walked over")
}

fn nothing_left() -> Exception {
    Exception::new("NoSuchElementException", "there are no more elements")
}

fn nothing_to_remove() -> Exception {
    Exception::new("IllegalStateException", "there is no element to remove")
}

/// What `iterator()` and `listIterator()` give.
pub struct Iterator {
    walk: RefCell<Walk>,
    list: bool,
}

impl Iterator {
    /// An iterator for that walk.
    pub fn of(walk: Walk) -> Value {
        Value::Object(Rc::new(Iterator { walk: RefCell::new(walk), list: false }))
    }

    /// A `ListIterator` that begins at the index.
    pub fn of_list(list: &List, start: usize) -> Value {
        let walk = Walk::List { list: list.clone(), at: start, changes: list.changes(), last: None };
        Value::Object(Rc::new(Iterator { walk: RefCell::new(walk), list: true }))
    }

    fn call_list(&self, name: &str, arguments: &[Value]) -> Answer {
        let mut walk = self.walk.borrow_mut();
        let Walk::List { list, at, changes, last } = &mut *walk else { return None };
        match (name, arguments) {
            ("hasPrevious", []) => give_bool(*at > 0),
            ("nextIndex", []) => give_int(*at as i32),
            ("previousIndex", []) => give_int(*at as i32 - 1),
            ("previous", []) if list.changes() != *changes => Some(Err(changed())),
            ("previous", []) => {
                let item = at.checked_sub(1).and_then(|n| list.items().borrow().get(n).cloned());
                match item {
                    Some(item) => {
                        *at -= 1;
                        *last = Some(*at);
                        give(item)
                    }
                    None => Some(Err(nothing_left())),
                }
            }
            ("set", [value]) => match *last {
                Some(index) if index < list.items().borrow().len() => {
                    list.items().borrow_mut()[index] = value.clone();
                    give_nothing()
                }
                _ => Some(Err(nothing_to_remove())),
            },
            ("add", [_]) if list.changes() != *changes => Some(Err(changed())),
            ("add", [value]) => {
                list.items().borrow_mut().insert(*at, value.clone());
                list.note_change();
                *changes = list.changes();
                *at += 1;
                *last = None;
                give_nothing()
            }
            _ => None,
        }
    }
}

impl Object for Iterator {
    fn class(&self) -> &'static str {
        "Iterator"
    }

    fn has_method_without_parameters(&self, name: &str) -> bool {
        matches!(name, "hasNext" | "next" | "remove")
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Answer {
        match (name, arguments) {
            ("hasNext", []) => give_bool(self.walk.borrow().has_next()),
            ("next", []) => Some(self.walk.borrow_mut().next()),
            ("remove", []) => match self.walk.borrow_mut().remove() {
                Ok(()) => give_nothing(),
                Err(exception) => throw(exception.class, exception.message),
            },
            _ if self.list => self.call_list(name, arguments),
            _ => None,
        }
    }

    fn print(&self, out: &mut String) {
        out.push_str("java.util.ArrayList$Itr@1b6d3586");
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}
