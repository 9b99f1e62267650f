//! CloudFormation's functions where a template's definition has them instead of a text, and `${…}` in uris.

use std::collections::HashMap;

use super::api::Text;
use super::stage::WrittenStage;
use crate::config::document::{Data, Node, Place, Report, Spot, join};

/// A text, or a function that makes one: `Fn::Sub`, `Fn::Join`, `Ref`, `Fn::GetAtt`. What is not known yet stays as `${Name}`.
pub fn text(spot: &Spot<'_>) -> Option<String> {
    match resolve(spot.node) {
        Some(text) => Some(text),
        None => spot.text(),
    }
}

/// The same, with its place.
pub fn placed(spot: &Spot<'_>) -> Option<Text> {
    let value = text(spot)?;
    Some(Text { value, place: spot.place(), text_line: spot.node.text_line })
}

/// Whether it is a function that makes a text.
pub fn is_function(node: &Node) -> bool {
    node.is_map() && resolve(node).is_some()
}

fn resolve(node: &Node) -> Option<String> {
    let Data::Map(map) = &node.data else { return node.scalar() };
    let (function, argument) = map.first().filter(|_| map.len() == 1)?;
    match function.as_str() {
        "Ref" => Some(format!("${{{}}}", argument.scalar()?)),
        "Fn::GetAtt" => {
            let path = match argument.items() {
                [] => argument.scalar()?,
                items => items.iter().map(resolve).collect::<Option<Vec<_>>>()?.join("."),
            };
            Some(format!("${{{path}}}"))
        }
        "Fn::Sub" => match argument.items() {
            [] => Some(substitute(&argument.scalar()?, |_| None)),
            [template, rest @ ..] => {
                let template = template.scalar()?;
                let values: HashMap<&str, String> = rest
                    .iter()
                    .flat_map(Node::entries)
                    .filter_map(|(name, value)| Some((name.as_str(), resolve(value)?)))
                    .collect();
                Some(substitute(&template, |name| values.get(name).cloned()))
            }
        },
        "Fn::Join" => {
            let [separator, parts] = argument.items() else { return None };
            let parts: Option<Vec<String>> = parts.items().iter().map(resolve).collect();
            Some(parts?.join(&separator.scalar()?))
        }
        name if name.starts_with("Fn::") => {
            let argument = resolve(argument).unwrap_or_default();
            Some(format!("${{{}{argument}}}", name.trim_start_matches("Fn::")))
        }
        _ => None,
    }
}

/// The keys under which mappings and templates stand.
const MAPPED: [&str; 4] = ["requestTemplates", "responseTemplates", "requestParameters", "responseParameters"];

/// What AWS puts in when it imports a definition (documented for region, account and partition): `${AWS::Region}` and the like anywhere in it; and, as CloudFormation does
/// before that, a function's text for the function in mappings and templates. `path` is the node's own.
pub fn put_in(node: &mut Node, path: &str, stage: &WrittenStage, report: &Report) {
    walk(node, stage, report, path, false);
}

fn walk(node: &mut Node, stage: &WrittenStage, report: &Report, path: &str, mapped: bool) {
    if mapped
        && is_function(node)
        && let Some(text) = resolve(node)
    {
        let text = substitute(&text, |name| stage.parameter(name));
        // A reference of the template's own, such as `${context.stage}`, is none of CloudFormation's names.
        let is_reference = |name: &String| ["context.", "input.", "util."].iter().any(|root| name.starts_with(root));
        for name in unresolved(&text).into_iter().filter(|name| !is_reference(name)) {
            let message = format!("`${{{name}}}` has no value here; `api.parameters` can give one");
            report.note(&Place::of(node, path), "template-parameter", message);
        }
        let text_line = node.entries().next().map_or(0, |(_, argument)| argument.text_line);
        node.text_line = text_line;
        node.data = Data::Text(text);
        return;
    }
    match &mut node.data {
        Data::Text(text) if text.contains("${AWS::") => {
            for name in ["AWS::Region", "AWS::AccountId", "AWS::Partition", "AWS::URLSuffix"] {
                *text = text.replace(&format!("${{{name}}}"), &stage.parameter(name).unwrap_or_default());
            }
        }
        Data::List(items) => {
            for (n, item) in items.iter_mut().enumerate() {
                walk(item, stage, report, &format!("{path}[{n}]"), mapped);
            }
        }
        Data::Map(map) => {
            for (key, node) in map {
                let mapped = mapped || MAPPED.iter().any(|name| name.eq_ignore_ascii_case(key));
                walk(node, stage, report, &join(path, key), mapped);
            }
        }
        _ => {}
    }
}

/// Puts values in for `${Name}`; a name without one stays. `${!Name}` is how `Fn::Sub` writes a plain `${Name}`.
pub fn substitute(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
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
pub fn unresolved(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for piece in text.split("${").skip(1) {
        let Some((name, _)) = piece.split_once('}') else { continue };
        if !name.starts_with("stageVariables.") && !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
    }
    names
}
