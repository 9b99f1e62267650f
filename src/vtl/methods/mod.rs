//! The Java methods that templates call: one file per receiver.

mod answer;
mod arguments;
mod big;
mod boolean;
mod character;
mod class;
mod entry;
mod floating;
mod format;
mod iterator;
mod list;
mod map;
mod regex;
mod sets;
mod string;
mod view;
mod walk;
mod whole;

use std::rc::Rc;

use answer::Returned;
pub(super) use answer::refuses_change;
pub(super) use class::{assignable, class};
use iterator::Iterator;
use view::View;
use walk::MapPart;
pub(super) use walk::Walk;

use crate::value::{Exception, ListKind, Object, Value};

/// `receiver.name(arguments)`
pub(super) fn call(receiver: &Value, name: &str, arguments: &[Value]) -> Returned {
    match receiver {
        Value::Null => None,
        Value::Str(text) => string::call(text, name, arguments),
        Value::Map(map) => map::call(map, name, arguments),
        Value::List(list) => list::call(list, name, arguments),
        Value::Int(n) => whole::call_int(*n, name, arguments),
        Value::Long(n) => whole::call_long(*n, name, arguments),
        Value::Double(n) => floating::call_double(*n, name, arguments),
        Value::Float(n) => floating::call_float(*n, name, arguments),
        Value::BigInt(n) => big::call_integer(n, name, arguments),
        Value::BigDecimal(n) => big::call_decimal(n, name, arguments),
        Value::Bool(b) => boolean::call(*b, name, arguments),
        Value::Char(c) => character::call(*c, name, arguments),
        Value::Object(object) => object.call(name, arguments),
    }
    .or_else(|| of_any_object(receiver, name, arguments))
    .or_else(|| without_parameters(receiver, name, arguments))
}

/// Velocity takes a method without parameters for any arguments when no other fits, and the call then fails.
fn without_parameters(receiver: &Value, name: &str, arguments: &[Value]) -> Returned {
    if arguments.is_empty() {
        return None;
    }
    let exists = matches!(name, "toString" | "hashCode" | "notify" | "notifyAll" | "wait")
        || match receiver {
            Value::Null => false,
            Value::List(list) => list::without_parameters(list, name),
            Value::Map(_) => map::without_parameters(name),
            Value::Object(object) => object.has_method_without_parameters(name),
            // Nothing changes a text or a number, so the call itself can tell.
            _ => call(receiver, name, &[]).is_some(),
        };
    exists.then(|| Err(Exception::new("IllegalArgumentException", "wrong number of arguments")))
}

/// `receiver.name` of everything but maps: a getter, `get(name)` or `isName()`. `getClass` is refused.
pub(super) fn property(receiver: &Value, name: &str) -> Returned {
    match receiver {
        Value::Object(object) => object.property(name).map(Ok),
        Value::Str(_) => match name {
            "bytes" | "Bytes" => call(receiver, "getBytes", &[]),
            "empty" | "Empty" => call(receiver, "isEmpty", &[]),
            "blank" | "Blank" => call(receiver, "isBlank", &[]),
            _ => None,
        },
        Value::List(list) if list.kind() != ListKind::Array && matches!(name, "empty" | "Empty") => {
            call(receiver, "isEmpty", &[])
        }
        Value::Double(_) | Value::Float(_) => match name {
            "NaN" | "naN" => call(receiver, "isNaN", &[]),
            "infinite" | "Infinite" => call(receiver, "isInfinite", &[]),
            _ => None,
        },
        Value::BigInt(_) if matches!(name, "lowestSetBit" | "LowestSetBit") => call(receiver, "getLowestSetBit", &[]),
        _ => None,
    }
}

/// What every object has.
fn of_any_object(receiver: &Value, name: &str, arguments: &[Value]) -> Returned {
    match (name, arguments) {
        ("toString", []) => Some(crate::value::print::text(receiver).map(Value::from)),
        ("equals", [other]) => Some(Ok(Value::Bool(receiver == other))),
        ("hashCode", []) if crate::value::hash::overflows(receiver) => {
            Some(Err(Exception::new("StackOverflowError", "the collection holds itself")))
        }
        ("hashCode", []) => Some(Ok(Value::Int(crate::value::hash::hash_code(receiver)))),
        ("notify" | "notifyAll" | "wait", []) => {
            Some(Err(Exception::new("IllegalMonitorStateException", "current thread is not owner")))
        }
        _ => None,
    }
}

/// The walk of `#foreach` over a value, if it can be walked over.
pub(super) fn walk(value: &Value) -> Option<Walk> {
    match value {
        Value::List(list) => Some(Walk::over_list(list)),
        Value::Map(map) => Some(Walk::over_map(map, MapPart::Values)),
        Value::Object(object) => walk_object(object),
        _ => None,
    }
}

fn walk_object(object: &Rc<dyn Object>) -> Option<Walk> {
    let any = object.as_any();
    if any.is_some_and(|any| any.is::<Iterator>()) {
        return Some(Walk::Iterator(object.clone()));
    }
    match any.and_then(|any| any.downcast_ref::<View>()) {
        Some(view) => Some(view.walk()),
        None => Some(Walk::Values { items: object.iterate()?, at: 0 }),
    }
}
