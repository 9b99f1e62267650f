//! What a template takes from elsewhere: `Fn::Transform: AWS::Include`, `DefinitionUri`, `BodyS3Location`.

use std::path::Path;

use super::path::At;
use super::template::Template;
use super::value;
use crate::config::document::{self, Data, Node, Place, Spot, join};

impl Template<'_> {
    /// `Fn::Transform`: an include is its file, resolved as if it stood in the template; any other macro is left out.
    pub(super) fn transform(&self, argument: &Node, at: &At<'_>) -> Option<Node> {
        let place = Place::of(argument, at.to_path());
        let name = argument.get("Name").and_then(Node::scalar).unwrap_or_default();
        let location = argument.get("Parameters").and_then(|parameters| parameters.get("Location"));
        let (true, Some(location)) = (name == "AWS::Include", location) else {
            self.report.warning(
                &place,
                "unknown-macro",
                format!("macro `{name}` is not run: what it would make is not there"),
            );
            return Some(value::map(argument, []));
        };
        let written = self.text(location, at);
        let included = self.include(&written, location, &place)?;
        let Some(resolved) = self.deeper(|| self.value(&included, at)) else {
            self.report.error(&place, "include", format!("`{written}` includes itself"));
            return None;
        };
        resolved
    }

    /// The tree of a file that the template names; one of S3 only when the configuration says which local file it is.
    pub(super) fn include(&self, location: &str, node: &Node, place: &Place) -> Option<Node> {
        let local = self.stage.includes.get(location).cloned();
        let path = match local {
            Some(path) => path,
            None if location.contains("://") || location.contains("${") => {
                let message = format!(
                    "`{location}` is not here: `api.includes: {{ \"{location}\": FILE }}` says which local file it is"
                );
                self.report.error(place, "include", message);
                return None;
            }
            None => node.origin.relative(Path::new(location)),
        };
        self.report.uses(&path);
        let text = document::read(&path, place, self.report)?;
        document::tree(&path, &text, true, self.report)
    }

    /// The location of a definition in S3: a text, or a bucket and a key.
    pub(super) fn location(&self, node: &Node) -> Option<String> {
        if let Data::Map(_) = node.data {
            let part = |key: &str| node.get(key).and_then(Node::scalar);
            return Some(format!("s3://{}/{}", part("Bucket")?, part("Key")?));
        }
        node.scalar()
    }
}

/// A template's own includes at its top and among its resources, put in; `None` when there are none.
pub(crate) fn put_in(root: &Spot<'_>, template: &Template<'_>) -> Option<Node> {
    let transforms = root.node.get("Transform");
    let listed: Vec<&Node> = match transforms {
        Some(node) if !node.items().is_empty() => node.items().iter().collect(),
        Some(node) => vec![node],
        None => Vec::new(),
    };
    let is_include = |node: &&&Node| node.get("Name").and_then(Node::scalar).as_deref() == Some("AWS::Include");
    let among = root.node.get("Resources").and_then(|resources| resources.get("Fn::Transform"));
    let found: Vec<&Node> = listed.iter().filter(is_include).copied().collect();
    if found.is_empty() && among.is_none() {
        return None;
    }
    let mut whole = root.node.clone();
    for include in found {
        let path = join(&root.path(), "Transform");
        let included = template.transform(include, &At::path(&path));
        merge(&mut whole, included);
    }
    if let Some(include) = among {
        let path = join(&root.path(), "Resources");
        let included = template.transform(include, &At::path(&path));
        if let Some(resources) = value::entries_mut(&mut whole).and_then(|root| root.get_mut("Resources")) {
            resources.take("Fn::Transform");
            merge(resources, included);
        }
    }
    Some(whole)
}

/// Adds what an included map has; what stands in the template itself wins.
fn merge(into: &mut Node, included: Option<Node>) {
    let Some(Node { data: Data::Map(included), .. }) = included else { return };
    let Some(entries) = value::entries_mut(into) else { return };
    for (key, node) in included {
        match entries.get_mut(&key) {
            Some(own) if own.is_map() && node.is_map() => merge(own, Some(node)),
            Some(_) => {}
            None => {
                entries.insert(key, node);
            }
        }
    }
}
