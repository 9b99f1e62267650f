//! TOML to a `Node`.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::Fault;
use super::node::{Data, Mark, Node, Origin};

/// Reads one document. TOML itself refuses a key that stands twice.
pub(crate) fn parse(text: &str, origin: &Arc<Origin>) -> Result<Node, Fault> {
    let lines = Lines { text, ends: memchr::memchr_iter(b'\n', text.as_bytes()).collect() };
    let table = DeTable::parse(text).map_err(|e| {
        let (line, column) = e.span().map_or((0, 0), |span| (lines.of(span.start), lines.column(span.start)));
        Fault::new(line, e.message().to_lowercase()).at(column)
    })?;
    Ok(Node::new(origin, 1, map(table.get_ref(), &lines, origin)))
}

/// Where the lines end.
struct Lines<'a> {
    text: &'a str,
    ends: Vec<usize>,
}

/// From so many bytes on a line's columns are not counted: it is not one that people read.
const LONG: usize = 10_000;

impl Lines<'_> {
    fn of(&self, offset: usize) -> usize {
        self.ends.partition_point(|end| *end < offset) + 1
    }

    /// The column of a byte, from 1; 0 on a line that is too long.
    fn column(&self, offset: usize) -> usize {
        let start = self.ends[..self.of(offset) - 1].last().map_or(0, |end| end + 1);
        let before = self.text.get(start..offset).filter(|before| before.len() < LONG);
        before.map_or(0, |before| before.chars().count() + 1)
    }

    /// A key with its value, when that ends on the same line and is no table.
    fn mark(&self, key: &Range<usize>, value: &Spanned<DeValue<'_>>) -> Mark {
        let is_whole = !matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_));
        let together = is_whole && self.of(value.span().end) == self.of(key.start);
        let end = if together { value.span().end } else { key.end };
        match (self.column(key.start), self.column(end)) {
            (0, _) | (_, 0) => Mark::default(),
            (start, end) => Mark::between(start, end),
        }
    }
}

fn map(table: &DeTable<'_>, lines: &Lines<'_>, origin: &Arc<Origin>) -> Data {
    let mut entries: Vec<(usize, String, Node)> = table
        .iter()
        .map(|(key, value)| {
            let mut node = node(value, lines, origin);
            node.line = lines.of(key.span().start);
            node.mark = lines.mark(&key.span(), value);
            (key.span().start, key.get_ref().to_string(), node)
        })
        .collect();
    // The table is sorted by name; the document's order is what its author meant.
    entries.sort_by_key(|(start, ..)| *start);
    Data::Map(entries.into_iter().map(|(_, key, node)| (key.into(), node)).collect())
}

fn node(value: &Spanned<DeValue<'_>>, lines: &Lines<'_>, origin: &Arc<Origin>) -> Node {
    let data = match value.get_ref() {
        DeValue::String(text) => Data::Text(text.as_ref().into()),
        DeValue::Boolean(value) => Data::Bool(*value),
        DeValue::Integer(value) => match i64::from_str_radix(value.as_str(), value.radix()) {
            Ok(number) => Data::Number(number.into(), value.as_str().into()),
            Err(_) => Data::Text(value.as_str().into()),
        },
        DeValue::Float(value) => match value.as_str().parse().ok().and_then(serde_json::Number::from_f64) {
            Some(number) => Data::Number(number, value.as_str().into()),
            None => Data::Text(value.as_str().into()),
        },
        DeValue::Datetime(value) => Data::Text(value.to_string().into()),
        DeValue::Array(items) => Data::List(items.iter().map(|item| node(item, lines, origin)).collect()),
        DeValue::Table(table) => map(table, lines, origin),
    };
    let mark = lines.mark(&value.span(), value);
    Node { mark, ..Node::new(origin, lines.of(value.span().start), data) }
}
