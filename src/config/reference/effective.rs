//! The configuration that counts: file, variables, flags and defaults in one tree, each value with where it is from.

use std::sync::Arc;

use smol_str::ToSmolStr;

use super::told::{Reference, references};
use crate::api::Secrets;
use crate::config::document::{Data, Node, Origin, Problem};
use crate::config::load::{Examined, Loaded, examine, merged};
use crate::config::settings::Sources;

/// A configuration as it counts.
pub(crate) struct Effective {
    /// Every value; nothing when the file cannot be read.
    pub tree: Option<Node>,
    /// What would be served, or the findings.
    pub loaded: Result<Loaded, Vec<Problem>>,
    /// The names of secrets.
    pub secrets: Secrets,
}

/// Reads everything.
pub(crate) fn effective(sources: &Sources) -> Effective {
    let Examined { loaded, secrets } = examine(sources);
    let mut root = merged(sources);
    if let Some(root) = &mut root {
        let origin = Arc::new(Origin::Default);
        for (path, data) in defaults(loaded.as_ref().ok()) {
            put(root, &path, Node::new(&origin, 0, data));
        }
    }
    Effective { tree: root, loaded, secrets }
}

/// The path and value of each default; what depends on the machine or on another setting is known when everything loads.
fn defaults(loaded: Option<&Loaded>) -> Vec<(Vec<String>, Data)> {
    let mut found = Vec::new();
    let [rest, _] = references();
    find(&rest, &rest.tree, &mut Vec::new(), &mut found);
    if let Some(Loaded { settings, .. }) = loaded {
        let path = |path: &[&str]| path.iter().map(|key| (*key).to_owned()).collect::<Vec<String>>();
        let inspector = path(&["admin", "inspector"]);
        found.retain(|(path, _)| *path != inspector);
        found.push((inspector, Data::Bool(settings.admin.inspector)));
        let threads = settings.threads;
        found.push((path(&["threads"]), Data::Number(threads.into(), threads.to_smolstr())));
    }
    found
}

fn find(reference: &Reference, node: &Node, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, Data)>) {
    for (key, node) in node.entries() {
        path.push(key.to_string());
        if node.is_map() {
            find(reference, node, path, found);
        } else if reference.told(node).is_some_and(|told| told.is_default) {
            found.push((path.clone(), node.data.clone()));
        }
        path.pop();
    }
}

/// Puts a value where there is none.
fn put(node: &mut Node, path: &[String], value: Node) {
    let (Some((first, rest)), Data::Map(map)) = (path.split_first(), &mut node.data) else { return };
    let empty = Node::new(&value.origin, 0, Data::Map(Default::default()));
    let entry = map.get_or_insert_with(first.into(), || empty.clone());
    if entry.data == Data::Null {
        *entry = empty;
    }
    if !rest.is_empty() {
        put(entry, rest, value);
    } else if matches!(&entry.data, Data::Map(map) if map.is_empty()) && *entry.origin == Origin::Default {
        *entry = value;
    }
}
