//! `Globals`: what every resource of a type has unless it says otherwise. Maps merge, lists append, the resource's own wins.

use crate::config::document::{Data, Entries, Node};

/// The properties of a resource with the globals of its type put in; `node` is the whole resource.
pub(crate) fn with_globals(kind: &str, node: &Node, own: Node, globals: &Node) -> Node {
    let section = kind.strip_prefix("AWS::Serverless::").and_then(|section| globals.get(section));
    let Some(Data::Map(section)) = section.map(|section| &section.data) else { return own };
    let ignored = node.get("IgnoreGlobals");
    if ignored.and_then(Node::scalar).as_deref() == Some("*") {
        return own;
    }
    let ignored: Vec<String> = ignored.map(Node::items).unwrap_or_default().iter().filter_map(Node::scalar).collect();
    let kept = section.iter().filter(|(key, _)| !ignored.iter().any(|name| name == *key));
    let kept: Entries = kept.map(|(key, node)| (key.clone(), node.clone())).collect();
    merge(Node { line: own.line, mark: own.mark, ..own.with(Data::Map(kept)) }, own)
}

fn merge(global: Node, own: Node) -> Node {
    if is_function(&global) || is_function(&own) {
        return own;
    }
    let Node { origin, line, mark, block, data } = own;
    let data = match (global.data, data) {
        (Data::Map(mut merged), Data::Map(own)) => {
            for (key, value) in own {
                let value = match merged.get(&key) {
                    Some(global) => merge(global.clone(), value),
                    None => value,
                };
                merged.insert(key, value);
            }
            Data::Map(merged)
        }
        (Data::List(mut merged), Data::List(own)) => {
            merged.extend(own);
            Data::List(merged)
        }
        (_, data) => data,
    };
    Node { origin, line, mark, block, data }
}

/// A map that is a function is one value: it does not merge.
fn is_function(node: &Node) -> bool {
    let Data::Map(map) = &node.data else { return false };
    map.len() == 1 && map.keys().any(|key| key == "Ref" || key == "Condition" || key.starts_with("Fn::"))
}
