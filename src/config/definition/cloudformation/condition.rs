//! Conditions: which of them hold, with what is known here.

use super::template::Template;
use crate::config::document::{Data, Node, Place, Severity, Spot, join};

impl Template<'_> {
    /// Whether the condition of that name holds; one that cannot be evaluated does not, with a warning.
    pub(crate) fn condition(&self, name: &str, asked: &Place) -> bool {
        match self.conditions.borrow().get(name) {
            Some(Some(value)) => return *value,
            // A condition that leads to itself.
            Some(None) => return false,
            None => {}
        }
        self.conditions.borrow_mut().insert(name.to_owned(), None);
        let path = join(&join(self.path, "Conditions"), name);
        let value = match self.root.get("Conditions").and_then(|conditions| conditions.get(name)) {
            Some(node) => match self.holds(node, &path) {
                Some(value) => value,
                None => {
                    let message = format!(
                        "condition `{name}` depends on what has no value here: it counts as false; `api.parameters` can give one"
                    );
                    self.report.warning(&Place::of(node, &path), "unknown-condition", message);
                    false
                }
            },
            None => {
                self.report.warning(
                    asked,
                    "unknown-condition",
                    format!("condition `{name}` is not defined: it counts as false"),
                );
                false
            }
        };
        self.conditions.borrow_mut().insert(name.to_owned(), Some(value));
        value
    }

    /// `None`: not known here.
    pub(super) fn holds(&self, node: &Node, path: &str) -> Option<bool> {
        let (function, argument) = match &node.data {
            Data::Map(map) if map.len() == 1 => map.first()?,
            _ => return node.scalar()?.parse().ok(),
        };
        let inside = join(path, function);
        let many = || argument.items().iter().map(|item| self.holds(item, &inside));
        match function.as_str() {
            "Condition" => Some(self.condition(&argument.scalar()?, &Place::of(node, path))),
            "Fn::Not" => many().next()?.map(|value| !value),
            "Fn::And" => match many().any(|value| value == Some(false)) {
                true => Some(false),
                false => many().all(|value| value == Some(true)).then_some(true),
            },
            "Fn::Or" => match many().any(|value| value == Some(true)) {
                true => Some(true),
                false => many().all(|value| value == Some(false)).then_some(false),
            },
            "Fn::Equals" => {
                let [left, right] = argument.items() else { return None };
                let left = self.resolve(left, &inside)?.to_json();
                let right = self.resolve(right, &inside)?.to_json();
                let (left, right) = (plain(&left), plain(&right));
                (left == right)
                    .then_some(true)
                    .or_else(|| (![&left, &right].iter().any(|t| t.contains("${"))).then_some(false))
            }
            _ => {
                let spot = Spot::new(node, path.to_owned(), self.report);
                spot.report.add(
                    Severity::Warning,
                    &spot.place(),
                    "unknown-condition",
                    format!("`{function}` is not a condition's function"),
                );
                None
            }
        }
    }
}

/// Texts, numbers and booleans compare as they are spelt.
fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
