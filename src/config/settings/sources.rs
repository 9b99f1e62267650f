//! `Sources`: where settings come from, and the one document that they make together.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use super::layers::{Layer, merge};
use super::reader;
use crate::config::document::{self, Data, Node, Origin, Place, Report, Spot};

/// Where a configuration without a name is looked for.
pub(crate) const DEFAULT_FILES: &[&str] = &["stagegate.yaml", "/etc/stagegate/stagegate.yaml"];

/// Where settings come from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The configuration file; `None`: the first of `DEFAULT_FILES` that is there.
    pub config: Option<PathBuf>,
    /// Flags: a key's path with dots, and its value.
    pub flags: Vec<(String, String)>,
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// A configuration that is there already: built in, or the top of a file of cases. No file is read then.
    pub embedded: Option<Node>,
    /// Nothing will be called: functions and services need no address.
    pub offline: bool,
}

/// Where the admin port is, by the same file, variables and flags; the API is not read. A file that cannot be read says
/// nothing: a running process went on without it, too.
pub(crate) fn admin_address(sources: &Sources) -> SocketAddr {
    let report = Report::default();
    let without_file = || {
        let layers =
            vec![Layer::environment(&sources.environment, None, &report), Layer::flags(&sources.flags, None, &report)];
        merge(layers).ok()
    };
    let root = root(sources, &report).or_else(without_file);
    let spot = root.as_ref().map(|node| Spot::new(node, "", &report));
    reader::admin(spot.and_then(|spot| spot.get("admin"))).listen
}

/// File, environment and flags as one document.
pub(crate) fn root(sources: &Sources, report: &Report) -> Option<Node> {
    let mut layers = Vec::new();
    if let Some(tree) = configuration(sources, report)? {
        let tree = match tree.data {
            Data::Null => Node { data: Data::Map(Default::default()), ..tree },
            Data::Map(_) => tree,
            other => {
                let place = Place { mark: tree.mark, ..Place::new(tree.origin, tree.line) };
                report.error(&place, "wrong-type", format!("expected a map, found {}", other.kind()));
                return None;
            }
        };
        layers.push(Layer::file(tree));
    }
    let environment = Layer::environment(&sources.environment, layers.first().map(Layer::tree), report);
    let flags = Layer::flags(&sources.flags, layers.first().map(Layer::tree), report);
    layers.push(environment);
    layers.push(flags);
    match merge(layers) {
        Ok(root) => Some(root),
        Err(message) => {
            let place = Place::new(Arc::new(Origin::Flag("settings".to_owned())), 0);
            report.error(&place, "syntax", message);
            None
        }
    }
}

/// The configuration file's tree; the inner `None`: there is none, and what flags and variables say must do.
fn configuration(sources: &Sources, report: &Report) -> Option<Option<Node>> {
    if let Some(tree) = &sources.embedded {
        return Some(Some(tree.clone()));
    }
    let path = match &sources.config {
        Some(path) => path.clone(),
        None => match DEFAULT_FILES.iter().map(PathBuf::from).find(|path| path.exists()) {
            Some(path) => path,
            None => return Some(None),
        },
    };
    report.uses(&path);
    let text = document::read(&path, &Place::of_file(&path, 0), report)?;
    document::tree(&path, &text, false, report).map(Some)
}
