//! A value of the template to what it becomes: functions give way to their results, `AWS::NoValue` to nothing.

use base64::Engine as _;
use smol_str::ToSmolStr;

use super::path::At;
use super::template::Template;
use super::value;
use crate::config::definition::written::intrinsic::substitute;
use crate::config::document::{Data, Entries, Node, Place};

/// Longest chain of references into each other, and of files that include each other.
const DEPTH: usize = 32;
/// Most bytes of text that all functions of a template make.
const MADE: usize = 64 * 1024 * 1024;

impl Template<'_> {
    /// The value; `None` is `AWS::NoValue`.
    pub(crate) fn resolve(&self, node: &Node, path: &str) -> Option<Node> {
        self.value(node, &At::path(path))
    }

    pub(super) fn value(&self, node: &Node, at: &At<'_>) -> Option<Node> {
        match &node.data {
            Data::Map(map) => match map.first() {
                Some((function, argument)) if map.len() == 1 => self.call(function, argument, node, at),
                _ => self.entries(map, node, at),
            },
            Data::List(items) => {
                let items = items.iter().enumerate().filter_map(|(n, item)| self.value(item, &at.item(n)));
                Some(node.with(Data::List(items.collect())))
            }
            Data::Text(text) if text.contains("{{resolve:") => Some(self.dynamic(text, node, at)),
            _ => Some(node.clone()),
        }
    }

    fn entries(&self, map: &Entries, node: &Node, at: &At<'_>) -> Option<Node> {
        let mut entries = Entries::with_capacity(map.len());
        for (key, inner) in map {
            let at = at.key(key);
            if key == "Fn::Transform" {
                let included = self.transform(inner, &at)?;
                entries.extend(included.entries().map(|(key, node)| (key.clone(), node.clone())));
            } else if let Some(resolved) = self.value(inner, &at) {
                entries.insert(key.clone(), resolved);
            }
        }
        Some(node.with(Data::Map(entries)))
    }

    fn call(&self, function: &str, argument: &Node, node: &Node, at: &At<'_>) -> Option<Node> {
        let text = |text: String| Some(self.made(node, argument, text, at));
        match function {
            "Ref" => self.reference(&argument.scalar().unwrap_or_default(), node, at),
            "Fn::GetAtt" => self.attribute(&self.attribute_name(argument, at), node, at),
            "Fn::If" => self.choose(argument, node, at),
            "Fn::Sub" => text(self.substitute(argument, node, at)),
            "Fn::Join" => text(self.join(argument, node, at)),
            "Fn::Select" => self.select(argument, node, at),
            "Fn::Split" => Some(self.split(argument, node, at)),
            "Fn::FindInMap" => self.find_in_map(argument, node, at),
            "Fn::Base64" => {
                let plain = self.text(argument, at);
                text(base64::engine::general_purpose::STANDARD.encode(plain))
            }
            "Fn::ToJsonString" => text(self.value(argument, at)?.to_json().to_string()),
            "Fn::Length" => {
                let list = self.value(argument, at)?;
                Some(node.with(number(list.items().len())))
            }
            "Fn::ImportValue" => {
                let name = self.text(argument, at);
                Some(self.known_or_symbol(&name, node, at))
            }
            "Fn::GetAZs" => {
                let zones = ["a", "b", "c"].map(|zone| value::text(node, format!("{}{zone}", self.stage.region)));
                Some(value::list(node, zones.to_vec()))
            }
            "Fn::Transform" => self.transform(argument, at),
            "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" => {
                let value = self.holds(node, &at.to_path()).unwrap_or_default();
                Some(node.with(Data::Bool(value)))
            }
            "Fn::Cidr" | "Fn::GetStackOutput" => Some(self.symbol(function.trim_start_matches("Fn::"), node, at)),
            _ if function.starts_with("Fn::") => {
                let message = format!("`{function}` is not evaluated");
                self.report.warning(&Place::of(node, at.to_path()), "unsupported-function", message);
                Some(self.symbol(function.trim_start_matches("Fn::"), node, at))
            }
            _ => {
                let map = Entries::from_iter([(function.into(), argument.clone())]);
                self.entries(&map, node, at)
            }
        }
    }

    /// The text of a value; what is none becomes its JSON.
    pub(super) fn text(&self, node: &Node, at: &At<'_>) -> String {
        let Some(resolved) = self.value(node, at) else { return String::new() };
        resolved.scalar().unwrap_or_else(|| resolved.to_json().to_string())
    }

    /// A text that a function made, at the function's place; all of them together are bounded.
    fn made(&self, node: &Node, argument: &Node, text: String, at: &At<'_>) -> Node {
        let made = self.made.get().saturating_add(text.len());
        self.made.set(made);
        let block = match argument.items() {
            [] => argument.block,
            items => items[0].block,
        };
        if made > MADE {
            let message = format!("the template's functions make more than {MADE} bytes of text");
            self.report.error(&Place::of(node, at.to_path()), "template-size", message);
            return value::text(node, "");
        }
        Node { block, ..value::text(node, text) }
    }

    fn choose(&self, argument: &Node, node: &Node, at: &At<'_>) -> Option<Node> {
        let [condition, then, otherwise] = argument.items() else {
            self.malformed("Fn::If", "a condition and two values", node, at);
            return None;
        };
        let name = condition.scalar().unwrap_or_default();
        let holds = self.condition(&name, &Place::of(node, at.to_path()));
        let mut chosen = self.value(if holds { then } else { otherwise }, at)?;
        if chosen.block.is_none() && chosen.line == 0 {
            (chosen.line, chosen.mark) = (node.line, node.mark);
        }
        Some(chosen)
    }

    fn substitute(&self, argument: &Node, node: &Node, at: &At<'_>) -> String {
        let (template, variables) = match argument.items() {
            [template, variables, ..] => (template, Some(variables)),
            [template] => (template, None),
            [] => (argument, None),
        };
        let Some(template) = template.scalar() else {
            self.malformed("Fn::Sub", "a text, or a text and a map", node, at);
            return String::new();
        };
        substitute(&template, |name| {
            let name = name.trim();
            if let Some(variable) = variables.and_then(|variables| variables.get(name)) {
                return Some(self.text(variable, at));
            }
            // A stage variable, or a reference of the template's own: CloudFormation refuses it without a `!`.
            let is_known = self.is_name(name.split('.').next().unwrap_or_default()) || self.is_name(name);
            if !is_known && !self.stage.parameters.contains_key(name) {
                let message = format!(
                    "`${{{name}}}` is neither a parameter nor a resource: CloudFormation refuses it; `${{!{name}}}` is the text itself"
                );
                self.report.warning(&Place::of(node, at.to_path()), "unknown-reference", message);
                return None;
            }
            let resolved = match name.contains('.') && !self.is_name(name) {
                true => self.attribute(name, node, at),
                false => self.reference(name, node, at),
            };
            Some(resolved.map(|node| joined(&node, ",")).unwrap_or_default())
        })
    }

    fn join(&self, argument: &Node, node: &Node, at: &At<'_>) -> String {
        let [separator, parts] = argument.items() else {
            self.malformed("Fn::Join", "a separator and a list", node, at);
            return String::new();
        };
        let separator = self.text(separator, at);
        self.value(parts, at).map(|parts| joined(&parts, &separator)).unwrap_or_default()
    }

    fn select(&self, argument: &Node, node: &Node, at: &At<'_>) -> Option<Node> {
        let [index, list] = argument.items() else {
            self.malformed("Fn::Select", "an index and a list", node, at);
            return None;
        };
        let index = self.text(index, &at.aside());
        let list = self.value(list, &at.aside())?;
        match &list.data {
            Data::List(items) => {
                let found = index.trim().parse::<usize>().ok().and_then(|n| items.get(n));
                if found.is_none() {
                    self.malformed("Fn::Select", &format!("an index below {}", items.len()), node, at);
                }
                found.cloned()
            }
            // The list itself is not known.
            _ => {
                let text = list.scalar().unwrap_or_default();
                let name = value::logical_id(&text).unwrap_or(&text);
                Some(self.known_or_symbol(&format!("Select.{index}.{name}"), node, at))
            }
        }
    }

    /// A text that is not known as a whole stays one: there is nothing to split.
    fn split(&self, argument: &Node, node: &Node, at: &At<'_>) -> Node {
        let [separator, text] = argument.items() else {
            self.malformed("Fn::Split", "a separator and a text", node, at);
            return value::list(node, Vec::new());
        };
        let separator = self.text(separator, at);
        let text = self.text(text, at);
        if separator.is_empty() || value::logical_id(&text).is_some() {
            return value::text(node, text);
        }
        let pieces = split_outside(&text, &separator);
        value::list(node, pieces.into_iter().map(|piece| value::text(node, piece)).collect())
    }

    fn find_in_map(&self, argument: &Node, node: &Node, at: &At<'_>) -> Option<Node> {
        let [map, top, second, rest @ ..] = argument.items() else {
            self.malformed("Fn::FindInMap", "a map and two keys", node, at);
            return None;
        };
        let [map, top, second] = [map, top, second].map(|key| self.text(key, &at.aside()));
        let found = self.root.get("Mappings").and_then(|maps| maps.get(&map)?.get(&top)?.get(&second));
        if let Some(found) = found {
            return Some(Node { line: node.line, mark: node.mark, ..found.clone() });
        }
        if let Some(default) = rest.first().and_then(|options| options.get("DefaultValue")) {
            return self.value(default, at);
        }
        Some(self.known_or_symbol(&format!("{map}.{top}.{second}"), node, at))
    }

    /// `api.parameters` may know the value of what is not known otherwise.
    pub(super) fn known_or_symbol(&self, name: &str, node: &Node, at: &At<'_>) -> Node {
        match self.stage.parameters.get(name) {
            Some(known) => value::text(node, known.clone()),
            None => self.symbol(name, node, at),
        }
    }

    /// What has no value here stays as `${Name}`.
    pub(super) fn symbol(&self, name: &str, node: &Node, at: &At<'_>) -> Node {
        let name = name.replace(['{', '}', '$'], "-");
        if at.mapped {
            let message = format!("`${{{name}}}` has no value here; `api.parameters` can give one");
            self.report.warning(&Place::of(node, at.to_path()), "template-parameter", message);
            self.unknown.borrow_mut().insert(name.clone());
        }
        value::text(node, format!("${{{name}}}"))
    }

    pub(super) fn malformed(&self, function: &str, expected: &str, node: &Node, at: &At<'_>) {
        let message = format!("`{function}` takes {expected}");
        self.report.warning(&Place::of(node, at.to_path()), "malformed-function", message);
    }

    /// Goes one step deeper; `None` when references lead into each other without end.
    pub(super) fn deeper<T>(&self, step: impl FnOnce() -> T) -> Option<T> {
        if self.depth.get() >= DEPTH {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let result = step();
        self.depth.set(self.depth.get() - 1);
        Some(result)
    }
}

fn number(value: usize) -> Data {
    Data::Number(value.into(), value.to_smolstr())
}

/// The texts of a list; of anything else its own.
fn joined(node: &Node, separator: &str) -> String {
    match &node.data {
        Data::List(items) => items.iter().map(|item| joined(item, ",")).collect::<Vec<_>>().join(separator),
        Data::Map(_) => node.to_json().to_string(),
        _ => node.scalar().unwrap_or_default(),
    }
}

/// Splits, but not inside `${…}`.
fn split_outside(text: &str, separator: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = if rest.starts_with("${") {
            rest.find('}').map_or(rest.len(), |end| end + 1)
        } else if rest.starts_with(separator) {
            pieces.push(String::new());
            rest = &rest[separator.len()..];
            continue;
        } else {
            c.len_utf8()
        };
        if let Some(piece) = pieces.last_mut() {
            piece.push_str(&rest[..taken]);
        }
        rest = &rest[taken..];
    }
    pieces
}
