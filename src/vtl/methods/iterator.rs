//! `java.util.Iterator` and `ListIterator`.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use super::answer::Returned;
use super::arguments::{give, give_bool, give_int, give_nothing, throw};
use super::walk::{Walk, changed, nothing_left, nothing_to_remove};
use crate::value::{List, Object, Value};

/// What `iterator()` and `listIterator()` give.
pub(super) struct Iterator {
    walk: RefCell<Walk>,
    list: bool,
}

impl Iterator {
    /// An iterator for that walk.
    pub(super) fn of(walk: Walk) -> Value {
        Value::Object(Rc::new(Iterator { walk: RefCell::new(walk), list: false }))
    }

    /// A `ListIterator` that begins at the index.
    pub(super) fn of_list(list: &List, start: usize) -> Value {
        let walk = Walk::List { list: list.settled(), at: start, changes: list.changes(), last: None };
        Value::Object(Rc::new(Iterator { walk: RefCell::new(walk), list: true }))
    }

    fn call_list(&self, name: &str, arguments: &[Value]) -> Returned {
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

    fn call(&self, name: &str, arguments: &[Value]) -> Returned {
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
        // In Java an address that is another one each time.
        out.push_str("java.util.ArrayList$Itr@1b6d3586");
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}
