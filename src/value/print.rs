//! `toString()` of everything: what a reference prints.

use std::fmt::Write;

use super::{Exception, List, ListKind, Map, MapKind, Value, json, number};

/// How deep a printed value may nest: a template can put two lists into each other.
const DEPTH: usize = 250;
/// The longest text that one value prints, in bytes.
pub const LONGEST: usize = 16 << 20;

/// Appends what Java's `toString()` gives.
pub fn print(value: &Value, out: &mut String) -> Result<(), Exception> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Str(text) => out.push_str(text),
        Value::Int(n) => out.push_str(itoa::Buffer::new().format(*n)),
        Value::Long(n) => out.push_str(itoa::Buffer::new().format(*n)),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        _ => return Printer { limit: out.len() + LONGEST, depth: 0 }.print(value, out),
    }
    Ok(())
}

/// The text of a value.
pub fn text(value: &Value) -> Result<String, Exception> {
    let mut out = String::new();
    print(value, &mut out)?;
    Ok(out)
}

struct Printer {
    limit: usize,
    depth: usize,
}

impl Printer {
    fn print(&mut self, value: &Value, out: &mut String) -> Result<(), Exception> {
        if out.len() > self.limit {
            return Err(Exception::new("OutOfMemoryError", "the text is too long"));
        }
        match value {
            Value::Null => out.push_str("null"),
            Value::Str(text) => out.push_str(text),
            Value::Int(n) => out.push_str(itoa::Buffer::new().format(*n)),
            Value::Long(n) => out.push_str(itoa::Buffer::new().format(*n)),
            Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
            Value::BigInt(n) => {
                let _ = write!(out, "{n}");
            }
            Value::Float(n) => number::print_float(*n, out),
            Value::Double(n) => number::print_double(*n, out),
            Value::BigDecimal(n) => number::print_big_decimal(n, out),
            Value::Char(unit) => out.push(char::from_u32(u32::from(*unit)).unwrap_or('?')),
            Value::List(list) => self.list(list, out)?,
            Value::Map(map) => self.map(map, out)?,
            Value::Object(object) => object.print(out),
        }
        Ok(())
    }

    fn enter(&mut self) -> Result<(), Exception> {
        self.depth += 1;
        if self.depth > DEPTH { Err(Exception::new("StackOverflowError", "the value nests too deep")) } else { Ok(()) }
    }

    fn list(&mut self, list: &List, out: &mut String) -> Result<(), Exception> {
        match list.kind() {
            ListKind::Json => {
                return if json::print_list(list, out) {
                    Ok(())
                } else {
                    Err(Exception::new("StackOverflowError", "the value nests too deep or is too long"))
                };
            }
            ListKind::Array => {
                out.push_str(array_name(list));
                return Ok(());
            }
            _ => {}
        }
        self.enter()?;
        out.push('[');
        // Item by item: what prints itself may change the list.
        let mut n = 0;
        while let Some(item) = list.items().borrow().get(n).cloned() {
            if n > 0 {
                out.push_str(", ");
            }
            match &item {
                Value::List(inner) if inner.same(list) => out.push_str("(this Collection)"),
                item => self.print(item, out)?,
            }
            n += 1;
        }
        out.push(']');
        self.depth -= 1;
        Ok(())
    }

    fn map(&mut self, map: &Map, out: &mut String) -> Result<(), Exception> {
        if map.kind() == MapKind::Context {
            return Ok(());
        }
        self.enter()?;
        out.push('{');
        for (n, (key, value)) in map.in_order().iter().enumerate() {
            if n > 0 {
                out.push_str(", ");
            }
            self.part(map, key, out)?;
            out.push('=');
            self.part(map, value, out)?;
        }
        out.push('}');
        self.depth -= 1;
        Ok(())
    }

    fn part(&mut self, map: &Map, value: &Value, out: &mut String) -> Result<(), Exception> {
        match value {
            Value::Map(inner) if inner.same(map) => out.push_str("(this Map)"),
            _ => self.print(value, out)?,
        }
        Ok(())
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
