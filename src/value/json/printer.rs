//! Values to text, escaped as json-smart escapes.

use std::fmt::Write;

use super::super::number;
use super::super::object::plain_value;
use super::super::tape::{Node, Span, Tape};
use super::super::{List, ListKind, Map, MapKind, Value};
use crate::json_text::simd::{Level, Stops};
use crate::json_text::{has_code, is_short_and_plain};

/// How deep a printed value may nest. A template can put a map into itself.
pub(super) const MAX_PRINTED_DEPTH: usize = 600;

/// The most that one value may print. A template can nest a list into itself a few dozen times over.
pub(super) const MAX_PRINTED_BYTES: usize = 32 << 20;

/// Prints as `$input.json` does: compact, `/` plain. Gives false and writes nothing when the value is beyond
/// `MAX_PRINTED_DEPTH` or `MAX_PRINTED_BYTES`.
pub fn print(value: &Value, out: &mut String) -> bool {
    print_whole(out, |printer, out| printer.value(value, out), Slash::Plain)
}

/// Prints as `JSONArray.toString()` does, which is how a JSON list prints in a template: `/` as `\/`. Gives false and
/// writes nothing when the list is beyond `MAX_PRINTED_DEPTH` or `MAX_PRINTED_BYTES`.
pub fn print_list(list: &List, out: &mut String) -> bool {
    print_whole(out, |printer, out| printer.list(list, out), Slash::Escaped)
}

fn print_whole(
    out: &mut String,
    print: impl FnOnce(&mut Printer, &mut String) -> Result<(), TooLarge>,
    slash: Slash,
) -> bool {
    let start = out.len();
    let mut printer = Printer { slash, depth: 0, limit: start + MAX_PRINTED_BYTES };
    let printed = print(&mut printer, out).is_ok();
    if !printed {
        out.truncate(start);
    }
    printed
}

/// json-smart's two ways to print a `/`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slash {
    Plain,
    Escaped,
}

struct TooLarge;

struct Printer {
    slash: Slash,
    depth: usize,
    limit: usize,
}

