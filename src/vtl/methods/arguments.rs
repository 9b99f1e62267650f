//! Arguments as Java's parameters take them, and results as Java gives them.

use super::answer::Returned;
use crate::value::{Exception, List, ListKind, Text, Value};

/// A `long` parameter.
pub(super) fn long(value: &Value) -> Option<i64> {
    match value {
        Value::Int(n) => Some(i64::from(*n)),
        Value::Long(n) => Some(*n),
        _ => None,
    }
}

/// A `double` parameter.
pub(super) fn double(value: &Value) -> Option<f64> {
    match value {
        Value::Int(n) => Some(f64::from(*n)),
        Value::Long(n) => Some(*n as f64),
        Value::Float(n) => Some(f64::from(*n)),
        Value::Double(n) => Some(*n),
        _ => None,
    }
}

/// A `float` parameter.
pub(super) fn float(value: &Value) -> Option<f32> {
    match value {
        Value::Int(n) => Some(*n as f32),
        Value::Long(n) => Some(*n as f32),
        Value::Float(n) => Some(*n),
        _ => None,
    }
}

/// The elements of a `java.util.Collection` parameter; a Java array is none.
pub(super) fn collection(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::List(list) if list.kind() != ListKind::Array => Some(list.items().borrow().clone()),
        Value::Object(object) => object.iterate(),
        _ => None,
    }
}

/// Gives an Integer.
pub(super) fn give_int(n: i32) -> Returned {
    Some(Ok(Value::Int(n)))
}

/// Gives a Long.
pub(super) fn give_long(n: i64) -> Returned {
    Some(Ok(Value::Long(n)))
}

/// Gives a Boolean.
pub(super) fn give_bool(b: bool) -> Returned {
    Some(Ok(Value::Bool(b)))
}

/// Gives a String.
pub(super) fn give_text(text: impl Into<Text>) -> Returned {
    Some(Ok(Value::Str(text.into())))
}

/// Gives any value.
pub(super) fn give(value: Value) -> Returned {
    Some(Ok(value))
}

/// Gives a list of that kind.
pub(super) fn give_list(kind: ListKind, items: Vec<Value>) -> Returned {
    give(Value::List(List::new(kind, items)))
}

/// A `void` method: Velocity shows nothing.
pub(super) fn give_nothing() -> Returned {
    give(Value::Str(Text::fixed("")))
}

/// Throws.
pub(super) fn throw(class: &'static str, message: impl Into<String>) -> Returned {
    Some(Err(Exception::new(class, message)))
}

/// `-1`, `0` or `1`
pub(super) fn sign(order: std::cmp::Ordering) -> i32 {
    order as i32
}

/// A method that got null where it looks into the object.
pub(super) fn null_pointer() -> Returned {
    throw("NullPointerException", "null")
}

/// An index outside of the list or the text.
pub(super) fn out_of_bounds(class: &'static str, index: i32, length: usize) -> Returned {
    throw(class, format!("index {index}, length {length}"))
}
