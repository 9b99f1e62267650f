//! `toString()` of everything: what a reference prints.

use std::fmt::Write;

use super::exception::Exception;
use super::guard::{Level, was_exhausted};
use super::object::{List, ListKind, Map, MapKind, Value};
use super::{json, number};

/// The longest text that one value prints, in bytes.
pub(crate) const LONGEST: usize = 10 << 20;

/// Appends what Java's `toString()` gives.
pub(crate) fn print(value: &Value, out: &mut String) -> Result<(), Exception> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Str(text) => out.push_str(text),
        Value::Int(n) => out.push_str(itoa::Buffer::new().format(*n)),
        Value::Long(n) => out.push_str(itoa::Buffer::new().format(*n)),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        _ => return print_nested(value, out, out.len() + LONGEST),
    }
    Ok(())
}

/// The text of a value.
pub(crate) fn text(value: &Value) -> Result<String, Exception> {
    let mut out = String::new();
    print(value, &mut out)?;
    Ok(out)
}

fn too_deep() -> Exception {
    Exception::new("StackOverflowError", "the value nests too deep")
}

fn print_nested(value: &Value, out: &mut String, limit: usize) -> Result<(), Exception> {
    if out.len() > limit {
        return Err(Exception::new("OutOfMemoryError", "the text is too long"));
    }
    match value {
        Value::BigInt(n) => {
            let _ = write!(out, "{n}");
        }
        Value::Float(n) => number::print_float(*n, out),
        Value::Double(n) => number::print_double(*n, out),
        Value::BigDecimal(n) => number::print_big_decimal(n, out),
        Value::Char(unit) => out.push(char::from_u32(u32::from(*unit)).unwrap_or('?')),
        Value::List(list) => return print_list(list, out, limit),
        Value::Map(map) => return print_map(map, out, limit),
        Value::Object(object) => {
            let level = Level::enter().ok_or_else(too_deep)?;
            object.print(out);
            drop(level);
            // What an object holds may have been too deep, which it cannot say.
            if was_exhausted() {
                return Err(too_deep());
            }
        }
        value => return print(value, out),
    }
    Ok(())
}

fn print_list(list: &List, out: &mut String, limit: usize) -> Result<(), Exception> {
    match list.kind() {
        ListKind::Json if json::print_list(list, out) => return Ok(()),
        ListKind::Json => return Err(too_deep()),
        ListKind::Array => {
            out.push_str(array_name(list));
            return Ok(());
        }
        ListKind::Sub if !list.refresh() => {
            return Err(Exception::new("ConcurrentModificationException", "the list of this sub-list has changed"));
        }
        _ => {}
    }
    let _level = Level::enter().ok_or_else(too_deep)?;
    out.push('[');
    // Item by item: what prints itself may change the list.
    let mut n = 0;
    while let Some(item) = list.item(n) {
        if n > 0 {
            out.push_str(", ");
        }
        match &item {
            Value::List(inner) if inner.same(list) => out.push_str("(this Collection)"),
            item => print_nested(item, out, limit)?,
        }
        n += 1;
    }
    out.push(']');
    Ok(())
}

fn print_map(map: &Map, out: &mut String, limit: usize) -> Result<(), Exception> {
    if map.kind() == MapKind::Context {
        return Ok(());
    }
    let _level = Level::enter().ok_or_else(too_deep)?;
    out.push('{');
    for (n, (key, value)) in map.in_order().iter().enumerate() {
        if n > 0 {
            out.push_str(", ");
        }
        print_part(map, key, out, limit)?;
        out.push('=');
        print_part(map, value, out, limit)?;
    }
    out.push('}');
    Ok(())
}

fn print_part(map: &Map, value: &Value, out: &mut String, limit: usize) -> Result<(), Exception> {
    match value {
        Value::Map(inner) if inner.same(map) => {
            out.push_str("(this Map)");
            Ok(())
        }
        _ => print_nested(value, out, limit),
    }
}

/// Java prints an array's class and its address, which is another one each time.
fn array_name(list: &List) -> &'static str {
    let items = list.items().borrow();
    match items.first() {
        Some(Value::Char(_)) => "[C@1b6d3586",
        Some(Value::Int(_)) => "[B@1b6d3586",
        Some(Value::Str(_)) => "[Ljava.lang.String;@1b6d3586",
        _ => "[Ljava.lang.Object;@1b6d3586",
    }
}

/// As Java prints it, strings in quotes.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Str(text) => write!(f, "{text:?}"),
            value => match text(value) {
                Ok(text) => f.write_str(&text),
                Err(exception) => write!(f, "<{}>", exception.class),
            },
        }
    }
}
