//! Small questions to a resolved value: CloudFormation takes numbers and switches as texts too.

use smol_str::SmolStr;

use crate::config::definition::written::Text;
use crate::config::document::{Data, Entries, Node, Spot};

/// `true` or `false`, also in quotes.
pub(crate) fn flag(spot: &Spot<'_>) -> Option<bool> {
    match spot.node.scalar()?.to_ascii_lowercase().as_str() {
        "true" | "yes" => Some(true),
        "false" | "no" => Some(false),
        _ => spot.bool(),
    }
}

/// A number, also in quotes.
pub(crate) fn number(spot: &Spot<'_>) -> Option<f64> {
    let parsed =
        spot.node.scalar().and_then(|text| text.trim().parse().ok()).filter(|n: &f64| n.is_finite() && *n >= 0.0);
    if parsed.is_none() {
        spot.number(0.0, f64::MAX);
    }
    parsed
}

/// A text with its place.
pub(crate) fn placed(spot: &Spot<'_>) -> Option<Text> {
    Some(Text { value: spot.node.word()?, place: spot.place(), block: spot.node.block })
}

/// The logical id in the text that a `Ref` has become.
pub(crate) fn logical_id(text: &str) -> Option<&str> {
    text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).filter(|name| !name.contains(['{', '$']))
}

/// A text at another value's place.
pub(crate) fn text(at: &Node, value: impl Into<SmolStr>) -> Node {
    Node { block: None, ..at.with(Data::Text(value.into())) }
}

/// A map at another value's place.
pub(crate) fn map<'a>(at: &Node, entries: impl IntoIterator<Item = (&'a str, Node)>) -> Node {
    let map: Entries = entries.into_iter().map(|(key, node)| (key.into(), node)).collect();
    Node { block: None, ..at.with(Data::Map(map)) }
}

/// A list at another value's place.
pub(crate) fn list(at: &Node, items: Vec<Node>) -> Node {
    Node { block: None, ..at.with(Data::List(items)) }
}

/// The map inside a node.
pub(crate) fn entries_mut(node: &mut Node) -> Option<&mut Entries> {
    match &mut node.data {
        Data::Map(map) => Some(map),
        _ => None,
    }
}

/// The value under a key, put there when nothing is.
pub(crate) fn entry<'a>(node: &'a mut Node, key: &str, otherwise: impl FnOnce() -> Node) -> Option<&'a mut Node> {
    Some(entries_mut(node)?.get_or_insert_with(key.into(), otherwise))
}

/// Puts a value under a key.
pub(crate) fn put(node: &mut Node, key: &str, value: Node) {
    if let Some(entries) = entries_mut(node) {
        entries.insert(key.into(), value);
    }
}

/// Whether it counts as given: no null, no `false`, no zero, nothing empty.
pub(crate) fn is_given(node: Option<&Node>) -> bool {
    node.is_some_and(|node| match &node.data {
        Data::Null => false,
        Data::Bool(value) => *value,
        Data::Number(number, _) => number.as_f64() != Some(0.0),
        Data::Text(text) => !text.is_empty(),
        Data::List(items) => !items.is_empty(),
        Data::Map(map) => !map.is_empty(),
    })
}
