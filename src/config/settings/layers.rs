//! File, environment and flags, laid over one another by figment; what wins keeps its own place.

use std::sync::Arc;

use figment::value::{Dict, Map, Value};
use figment::{Error, Figment, Metadata, Profile, Provider};
use smol_str::SmolStr;

use crate::config::document::{Data, Entries, Language, Mark, Node, Origin, Place, Report};

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
    "TEST_BLESS",
    "TEST_COVERAGE",
    "TEST_FAIL_FAST",
    "TEST_FILTER",
    "TEST_FORMAT",
    "TEST_LIST",
    "TEST_MIN",
    "TEST_SLOWEST",
    "TEST_WATCH",
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
pub(super) struct Layer {
    name: &'static str,
    tree: Node,
}

impl Layer {
    /// The configuration file.
    pub(super) fn file(tree: Node) -> Layer {
        Layer { name: "file", tree }
    }

    /// Its tree.
    pub(super) fn tree(&self) -> &Node {
        &self.tree
    }

    /// The variables that name settings. A map's own names (of functions, stage variables) are found in any letter case, and
    /// with `_` for what a variable's name cannot have.
    pub(super) fn environment(variables: &[(String, String)], file: Option<&Node>, report: &Report) -> Layer {
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
    pub(super) fn flags(flags: &[(String, String)], file: Option<&Node>, report: &Report) -> Layer {
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

/// What figment sees of a layer: where it has values, whatever they are. A map is walked where another layer has one too: what
/// nobody disputes may be a whole API.
struct Disputed<'a> {
    layer: &'a Layer,
    others: Vec<&'a Node>,
}

impl Provider for Disputed<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.layer.name)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Default.collect(disputed(&self.layer.tree, &self.others)))
    }
}

fn disputed(tree: &Node, others: &[&Node]) -> Dict {
    let of_key = |(key, node): (&SmolStr, &Node)| {
        let others: Vec<&Node> = others.iter().filter_map(|other| other.entry(key)).collect();
        let value = match &node.data {
            Data::Map(_) if !others.is_empty() => Value::from(disputed(node, &others)),
            _ => Value::from(true),
        };
        (key.to_string(), value)
    };
    tree.entries().map(of_key).collect()
}

/// The settings as they count: figment says which layer wins, the layer's own tree says what stands there. It is moved, not copied.
pub(crate) fn merge(layers: Vec<Layer>) -> Result<Node, String> {
    let others = |own: &Layer| layers.iter().filter(|other| other.name != own.name).map(Layer::tree).collect();
    let figment =
        layers.iter().fold(Figment::new(), |figment, layer| figment.merge(Disputed { layer, others: others(layer) }));
    let data = figment.data().map_err(|e| e.to_string())?;
    let values = data.get(&Profile::Default).cloned().unwrap_or_default();
    Ok(weave(&figment, &values, layers.into_iter().map(|layer| (layer.name, layer.tree)).collect()))
}

/// One map of those that the layers have at a place, in the order of the documents: figment's own maps are sorted.
fn weave(figment: &Figment, values: &Dict, mut trees: Vec<(&'static str, Node)>) -> Node {
    let mut maps: Vec<(&'static str, Entries)> = Vec::with_capacity(trees.len());
    for (name, tree) in &mut trees {
        maps.push(match std::mem::replace(&mut tree.data, Data::Null) {
            Data::Map(map) => (name, map),
            _ => (name, Entries::default()),
        });
    }
    let mut woven = Entries::with_capacity(values.len());
    for n in 0..maps.len() {
        let (name, map) = (maps[n].0, std::mem::take(&mut maps[n].1));
        for (key, node) in map {
            let Some(value) = values.get(key.as_str()) else { continue };
            let later = maps[n + 1..].iter_mut();
            let later = later.filter_map(|(name, map)| Some((*name, map.shift_remove(&key)?)));
            let mut found: Vec<(&'static str, Node)> = std::iter::once((name, node)).chain(later).collect();
            let node = match value {
                Value::Dict(_, values) => weave(figment, values, found),
                leaf => {
                    let name = figment.get_metadata(leaf.tag()).map(|m| m.name.clone()).unwrap_or_default();
                    let winner = found.iter().rposition(|(layer, _)| *layer == name).unwrap_or(found.len() - 1);
                    found.swap_remove(winner).1
                }
            };
            woven.insert(key, node);
        }
    }
    let first = trees.into_iter().next().map_or_else(|| empty(""), |(_, tree)| tree);
    Node { data: Data::Map(woven), ..first }
}

fn empty(name: &str) -> Node {
    Node::new(&Arc::new(Origin::Flag(name.to_owned())), 0, Data::Map(Entries::default()))
}

fn put(tree: &mut Node, path: &[String], file: Option<&Node>, leaf: Node) {
    let Some((first, rest)) = path.split_first() else { return };
    let found = file.and_then(|file| file.entries().find(|(key, _)| alike(key, first)));
    let key = found.map_or_else(|| first.into(), |(key, _)| key.clone());
    if !tree.is_map() {
        tree.data = Data::Map(Entries::default());
    }
    let Data::Map(map) = &mut tree.data else { return };
    if rest.is_empty() {
        map.insert(key, leaf);
        return;
    }
    let inner = map.get_or_insert_with(key, || Node::new(&leaf.origin, 0, Data::Map(Entries::default())));
    put(inner, rest, found.map(|(_, node)| node), leaf);
}

/// Settings that are text, however it begins.
const TEXTS: &[&[&str]] = &[&["log", "access"]];

/// A list or a map is written as in YAML's flow style; all else is text until somebody reads it as something.
fn leaf(path: &[String], origin: &Arc<Origin>, value: &str, report: &Report) -> Node {
    if !value.starts_with(['[', '{']) || TEXTS.iter().any(|text| path == *text) {
        return Node::new(origin, 0, Data::Text(value.into()));
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
        Data::Map(map) => map.iter_mut().for_each(|(_, node)| forget_lines(node)),
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
