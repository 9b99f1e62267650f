//! File, environment and flags, laid over one another by figment; what wins keeps its own place.

use std::sync::Arc;

use figment::value::{Dict, Map, Value};
use figment::{Error, Figment, Metadata, Profile, Provider};
use indexmap::IndexMap;

use crate::config::document::{Data, Language, Mark, Node, Origin, Place, Report};

/// What every setting's variable begins with.
pub const PREFIX: &str = "STAGEGATE_";

/// Variables of the commands' own flags, which are no settings.
pub const FLAGS: &[&str] = &[
    "ADMIN_URL",
    "AGAINST",
    "AUTHORIZER",
    "AWS",
    "CASES",
    "CASE_CONFIG",
    "CHECK_ALL",
    "CHECK_CASES",
    "CHECK_ERRORS",
    "CHECK_EXPLAIN",
    "CHECK_FORMAT",
    "CHECK_FROM",
    "CHECK_ORIGIN",
    "CHECK_SCHEMA",
    "CHECK_SHOW",
    "CONFIG",
    "DEMO_HTTP",
    "DIFF_FORMAT",
    "EVAL_BODY",
    "EVAL_JSON_PATH",
    "EVAL_PATTERN",
    "EVAL_TEMPLATE",
    "EVAL_TEXT",
    "EXPLAIN_BODY",
    "EXPLAIN_FORMAT",
    "EXPORT_FORMAT",
    "FILTER",
    "FOR",
    "FULL",
    "FUNCTION_ERROR",
    "HEADER",
    "ID",
    "INIT_OUTPUT",
    "METHOD",
    "OUT",
    "PATH",
    "PAYLOAD",
    "REVISION",
    "STATUS",
    "STRICT",
    "TEST_FORMAT",
    "URL",
];

/// Settings that have a flag of their own, and the flag.
pub const NAMED_FLAGS: &[(&str, &str)] = &[
    ("listen", "--listen"),
    ("threads", "--threads"),
    ("drain", "--drain"),
    ("admin.listen", "--admin-listen"),
    ("api.definition", "--definition"),
    ("api.stage", "--stage"),
    ("api.base_path", "--base-path"),
    ("log.format", "--log-format"),
    ("log.level", "--log-level"),
];

/// One layer of settings.
pub struct Layer {
    name: &'static str,
    tree: Node,
}

impl Layer {
    /// The configuration file.
    pub fn file(tree: Node) -> Layer {
        Layer { name: "file", tree }
    }

    /// Its tree.
    pub fn tree(&self) -> &Node {
        &self.tree
    }

    /// The variables that name settings. A map's own names (of functions, stage variables) are found in any letter case, and
    /// with `_` for what a variable's name cannot have.
    pub fn environment(variables: &[(String, String)], file: Option<&Node>, report: &Report) -> Layer {
        let mut tree = empty("environment");
        for (name, value) in variables {
            let Some(key) = name.strip_prefix(PREFIX) else { continue };
            if value.is_empty() || FLAGS.contains(&key) || is_from_kubernetes(key) {
                continue;
            }
            let path: Vec<String> = key.split("__").map(str::to_ascii_lowercase).collect();
            put(&mut tree, &path, file, leaf(&path, &Arc::new(Origin::Variable(name.clone())), value, report));
        }
        Layer { name: "environment", tree }
    }

    /// The flags: a key's path, with dots, and its value.
    pub fn flags(flags: &[(String, String)], file: Option<&Node>, report: &Report) -> Layer {
        let mut tree = empty("flags");
        for (key, value) in flags {
            let named = NAMED_FLAGS.iter().find(|(path, _)| path == key);
            let name = named.map_or_else(|| format!("--set {key}"), |(_, flag)| (*flag).to_owned());
            let path: Vec<String> = key.split('.').map(str::to_owned).collect();
            put(&mut tree, &path, file, leaf(&path, &Arc::new(Origin::Flag(name)), value, report));
        }
        Layer { name: "flags", tree }
    }
}

impl Provider for &Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let dict = match Value::serialize(self.tree.to_json())? {
            Value::Dict(_, dict) => dict,
            _ => Dict::new(),
        };
        Ok(Profile::Default.collect(dict))
    }
}

/// The settings as they count: figment says which layer wins, the layer's own tree says what stands there.
pub(crate) fn merge(layers: &[Layer]) -> Result<Node, String> {
    let figment = layers.iter().fold(Figment::new(), |figment, layer| figment.merge(layer));
    let data = figment.data().map_err(|e| e.to_string())?;
    let values = data.get(&Profile::Default).cloned().unwrap_or_default();
    let trees: Vec<(&str, Option<&Node>)> = layers.iter().map(|layer| (layer.name, Some(&layer.tree))).collect();
    Ok(weave(&figment, &values, &trees))
}

