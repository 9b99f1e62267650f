//! A configuration as people may see it: what is secret is masked.

use serde_json::{Value, json};

use crate::api::Secrets;
use crate::config::document::{Data, Node, Origin, Place, join};

/// What stands for a secret.
const MASK: &str = "****";

/// What may be shown.
pub(crate) struct Masked<'a> {
    secrets: &'a Secrets,
    /// Whether it is inside of what is secret.
    inside: bool,
}

impl<'a> Masked<'a> {
    /// Of a whole document.
    pub(crate) fn new(secrets: &'a Secrets) -> Masked<'a> {
        Masked { secrets, inside: false }
    }

    /// Of what stands at a path.
    pub(crate) fn at(&self, node: &Node, path: &str) -> Masked<'a> {
        Masked { inside: self.inside || Place::of(node, path).is_secret(self.secrets), ..*self }
    }

    /// A value; a list and a map without what is in them.
    pub(crate) fn value(&self, node: &Node) -> Value {
        match &node.data {
            Data::Null | Data::Bool(_) => node.to_json(),
            _ if self.inside => json!(MASK),
            Data::Text(text) => json!(without_user(text)),
            Data::List(_) => json!([]),
            Data::Map(_) => json!({}),
            _ => node.to_json(),
        }
    }
}

/// Every value of a document, with its place and its source.
pub(crate) fn values(tree: &Node, secrets: &Secrets) -> Vec<Value> {
    let mut values = Vec::new();
    leaves(tree, "", &Masked::new(secrets), &mut values);
    values
}

fn leaves(node: &Node, path: &str, masked: &Masked<'_>, values: &mut Vec<Value>) {
    let before = values.len();
    for (key, node) in node.entries() {
        let path = join(path, key);
        leaves(node, &path, &masked.at(node, &path), values);
    }
    for (n, node) in node.items().iter().enumerate() {
        let path = format!("{path}[{n}]");
        leaves(node, &path, &masked.at(node, &path), values);
    }
    if values.len() > before {
        return;
    }
    let kind = match &*node.origin {
        Origin::File(_) | Origin::Made { .. } => "file",
        Origin::Variable(_) => "variable",
        Origin::Flag(_) => "flag",
        Origin::Default => "default",
    };
    let name = (kind != "default").then(|| node.origin.name().to_string_lossy().into_owned());
    let line = (node.line > 0).then_some(node.line);
    values.push(json!({
        "place": path,
        "value": masked.value(node),
        "source": { "kind": kind, "name": name, "line": line },
    }));
}

/// `http://user:password@host` without what is before the host.
fn without_user(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{MASK}{}", &rest[at..]),
        None => text.to_owned(),
    }
}
