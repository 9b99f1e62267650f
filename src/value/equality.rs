//! Java's `equals`.

use std::rc::Rc;

use super::guard;
use super::object::{List, ListKind, Map, Value};

/// The classes must agree, so the Integer 1 is not the Long 1.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Long(a), Value::Long(b)) => a == b,
            (Value::BigInt(a), Value::BigInt(b)) => a == b,
            // By their bits: to `Double.equals` NaN is itself, and 0.0 is not -0.0.
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::Double(a), Value::Double(b)) => a.to_bits() == b.to_bits(),
            // With the scale: to `BigDecimal.equals` 1.0 is not 1.00.
            (Value::BigDecimal(a), Value::BigDecimal(b)) => a.as_bigint_and_scale() == b.as_bigint_and_scale(),
            (Value::Char(a), Value::Char(b)) => a == b,
            (Value::Str(a), Value::Str(b)) => a == b,
            (Value::List(a), Value::List(b)) => a.same(b) || lists_equal(a, b),
            (Value::Map(a), Value::Map(b)) => a.same(b) || maps_equal(a, b),
            (Value::Object(a), Value::Object(b)) if std::ptr::addr_eq(Rc::as_ptr(a), Rc::as_ptr(b)) => true,
            (Value::Object(a), other) | (other, Value::Object(a)) => {
                guard::Level::enter().and_then(|_level| a.equals(other)).unwrap_or(false)
            }
            _ => false,
        }
    }
}

impl Eq for Value {}

// A list or map that is being changed right now equals nothing.

fn lists_equal(a: &List, b: &List) -> bool {
    if a.kind() == ListKind::Array || b.kind() == ListKind::Array {
        return false;
    }
    let Some(_level) = guard::Level::enter() else { return false };
    let (Ok(a), Ok(b)) = (a.items().try_borrow(), b.items().try_borrow()) else { return false };
    *a == *b
}

fn maps_equal(a: &Map, b: &Map) -> bool {
    let Some(_level) = guard::Level::enter() else { return false };
    let (Ok(a), Ok(b)) = (a.entries().try_borrow(), b.entries().try_borrow()) else { return false };
    *a == *b
}