fn weave(figment: &Figment, values: &Dict, trees: &[(&str, Option<&Node>)]) -> Node {
    let mut map = IndexMap::new();
    // In the order of the documents: figment's own maps are sorted.
    for (_, tree) in trees {
        for (key, _) in tree.iter().flat_map(|tree| tree.entries()) {
            let Some(value) = values.get(key).filter(|_| !map.contains_key(key)) else { continue };
            let below: Vec<(&str, Option<&Node>)> = trees
                .iter()
                .map(|(name, tree)| {
                    let node = tree.and_then(|tree| match &tree.data {
                        Data::Map(map) => map.get(key),
                        _ => None,
                    });
                    (*name, node)
                })
                .collect();
            let node = match value {
                Value::Dict(_, values) => weave(figment, values, &below),
                leaf => {
                    let name = figment.get_metadata(leaf.tag()).map(|m| m.name.clone()).unwrap_or_default();
                    let winner = below.iter().rev().find(|(layer, node)| *layer == name && node.is_some());
                    let Some(node) = winner.or(below.iter().rfind(|(_, node)| node.is_some())).and_then(|(_, n)| *n)
                    else {
                        continue;
                    };
                    node.clone()
                }
            };
            map.insert(key.clone(), node);
        }
    }
    let first = trees.iter().find_map(|(_, tree)| *tree);
    match first {
        Some(node) => Node { data: Data::Map(map), ..node.clone() },
        None => Node { data: Data::Map(map), ..empty("") },
    }
}

fn empty(name: &str) -> Node {
    Node::new(&Arc::new(Origin::Flag(name.to_owned())), 0, Data::Map(IndexMap::new()))
}

fn put(tree: &mut Node, path: &[String], file: Option<&Node>, leaf: Node) {
    let Some((first, rest)) = path.split_first() else { return };
    let found = file.and_then(|file| file.entries().find(|(key, _)| alike(key, first)));
    let key = found.map_or_else(|| first.clone(), |(key, _)| key.clone());
    if !tree.is_map() {
        tree.data = Data::Map(IndexMap::new());
    }
    let Data::Map(map) = &mut tree.data else { return };
    if rest.is_empty() {
        map.insert(key, leaf);
        return;
    }
    let inner = map.entry(key).or_insert_with(|| Node::new(&leaf.origin, 0, Data::Map(IndexMap::new())));
    put(inner, rest, found.map(|(_, node)| node), leaf);
}

/// Settings that are text, however it begins.
const TEXTS: &[&[&str]] = &[&["log", "access"]];

/// A list or a map is written as in YAML's flow style; all else is text until somebody reads it as something.
fn leaf(path: &[String], origin: &Arc<Origin>, value: &str, report: &Report) -> Node {
    if !value.starts_with(['[', '{']) || TEXTS.iter().any(|text| path == *text) {
        return Node::new(origin, 0, Data::Text(value.to_owned()));
    }
    match Language::Yaml.parse(value, origin).0 {
        Ok(mut node) => {
            forget_lines(&mut node);
            node
        }
        Err(fault) => {
            let place = Place::new(origin.clone(), 0);
            report.error(&place, "syntax", fault.message);
            Node::new(origin, 0, Data::Null)
        }
    }
}

fn forget_lines(node: &mut Node) {
    (node.line, node.mark) = (0, Mark::default());
    match &mut node.data {
        Data::List(items) => items.iter_mut().for_each(forget_lines),
        Data::Map(map) => map.values_mut().for_each(forget_lines),
        _ => {}
    }
}

fn alike(key: &str, name: &str) -> bool {
    let fold = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    key.chars().map(fold).eq(name.chars().map(fold))
}

/// Kubernetes puts `STAGEGATE_SERVICE_HOST`, `STAGEGATE_PORT_8080_TCP` and the like into every pod beside a service that is
/// called `stagegate` (or `stagegate-…`).
fn is_from_kubernetes(key: &str) -> bool {
    if key.contains("__") {
        return false;
    }
    let key = format!("_{key}");
    let ends = |tail: &str| key.ends_with(tail);
    ends("_SERVICE_HOST") || ends("_PORT") || key.contains("_SERVICE_PORT") || {
        key.split_once("_PORT_").is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()))
    }
}
