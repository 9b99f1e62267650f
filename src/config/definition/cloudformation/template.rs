//! `Template`: the document, its resources with SAM's globals put in, and what resolving them has found out.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};

use indexmap::IndexMap;

use super::globals::with_globals;
use crate::config::definition::written::WrittenStage;
use crate::config::document::{Node, Place, Report, join};

/// A template that is read.
pub(crate) struct Template<'a> {
    /// The document, what it includes at its top put in.
    pub root: &'a Node,
    /// The document's own path: empty for a file.
    pub path: &'a str,
    /// The settings: parameters, region, account, stage.
    pub stage: &'a WrittenStage,
    /// Where findings go.
    pub report: &'a Report,
    /// The resources, those that a condition leaves out too.
    pub resources: IndexMap<String, Resource>,
    /// Functions by their names, with the other names that they may have in the configuration.
    pub functions: RefCell<IndexMap<String, Vec<String>>>,
    /// What mappings and templates need and has no value here: names as they stand in `${…}`.
    pub unknown: RefCell<BTreeSet<String>>,
    /// Conditions that are evaluated; `None` while one is.
    pub(super) conditions: RefCell<HashMap<String, Option<bool>>>,
    /// How many references and includes lead into each other at the moment.
    pub(super) depth: Cell<usize>,
    /// Bytes of text that functions have made so far.
    pub(super) made: Cell<usize>,
}

/// One of the template's resources.
pub(crate) struct Resource {
    /// `Type`
    pub kind: String,
    /// `Properties`, unresolved, globals put in.
    pub properties: Node,
    /// `Condition` holds, or there is none.
    pub present: bool,
    /// `Metadata."aws:cdk:path"`
    pub cdk_path: Option<String>,
}

impl<'a> Template<'a> {
    /// Reads the resources of a document.
    pub(crate) fn new(root: &'a Node, path: &'a str, stage: &'a WrittenStage, report: &'a Report) -> Template<'a> {
        let mut template = Template {
            root,
            path,
            stage,
            report,
            resources: IndexMap::new(),
            functions: RefCell::default(),
            unknown: RefCell::default(),
            conditions: RefCell::default(),
            depth: Cell::new(0),
            made: Cell::new(0),
        };
        let globals = root.get("Globals");
        for (id, node) in root.get("Resources").into_iter().flat_map(Node::entries) {
            if let Some(resource) = template.resource(id, node, globals) {
                template.resources.insert(id.to_string(), resource);
            }
        }
        template
    }

    fn resource(&self, id: &str, node: &Node, globals: Option<&Node>) -> Option<Resource> {
        let place = Place::of(node, self.resource_path(id));
        if id == "Fn::Transform" {
            return None;
        }
        if id.starts_with("Fn::") {
            let message = format!("`{id}` is not evaluated: what it would make is not there");
            self.report.warning(&place, "unsupported-function", message);
            return None;
        }
        let kind = node.get("Type").and_then(Node::scalar)?;
        let own = node.get("Properties").cloned().unwrap_or_else(|| super::value::map(node, []));
        let properties = match globals {
            Some(globals) => with_globals(&kind, node, own, globals),
            None => own,
        };
        let present = node.get("Condition").and_then(Node::scalar).is_none_or(|name| self.condition(&name, &place));
        let cdk_path = node.get("Metadata").and_then(|m| m.get("aws:cdk:path")).and_then(Node::scalar);
        Some(Resource { kind, properties, present, cdk_path })
    }

    /// The resources of a type whose conditions hold, in the order of the template.
    pub(crate) fn of_kind<'t>(&'t self, kind: &'t str) -> impl Iterator<Item = (&'t str, &'t Resource)> + 't {
        let found = self.resources.iter().filter(move |(_, resource)| resource.present && resource.kind == kind);
        found.map(|(id, resource)| (id.as_str(), resource))
    }

    /// The properties of a resource, resolved.
    pub(crate) fn properties(&self, id: &str, resource: &Resource) -> Node {
        let resolved = self.resolve(&resource.properties, &self.properties_path(id));
        resolved.unwrap_or_else(|| super::value::map(&resource.properties, []))
    }

    /// One property of a resource, resolved; `null` counts as absent.
    pub(crate) fn property(&self, id: &str, resource: &Resource, name: &str) -> Option<Node> {
        let path = join(&self.properties_path(id), name);
        self.resolve(resource.properties.get(name)?, &path)
    }

    /// One property of a resource as text.
    pub(crate) fn property_text(&self, id: &str, resource: &Resource, name: &str) -> Option<String> {
        self.property(id, resource, name)?.scalar()
    }

    /// The path of a resource in the document.
    pub(crate) fn resource_path(&self, id: &str) -> String {
        join(&join(self.path, "Resources"), id)
    }

    /// The path of its properties.
    pub(crate) fn properties_path(&self, id: &str) -> String {
        join(&self.resource_path(id), "Properties")
    }

    /// The place of a resource.
    pub(crate) fn place(&self, id: &str) -> Place {
        let node = self.root.get("Resources").and_then(|resources| resources.get(id)).unwrap_or(self.root);
        Place::of(node, self.resource_path(id))
    }
}
