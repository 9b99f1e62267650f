//! `Language`: a document's text to its tree, by the ending of its name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::fault::{Fault, FaultKind};
use super::node::{Node, Origin};
use super::problem::Problem;
use super::report::{Place, Report};
use super::{json, toml, yaml};

/// The formats that a configuration or a definition can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// YAML 1.2
    Yaml,
    /// JSON
    Json,
    /// TOML
    Toml,
}

impl Language {
    /// By the file's ending; a file without a known one is JSON when it begins like JSON, else YAML.
    pub(crate) fn of(name: &Path, text: &str) -> Language {
        match name.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("json") => Language::Json,
            Some("toml") => Language::Toml,
            Some("yaml" | "yml") => Language::Yaml,
            _ if text.trim_start().starts_with('{') => Language::Json,
            _ => Language::Yaml,
        }
    }

    /// The tree of a text, and keys that stand twice.
    pub(crate) fn parse(self, text: &str, origin: &Arc<Origin>) -> (Result<Node, Fault>, Vec<Fault>) {
        let mut faults = Vec::new();
        let tree = match self {
            Language::Yaml => yaml::parse(text, origin, &mut faults),
            Language::Json => json::parse(text, origin, &mut faults),
            Language::Toml => toml::parse(text, origin),
        };
        (tree, faults)
    }
}

/// The tree of a text on its own, such as a file of cases; the path says which format it has.
pub fn parse(path: &Path, text: &str) -> Result<Node, Vec<Problem>> {
    let report = Report::default();
    let tree = tree(path, text, false, &report);
    let problems = report.into_problems();
    tree.filter(|_| problems.is_empty()).ok_or(problems)
}

/// What another tool would have to make of a text first.
fn foreign(text: &str) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["%{ for", "%{for", "%{ if", "%{if"]) {
        return Some("; `%{ … }` is Terraform's: give the text that it renders");
    }
    has(&["{% ", "{%- ", "{{ ", "{{- "])
        .then_some("; `{{ … }}` and `{% … %}` are a template engine's: give the text that it renders")
}

/// The tree of a file's text; says what is wrong with it. In an imported definition a key that stands twice is a warning,
/// as the later one is taken.
pub(crate) fn tree(path: &Path, text: &str, imported: bool, report: &Report) -> Option<Node> {
    let origin = Arc::new(Origin::File(PathBuf::from(path)));
    let language = Language::of(path, text);
    if language == Language::Yaml {
        report.annotated(path, text);
    }
    let (tree, faults) = language.parse(text, &origin);
    for fault in faults {
        let place = Place::of_file(path, fault.line);
        match (fault.kind, imported) {
            (FaultKind::Merge, true) => report.warning(&place, "merge-key", fault.message),
            (FaultKind::Merge, false) => {}
            (_, true) => report.warning(&place, "duplicate-key", format!("{}: the later one counts", fault.message)),
            (_, false) => report.error(&place, "duplicate-key", fault.message),
        }
    }
    match tree {
        Ok(node) => Some(node),
        Err(fault) => {
            let foreign = foreign(text).filter(|_| imported).unwrap_or_default();
            report.error(&Place::of_file(path, fault.line), "syntax", format!("{}{foreign}", fault.message));
            None
        }
    }
}
