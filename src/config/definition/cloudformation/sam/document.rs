//! The Swagger document that is made: its path items and methods, as the translator edits them.

use smol_str::SmolStr;

use super::super::value::{self, entries_mut, entry, put};
use crate::config::document::{Data, Node};

/// The key of an integration.
pub(crate) const INTEGRATION: &str = "x-amazon-apigateway-integration";
/// The key of a method that answers any.
pub(crate) const ANY: &str = "x-amazon-apigateway-any-method";
/// What stands in a path item beside its methods.
const NO_METHODS: [&str; 3] = ["summary", "description", "parameters"];

/// A document in the making.
pub(crate) struct ApiDocument {
    /// The document.
    pub root: Node,
    /// Whether everything in it comes from events: there was no definition.
    pub managed: bool,
}

impl ApiDocument {
    /// An empty one.
    pub(crate) fn skeleton(at: &Node) -> ApiDocument {
        let text = |text: &str| value::text(at, text);
        let root = value::map(at, [("swagger", text("2.0")), ("paths", value::map(at, []))]);
        ApiDocument { root, managed: true }
    }

    /// The names of its paths.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.root.get("paths").into_iter().flat_map(Node::entries).map(|(path, _)| path.to_string()).collect()
    }

    /// A path item, if it is one.
    pub(crate) fn path_item(&mut self, path: &str) -> Option<&mut Node> {
        let paths = entries_mut(&mut self.root)?.get_mut("paths")?;
        entries_mut(paths)?.get_mut(path).filter(|item| item.is_map())
    }

    /// Puts a method there, empty, unless it is there already.
    pub(crate) fn add_method(&mut self, path: &str, method: &str, at: &Node) -> Option<&mut Node> {
        let empty = || value::map(at, []);
        let paths = entry(&mut self.root, "paths", empty)?;
        let item = entry(paths, path, empty)?;
        entry(item, method, empty)
    }

    /// The method, if it has an integration.
    pub(crate) fn integrated(&mut self, path: &str, method: &str) -> Option<&mut Node> {
        let item = self.path_item(path)?;
        let found = entries_mut(item)?.get_mut(method)?;
        value::is_given(found.get(INTEGRATION)).then_some(found)
    }

    /// The methods of a path that have an integration.
    pub(crate) fn integrated_methods(&mut self, path: &str) -> Vec<String> {
        let Some(item) = self.path_item(path) else { return Vec::new() };
        let is_method = |(key, node): &(&SmolStr, &Node)| {
            !NO_METHODS.contains(&key.as_str()) && value::is_given(node.get(INTEGRATION))
        };
        item.entries().filter(is_method).map(|(key, _)| key.to_string()).collect()
    }

    /// Leaves out paths whose methods all belong to functions that a condition leaves out.
    pub(crate) fn drop_absent_paths(&mut self) {
        let Some(paths) = entries_mut(&mut self.root).and_then(|root| root.get_mut("paths")) else { return };
        if let Some(paths) = entries_mut(paths) {
            paths.retain(|_, item| !item.is_map() || item.entries().any(|(_, method)| method.data != Data::Null));
        }
    }
}

/// The key of a method in a path item: lower case, and `any` in API Gateway's own word.
pub(crate) fn method_key(method: &str) -> String {
    match method.to_ascii_lowercase().as_str() {
        "any" | "*" => ANY.to_owned(),
        lower => lower.to_owned(),
    }
}

/// The security requirements of a method.
pub(crate) fn security(method: &Node) -> Vec<Node> {
    method.get("security").map(|list| list.items().to_vec()).unwrap_or_default()
}

/// Sets them.
pub(crate) fn set_security(method: &mut Node, at: &Node, requirements: Vec<Node>) {
    put(method, "security", value::list(at, requirements));
}

/// A requirement: a scheme and its scopes.
pub(crate) fn requirement(at: &Node, scheme: &str, scopes: Option<&Node>) -> Node {
    let scopes = scopes.cloned().unwrap_or_else(|| value::list(at, Vec::new()));
    value::map(at, [(scheme, scopes)])
}

/// Adds a security scheme, unless one of that name is there and `replace` is not set.
pub(crate) fn add_scheme(root: &mut Node, name: &str, scheme: Node, replace: bool) {
    let at = scheme.clone();
    let Some(schemes) = entry(root, "securityDefinitions", || value::map(&at, [])) else { return };
    if replace || !schemes.has(name) {
        put(schemes, name, scheme);
    }
}
