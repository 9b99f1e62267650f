//! CloudFormation's functions where a template's definition has them instead of a text, and `${…}` in uris.

use std::collections::HashMap;

use smol_str::{SmolStr, format_smolstr};

use super::text::Text;
use crate::config::document::{Asked, Data, Node, Spot};

/// A text, or a function that makes one: `Fn::Sub`, `Fn::Join`, `Ref`, `Fn::GetAtt`. What is not known yet stays as `${Name}`.
pub(crate) fn text(spot: &Spot<'_>) -> Option<String> {
    word(spot).map(Into::into)
}

fn word(spot: &Spot<'_>) -> Option<SmolStr> {
    spot.records(|| Asked::Made);
    match resolve(spot.node) {
        Some(text) => Some(text),
        None => spot.word(),
    }
}

/// The same, with its place.
pub(crate) fn placed(spot: &Spot<'_>) -> Option<Text> {
    let value = word(spot)?;
    Some(Text { value, place: spot.place(), block: spot.node.block })
}

/// Whether it is a function that makes a text.
pub(crate) fn is_function(node: &Node) -> bool {
    node.is_map() && resolve(node).is_some()
}

pub(super) fn resolve(node: &Node) -> Option<SmolStr> {
    let Data::Map(map) = &node.data else { return node.word() };
    let (function, argument) = map.first().filter(|_| map.len() == 1)?;
    match function.as_str() {
        "Ref" => Some(format_smolstr!("${{{}}}", argument.scalar()?)),
        "Fn::GetAtt" => {
            let path = match argument.items() {
                [] => argument.scalar()?,
                items => items.iter().map(resolve).collect::<Option<Vec<_>>>()?.join("."),
            };
            Some(format_smolstr!("${{{path}}}"))
        }
        "Fn::Sub" => match argument.items() {
            [] => Some(substitute(&argument.word()?, |_| None).into()),
            [template, rest @ ..] => {
                let template = template.scalar()?;
                let values: HashMap<&str, SmolStr> = rest
                    .iter()
                    .flat_map(Node::entries)
                    .filter_map(|(name, value)| Some((name.as_str(), resolve(value)?)))
                    .collect();
                Some(substitute(&template, |name| values.get(name).map(ToString::to_string)).into())
            }
        },
        "Fn::Join" => {
            let [separator, parts] = argument.items() else { return None };
            let parts: Option<Vec<SmolStr>> = parts.items().iter().map(resolve).collect();
            Some(parts?.join(&separator.scalar()?).into())
        }
        "Fn::ImportValue" => Some(format_smolstr!("${{{}}}", resolve(argument)?)),
        // What only the whole template can say.
        name if name.starts_with("Fn::") => Some(format_smolstr!("${{{name}}}")),
        _ => None,
    }
}

/// Puts values in for `${Name}`; a name without one stays. `${!Name}` is how `Fn::Sub` writes a plain `${Name}`.
pub(crate) fn substitute(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        out.push_str(&rest[..start]);
        let after = &rest[start + 2..];
        let Some(end) = after.find('}') else {
            out.push_str(&rest[start..]);
            return out;
        };
        let name = &after[..end];
        match name.strip_prefix('!') {
            Some(literal) => out.push_str(&format!("${{{literal}}}")),
            None => out.push_str(value(name).as_deref().unwrap_or(&rest[start..start + 3 + end])),
        }
        rest = &after[end + 1..];
    }
    out.push_str(rest);
    out
}

/// The names of `${Name}` in a text, stage variables left out.
pub(crate) fn unresolved(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for piece in text.split("${").skip(1) {
        let Some((name, _)) = piece.split_once('}') else { continue };
        if !name.starts_with("stageVariables.") && !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
    }
    names
}
