//! `$ref`: a place elsewhere in the document.

use crate::config::document::{Node, Spot, join};

/// Longest chain of references to references.
const HOPS: usize = 32;

/// The value itself, or what its `$ref` leads to. A reference that leads nowhere is reported and stays.
pub(crate) fn follow<'a>(spot: &Spot<'a>, root: &Spot<'a>) -> Spot<'a> {
    let mut spot = spot.clone();
    for _ in 0..HOPS {
        let Some(reference) = spot.node.get("$ref").and_then(Node::scalar) else { return spot };
        match find(&reference, root) {
            Some(target) => spot = target,
            None if reference.starts_with('#') => {
                spot.warning("unresolved-ref", format!("`{reference}` is not in the document"));
                return spot;
            }
            None => {
                let message = format!(
                    "`{reference}` leads to another document, where API Gateway does not follow: bundle them into one (`redocly bundle`)"
                );
                spot.error("unresolved-ref", message);
                return spot;
            }
        }
    }
    spot.warning("unresolved-ref", format!("more than {HOPS} references lead to each other"));
    spot
}

/// The value at a pointer such as `#/components/parameters/Id`.
pub(crate) fn find<'a>(pointer: &str, root: &Spot<'a>) -> Option<Spot<'a>> {
    let mut node = root.node;
    let mut path = root.path();
    for step in pointer.strip_prefix("#/")?.split('/') {
        let key = decode(step);
        node = match node.items() {
            [] => node.get(&key)?,
            items => items.get(key.parse::<usize>().ok()?)?,
        };
        path = join(&path, &key);
    }
    Some(Spot::new(node, path, root.report))
}

/// `~1` is `/`, `~0` is `~`, and the rest is percent-encoded as in a uri.
pub(crate) fn decode(step: &str) -> String {
    let plain = step.replace("~1", "/").replace("~0", "~");
    let bytes = plain.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|h| std::str::from_utf8(h).ok());
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()).filter(|_| byte == b'%') {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or(plain)
}
