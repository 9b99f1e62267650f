//! TOML to a `Node`.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::Fault;
use super::node::{Data, Node, Origin};

/// Reads one document. TOML itself refuses a key that stands twice.
pub(crate) fn parse(text: &str, origin: &Arc<Origin>) -> Result<Node, Fault> {
    let lines = Lines(memchr::memchr_iter(b'\n', text.as_bytes()).collect());
    let table = DeTable::parse(text).map_err(|e| {
        let line = e.span().map_or(0, |span| lines.of(span.start));
        Fault::new(line, e.message().to_lowercase())
    })?;
    Ok(Node::new(origin, 1, map(table.get_ref(), &lines, origin)))
}

/// Where the lines end.
struct Lines(Vec<usize>);

impl Lines {
    fn of(&self, offset: usize) -> usize {
        self.0.partition_point(|end| *end < offset) + 1
    }
}

fn map(table: &DeTable<'_>, lines: &Lines, origin: &Arc<Origin>) -> Data {
    let mut entries: Vec<(usize, String, Node)> = table
        .iter()
        .map(|(key, value)| {
            let mut node = node(value, lines, origin);
            node.line = lines.of(key.span().start);
            (key.span().start, key.get_ref().to_string(), node)
        })
        .collect();
    // The table is sorted by name; the document's order is what its author meant.
    entries.sort_by_key(|(start, ..)| *start);
    Data::Map(entries.into_iter().map(|(_, key, node)| (key, node)).collect())
}

fn node(value: &Spanned<DeValue<'_>>, lines: &Lines, origin: &Arc<Origin>) -> Node {
    let data = match value.get_ref() {
        DeValue::String(text) => Data::Text(text.to_string()),
        DeValue::Boolean(value) => Data::Bool(*value),
        DeValue::Integer(value) => match i64::from_str_radix(value.as_str(), value.radix()) {
            Ok(number) => Data::Number(number.into(), value.as_str().to_owned()),
            Err(_) => Data::Text(value.as_str().to_owned()),
        },
        DeValue::Float(value) => match value.as_str().parse().ok().and_then(serde_json::Number::from_f64) {
            Some(number) => Data::Number(number, value.as_str().to_owned()),
            None => Data::Text(value.as_str().to_owned()),
        },
        DeValue::Datetime(value) => Data::Text(value.to_string()),
        DeValue::Array(items) => Data::List(items.iter().map(|item| node(item, lines, origin)).collect()),
        DeValue::Table(table) => map(table, lines, origin),
    };
    Node::new(origin, lines.of(value.span().start), data)
}
