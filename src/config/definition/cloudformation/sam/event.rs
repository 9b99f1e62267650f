//! The `Api` events of functions and state machines: each is a method of an API.

use std::sync::Arc;

use super::super::template::Template;
use super::super::value::{is_given, logical_id};
use crate::config::document::{Data, Node, Origin, Place, join};

/// The API of events that name none.
pub(crate) const IMPLICIT: &str = "ServerlessRestApi";

/// The HTTP API of events that name none.
pub(crate) const IMPLICIT_HTTP: &str = "ServerlessHttpApi";

/// An event of type `Api` or `HttpApi`.
pub(crate) struct Event<'a> {
    /// The logical id of the function or state machine.
    pub owner: &'a str,
    /// Whether it is a state machine.
    pub is_state_machine: bool,
    /// Whether its owner's condition holds.
    pub present: bool,
    /// Its properties, resolved.
    pub properties: Node,
    /// The logical id of its API, or what `RestApiId` says otherwise.
    pub api: String,
    /// Where findings about what it generates point.
    pub origin: Arc<Origin>,
}

/// The events of a type, in the order of the template.
pub(crate) fn events<'a>(template: &'a Template<'_>, kind: &str) -> Vec<Event<'a>> {
    let (id_key, implicit) = match kind {
        "HttpApi" => ("ApiId", IMPLICIT_HTTP),
        _ => ("RestApiId", IMPLICIT),
    };
    let mut events = Vec::new();
    for (owner, resource) in &template.resources {
        let is_state_machine = resource.kind == "AWS::Serverless::StateMachine";
        if !is_state_machine && resource.kind != "AWS::Serverless::Function" {
            continue;
        }
        let of_resource = resource.properties.get("Events").into_iter().flat_map(Node::entries);
        for (name, node) in of_resource.filter(|(_, node)| node.text("Type") == Some(kind)) {
            let path = join(&join(&template.properties_path(owner), "Events"), name);
            let written = node.get("Properties").filter(|properties| is_given(Some(properties)));
            // An HTTP API's event may say nothing: it is the default route.
            let Some(written) = written.or((kind == "HttpApi").then_some(node)) else { continue };
            let Some(properties) = template.resolve(written, &join(&path, "Properties")) else { continue };
            let api = properties.get(id_key).and_then(Node::scalar);
            let api = api.map_or(implicit.to_owned(), |text| logical_id(&text).unwrap_or(&text).to_owned());
            let origin = Arc::new(Origin::Made { file: node.origin.name(), path });
            let present = resource.present;
            events.push(Event { owner, is_state_machine, present, properties, api, origin });
        }
    }
    events
}

impl Event<'_> {
    /// A value of its properties, at the event's place.
    pub(crate) fn get(&self, key: &str) -> Option<Node> {
        self.properties.get(key).map(|node| self.made(node))
    }

    /// The value with the event as its place.
    pub(crate) fn made(&self, node: &Node) -> Node {
        made(node, &self.origin)
    }

    /// The place of the event.
    pub(crate) fn place(&self) -> Place {
        Place::of(&self.made(&self.properties), "")
    }

    /// It cannot be made what it says.
    pub(crate) fn error(&self, template: &Template<'_>, rule: &'static str, message: String) {
        template.report.error(&self.place(), rule, message);
    }

    /// A property that the event must have, as text.
    pub(crate) fn need(&self, template: &Template<'_>, key: &str) -> Option<String> {
        let found = self.properties.get(key).and_then(Node::scalar);
        if found.is_none() && self.present {
            self.error(template, "missing-key", format!("`{key}` is missing"));
        }
        found
    }
}

/// A value and all inside, at another place: what SAM generates stands where the template says so.
pub(crate) fn made(node: &Node, origin: &Arc<Origin>) -> Node {
    let data = match &node.data {
        Data::Map(map) => Data::Map(map.iter().map(|(key, node)| (key.clone(), made(node, origin))).collect()),
        Data::List(items) => Data::List(items.iter().map(|item| made(item, origin)).collect()),
        data => data.clone(),
    };
    Node { origin: origin.clone(), ..node.with(data) }
}
