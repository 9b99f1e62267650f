//! The references' trees, and what their comments say of each key.

use std::path::Path;

use crate::config::document::{Node, parse};

/// A documented configuration.
pub(super) struct Reference {
    text: &'static str,
    /// Its tree.
    pub tree: Node,
}

/// What a line's comment says.
pub(super) struct Told {
    /// The sentence.
    pub text: String,
    /// Whether the line's value is the default.
    pub is_default: bool,
}

/// A comment that begins so far to the right goes on with the one above it.
const CONTINUED: usize = 30;

/// That of a REST API, with everything that is no API's, and that of an HTTP API.
pub(super) fn references() -> [Reference; 2] {
    let rest = include_str!("../../../config/reference.yaml");
    let http = include_str!("../../../config/reference-http.yaml");
    [rest, http].map(|text| {
        let tree = parse(Path::new("reference.yaml"), text).expect("a document of our own, which a test reads");
        Reference { text, tree }
    })
}

impl Reference {
    /// What the comment behind a value says, when the value begins its line.
    pub(super) fn told(&self, node: &Node) -> Option<Told> {
        let mut lines = self.text.lines().skip(node.line.checked_sub(1)?);
        let (code, comment) = lines.next()?.split_once(" #")?;
        let first = code.trim_start_matches([' ', '-']);
        if code.len() - first.len() + 1 != node.mark.column() {
            return None;
        }
        let more = lines.map_while(|line| {
            let comment = line.trim_start().strip_prefix('#')?;
            (line.len() - comment.len() > CONTINUED).then(|| comment.trim())
        });
        let text = std::iter::once(comment.trim()).chain(more).collect::<Vec<&str>>().join(" ");
        let is_default = text.contains("; default");
        Some(Told { text: text.strip_suffix("; default").unwrap_or(&text).to_owned(), is_default })
    }
}
