//! A document's text to its tree, by the ending of its name; and YAML as a figment `Format`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use figment::providers::Format;
use serde::de::{DeserializeOwned, Error};

use super::limit::{FILE_BYTES, Fault};
use super::node::{Node, Origin};
use super::problem::Problem;
use super::report::{Place, Report};
use super::{json, toml, yaml};

/// The formats that a configuration or a definition can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// YAML 1.2
    Yaml,
    /// JSON
    Json,
    /// TOML
    Toml,
}

impl Language {
    /// By the file's ending; a file without a known one is JSON when it begins like JSON, else YAML.
    pub fn of(name: &Path, text: &str) -> Language {
        match name.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("json") => Language::Json,
            Some("toml") => Language::Toml,
            Some("yaml" | "yml") => Language::Yaml,
            _ if text.trim_start().starts_with('{') => Language::Json,
            _ => Language::Yaml,
        }
    }
}

/// The tree of a text, and keys that stand twice.
pub fn parse(language: Language, text: &str, origin: &Arc<Origin>) -> (Result<Node, Fault>, Vec<Fault>) {
    let mut faults = Vec::new();
    let tree = match language {
        Language::Yaml => yaml::parse(text, origin, &mut faults),
        Language::Json => json::parse(text, origin, &mut faults),
        Language::Toml => toml::parse(text, origin),
    };
    (tree, faults)
}

/// Reads a file; says what is wrong with it.
pub fn read(path: &Path, place: &Place, report: &Report) -> Option<String> {
    let shown = path.display();
    let size = match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            report.error(place, "unreadable-file", format!("`{shown}` is a folder, not a file"));
            return None;
        }
        Ok(metadata) => metadata.len(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            report.error(place, "missing-file", format!("file `{shown}` does not exist"));
            return None;
        }
        Err(e) => {
            report.error(place, "unreadable-file", format!("file `{shown}` cannot be read: {}", e.kind()));
            return None;
        }
    };
    if size > FILE_BYTES {
        report.error(
            place,
            "unreadable-file",
            format!("file `{shown}` has {size} bytes; at most {FILE_BYTES} are read"),
        );
        return None;
    }
    match std::fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => Some(text),
        Ok(Err(e)) => {
            let line = memchr::memchr_iter(b'\n', &e.as_bytes()[..e.utf8_error().valid_up_to()]).count() + 1;
            report.error(&Place::of_file(path, line), "syntax", "not UTF-8".to_owned());
            None
        }
        Err(e) => {
            report.error(place, "unreadable-file", format!("file `{shown}` cannot be read: {}", e.kind()));
            None
        }
    }
}

/// The tree of a file's text; says what is wrong with it. In an imported definition a key that stands twice is a warning,
/// as the later one is taken.
pub fn tree(path: &Path, text: &str, imported: bool, report: &Report) -> Option<Node> {
    let origin = Arc::new(Origin::File(PathBuf::from(path)));
    let (tree, faults) = parse(Language::of(path, text), text, &origin);
    for fault in faults {
        let place = Place::of_file(path, fault.line);
        if imported {
            report.warning(&place, "duplicate-key", format!("{}: the later one counts", fault.message));
        } else {
            report.error(&place, "duplicate-key", fault.message);
        }
    }
    match tree {
        Ok(node) => Some(node),
        Err(fault) => {
            report.error(&Place::of_file(path, fault.line), "syntax", fault.message);
            None
        }
    }
}

/// A document that is no configuration (a file of cases), as plain JSON.
pub fn plain(path: &Path, text: &str) -> Result<serde_json::Value, Vec<Problem>> {
    let report = Report::default();
    let tree = tree(path, text, false, &report).map(|node| node.to_json());
    let problems = report.into_problems();
    tree.filter(|_| problems.is_empty()).ok_or(problems)
}

/// The lines on which the items of a list at the top begin.
pub fn item_lines(path: &Path, text: &str, key: &str) -> Vec<usize> {
    let tree = tree(path, text, false, &Report::default());
    tree.iter().filter_map(|tree| tree.get(key)).flat_map(Node::items).map(|item| item.line).collect()
}

/// YAML for figment, over a maintained parser: figment's own provider sits on one that is not.
pub struct Yaml;

impl Format for Yaml {
    type Error = serde_json::Error;
    const NAME: &'static str = "YAML";

    fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
        let origin = Arc::new(Origin::File(PathBuf::new()));
        let tree = yaml::parse(text, &origin, &mut Vec::new())
            .map_err(|fault| serde_json::Error::custom(format!("{} at line {}", fault.message, fault.line)))?;
        T::deserialize(tree.to_json())
    }
}
