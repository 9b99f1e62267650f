//! A walk over a list or a map, by an iterator or `#foreach`: one that sees its collection change fails, as in Java.

use std::rc::Rc;

use super::entry::Entry;
use crate::value::{Exception, List, ListKind, Map, Object, Value};

/// What of a map is walked over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MapPart {
    Keys,
    Values,
    Entries,
}

/// A walk over a list or a map.
pub(crate) enum Walk {
    List {
        list: List,
        at: usize,
        changes: u32,
        last: Option<usize>,
    },
    Map {
        map: Map,
        /// A list, which lets go of its items without deep recursion.
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
    /// A walk over a list, from its first element.
    pub(crate) fn over_list(list: &List) -> Walk {
        Walk::List { list: list.clone(), at: 0, changes: list.changes(), last: None }
    }

    /// A walk over that part of a map.
    pub(crate) fn over_map(map: &Map, part: MapPart) -> Walk {
        // Taken now: Java walks the live table, but fails at the first change, before the difference could show.
        let keys = List::new(ListKind::Plain, map.keys_in_order());
        Walk::Map { map: map.clone(), keys, part, at: 0, changes: map.changes() }
    }

    /// Whether there is more.
    pub(crate) fn has_next(&self) -> bool {
        match self {
            // Not `<`: after a removal Java says that there is more, and then throws.
            Walk::List { list, at, .. } => *at != list.len(),
            Walk::Map { keys, at, .. } => *at < keys.len(),
            Walk::Values { items, at } => *at < items.len(),
            Walk::Iterator(object) => match object.call("hasNext", &[]) {
                Some(Ok(Value::Bool(more))) => more,
                _ => false,
            },
        }
    }

    /// The next value.
    pub(crate) fn next(&mut self) -> Result<Value, Exception> {
        match self {
            Walk::List { list, at, changes, last } => {
                if list.changes() != *changes || !list.refresh() {
                    return Err(changed());
                }
                let item = list.item(*at);
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
                let value = || map.value_of(&key).unwrap_or_default();
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
    pub(crate) fn remove(&mut self) -> Result<(), Exception> {
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
                let Some(key) = at.checked_sub(1).and_then(|n| keys.item(n)) else {
                    return Err(nothing_to_remove());
                };
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

pub(super) fn changed() -> Exception {
    Exception::new("ConcurrentModificationException", "the collection changed while it was walked over")
}

pub(super) fn nothing_left() -> Exception {
    Exception::new("NoSuchElementException", "there are no more elements")
}

pub(super) fn nothing_to_remove() -> Exception {
    Exception::new("IllegalStateException", "there is no element to remove")
}