impl Printer {
    fn value(&mut self, value: &Value, out: &mut String) -> Result<(), TooLarge> {
        if let Some((tape, at)) = value.place_in_tape() {
            return self.node(tape, tape.node(at), out);
        }
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(v) => out.push_str(if *v { "true" } else { "false" }),
            Value::Int(v) => out.push_str(itoa::Buffer::new().format(*v)),
            Value::Long(v) => out.push_str(itoa::Buffer::new().format(*v)),
            Value::BigInt(v) => {
                let _ = write!(out, "{v}");
            }
            // json-smart looks for infinity only: NaN prints as `NaN`, which it reads back.
            Value::Float(v) if v.is_infinite() => out.push_str("null"),
            Value::Float(v) => number::print_float(*v, out),
            Value::Double(v) if v.is_infinite() => out.push_str("null"),
            Value::Double(v) => number::print_double(*v, out),
            Value::BigDecimal(v) => number::print_big_decimal(v, out),
            Value::Char(unit) => escape(&String::from_utf16_lossy(&[*unit]), self.slash, out),
            Value::Str(text) => escape(text, self.slash, out),
            Value::List(list) => return self.list(list, out),
            Value::Map(map) => return self.map(map, out),
            Value::Object(object) if let Some(items) = object.iterate() => return self.items(items, out),
            Value::Object(object) => {
                let mut text = String::new();
                object.print(&mut text);
                escape(&text, self.slash, out);
            }
        }
        Ok(())
    }

    /// A value of a document that nobody has changed.
    fn node(&mut self, tape: &Tape<Value>, node: Node, out: &mut String) -> Result<(), TooLarge> {
        match node {
            Node::Text(part) | Node::Name(part, _) => escape(tape.source.text(part), self.slash, out),
            Node::List(Span { first, count }) => {
                self.enter(out)?;
                out.push('[');
                for n in 0..count {
                    if n > 0 {
                        out.push(',');
                    }
                    self.node(tape, tape.node(first + n), out)?;
                }
                out.push(']');
                self.depth -= 1;
            }
            Node::Map(Span { first, count }) => {
                self.enter(out)?;
                out.push('{');
                for n in 0..count {
                    match n % 2 {
                        0 if n > 0 => out.push(','),
                        1 => out.push(':'),
                        _ => {}
                    }
                    self.node(tape, tape.node(first + n), out)?;
                }
                out.push('}');
                self.depth -= 1;
            }
            node => return self.value(&plain_value(tape, node), out),
        }
        Ok(())
    }

    fn list(&mut self, list: &List, out: &mut String) -> Result<(), TooLarge> {
        self.enter(out)?;
        out.push('[');
        // Item by item: what prints itself may change the list.
        let mut n = 0;
        while let Some(item) = list.item(n) {
            if n > 0 {
                out.push(',');
            }
            self.value(&item, out)?;
            n += 1;
        }
        out.push(']');
        self.depth -= 1;
        Ok(())
    }

    fn items(&mut self, items: Vec<Value>, out: &mut String) -> Result<(), TooLarge> {
        self.list(&List::new(ListKind::Plain, items), out)
    }

    fn map(&mut self, map: &Map, out: &mut String) -> Result<(), TooLarge> {
        self.enter(out)?;
        out.push('{');
        if matches!(map.kind(), MapKind::Linked | MapKind::Fixed) {
            let mut n = 0;
            while let Some((key, value)) = map.entry(n) {
                self.entry(n, &key, &value, out)?;
                n += 1;
            }
        } else {
            for (n, (key, value)) in map.in_order().iter().enumerate() {
                self.entry(n, key, value, out)?;
            }
        }
        out.push('}');
        self.depth -= 1;
        Ok(())
    }

    fn entry(&mut self, n: usize, key: &Value, value: &Value, out: &mut String) -> Result<(), TooLarge> {
        if n > 0 {
            out.push(',');
        }
        match key {
            Value::Str(text) => escape(text, self.slash, out),
            other => {
                let mut text = String::new();
                self.value(other, &mut text)?;
                escape(&text, self.slash, out);
            }
        }
        out.push(':');
        self.value(value, out)
    }

    fn enter(&mut self, out: &str) -> Result<(), TooLarge> {
        self.depth += 1;
        if self.depth > MAX_PRINTED_DEPTH || out.len() > self.limit { Err(TooLarge) } else { Ok(()) }
    }
}

/// A string in quotes, `/` plain.
pub(super) fn print_string(text: &str, out: &mut String) {
    escape(text, Slash::Plain, out);
}

/// Whether the string prints as it is, but for the quotes.
pub(super) fn is_plain(text: &str) -> bool {
    let mut rest = text;
    loop {
        let mut chars = rest[Level::best().scan(rest.as_bytes(), Stops::JsonSmart)..].chars();
        match chars.next() {
            None => return true,
            Some(c) if c.is_ascii() || has_code(c) => return false,
            Some(_) => rest = chars.as_str(),
        }
    }
}

fn escape(text: &str, slash: Slash, out: &mut String) {
    out.push('"');
    match slash {
        Slash::Plain => escape_inside(text, out),
        Slash::Escaped => {
            for (n, piece) in text.split('/').enumerate() {
                if n > 0 {
                    out.push_str("\\/");
                }
                escape_inside(piece, out);
            }
        }
    }
    out.push('"');
}

fn escape_inside(text: &str, out: &mut String) {
    if is_short_and_plain(text) {
        out.push_str(text);
        return;
    }
    let mut rest = text;
    loop {
        let mut chars = rest[Level::best().escape_str(rest, out, Stops::JsonSmart)..].chars();
        match chars.next() {
            None => return,
            Some(c) if has_code(c) => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            Some(c) => out.push(c),
        }
        rest = chars.as_str();
    }
}
