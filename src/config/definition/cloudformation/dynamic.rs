//! Dynamic references, `{{resolve:ssm:name}}`: `api.parameters` may have the value under `resolve:ssm:name`.

use super::path::At;
use super::template::Template;
use super::value;
use crate::config::document::Node;

impl Template<'_> {
    /// The text with values for its references.
    pub(super) fn dynamic(&self, text: &str, node: &Node, at: &At<'_>) -> Node {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("{{resolve:") {
            let Some(length) = rest[start..].find("}}") else { break };
            let name = rest[start + 2..start + length].trim();
            out.push_str(&rest[..start]);
            out.push_str(&self.known_or_symbol(name, node, at).scalar().unwrap_or_default());
            rest = &rest[start + length + 2..];
        }
        out.push_str(rest);
        Node { block: node.block, ..value::text(node, out) }
    }
}
