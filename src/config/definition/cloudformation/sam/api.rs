//! `AWS::Serverless::Api` with the events that belong to it, as the RestApi, its document and its stage.

use std::sync::Arc;

use super::super::globals::with_globals;
use super::super::template::Template;
use super::super::value::{self, entry, is_given, put};
use super::auth::{self, ApiAuth};
use super::document::{ApiDocument, INTEGRATION, method_key};
use super::event::{Event, IMPLICIT, events, made};
use super::integration::leave_out;
use super::{cors, policy, request};
use crate::config::document::{Data, Node, Origin, Place, join};

/// What an API becomes.
pub(crate) struct SamApi {
    /// Its properties, resolved, globals put in.
    pub properties: Node,
    /// Its document; `None` when it could not be read.
    pub document: Option<Node>,
    /// The document's path in the template.
    pub path: String,
    /// The name of its stage.
    pub stage: String,
}

impl SamApi {
    /// Reads the document that `DefinitionUri` names, if it does; one in the template itself is told of by its path.
    pub(super) fn is_elsewhere(&mut self, template: &Template<'_>, path: &str) -> bool {
        if is_given(self.properties.get("DefinitionBody")) {
            self.path = join(path, "DefinitionBody");
            return false;
        }
        let Some(node) = self.properties.get("DefinitionUri").filter(|node| is_given(Some(node))) else { return false };
        let place = Place::of(node, join(path, "DefinitionUri"));
        let location = template.location(node).unwrap_or_default();
        self.document = template.include(&location, node, &place);
        self.path = String::new();
        true
    }
}

/// Expands the API of that logical id. `stage` is the name under which it is served, if the configuration says so.
pub(crate) fn expand(template: &Template<'_>, id: &str, stage: Option<&str>) -> SamApi {
    let events: Vec<Event<'_>> = events(template, "Api").into_iter().filter(|event| event.api == id).collect();
    let properties = properties(template, id, "AWS::Serverless::Api", IMPLICIT, &events);
    let own_stage = properties.get("StageName").and_then(Node::scalar).filter(|name| !name.contains("${"));
    let stage = stage.map(str::to_owned).or(own_stage).unwrap_or_else(|| "Prod".to_owned());
    let path = template.properties_path(id);
    let mut api = SamApi { document: None, path: template.resource_path(id), stage, properties };
    if api.is_elsewhere(template, &path) {
        return api;
    }
    let builder = Builder { template, api: &api.properties, path, stage: &api.stage };
    api.document = Some(builder.build(&events));
    api
}

/// The properties of an API resource, or of the one that events without an API make.
pub(super) fn properties(template: &Template<'_>, id: &str, kind: &str, implicit: &str, events: &[Event<'_>]) -> Node {
    // Events without an API of their own win over a resource that happens to have the implicit one's name.
    let is_implicit = id == implicit && !events.is_empty();
    match template.resources.get(id).filter(|_| !is_implicit) {
        Some(resource) => template.properties(id, resource),
        None => {
            let at = events.first().map_or_else(|| template.root.clone(), |event| event.properties.clone());
            let mut own = value::map(&at, []);
            if implicit == IMPLICIT {
                put(&mut own, "StageName", value::text(&at, "Prod"));
            }
            let whole = match template.root.get("Globals") {
                Some(globals) => with_globals(kind, &at, own, globals),
                None => own,
            };
            template.resolve(&whole, &template.properties_path(id)).unwrap_or(whole)
        }
    }
}

/// Builds the document of an API that is not in another file.
struct Builder<'a> {
    template: &'a Template<'a>,
    api: &'a Node,
    path: String,
    stage: &'a str,
}

impl Builder<'_> {
    fn build(&self, events: &[Event<'_>]) -> Node {
        let mut document = match self.api.get("DefinitionBody").filter(|body| is_given(Some(body))) {
            Some(body) => ApiDocument { root: body.clone(), managed: false },
            None => ApiDocument::skeleton(self.api),
        };
        let is_merged = is_given(self.api.get("MergeDefinitions"));
        if document.managed {
            for event in events {
                self.reserve(event, &mut document);
            }
        }
        let (functions, machines): (Vec<&Event<'_>>, Vec<_>) = events.iter().partition(|event| !event.is_state_machine);
        for event in functions.into_iter().chain(machines) {
            if document.managed || (is_merged && !event.is_state_machine) {
                self.add(event, &mut document);
            }
            self.override_auth(event, &mut document);
        }
        if document.managed {
            document.drop_absent_paths();
        }
        self.add_sections(&mut document);
        auth::move_schemes(&mut document);
        auth::drop_markers(&mut document);
        document.root
    }

    /// All paths and methods come first, in the order of the template.
    fn reserve(&self, event: &Event<'_>, document: &mut ApiDocument) {
        let path = event.need(self.template, "Path");
        let method = event.need(self.template, "Method");
        if let (Some(path), Some(method)) = (path, method) {
            document.add_method(&path, &method_key(&method), &event.made(&event.properties));
        }
    }

    fn add(&self, event: &Event<'_>, document: &mut ApiDocument) {
        let text = |key: &str| event.properties.get(key).and_then(Node::scalar);
        let (Some(path), Some(method)) = (text("Path"), text("Method")) else { return };
        let method = method_key(&method);
        if !event.present {
            let is_empty =
                document.path_item(&path).and_then(|item| item.get(&method).map(|m| !is_given(m.get(INTEGRATION))));
            if is_empty == Some(true) {
                leave_out(document, &path, &method);
            }
            return;
        }
        if !document.managed {
            self.replace(event, &path, &method, document);
            return;
        }
        if self.template.add_integration(event, &path, &method, document).is_none() {
            return;
        }
        self.add_details(event, &path, &method, document);
    }

    fn add_details(&self, event: &Event<'_>, path: &str, method: &str, document: &mut ApiDocument) {
        let api_auth = self.auth();
        auth::add_event(event, api_auth.as_ref(), path, method, document, self.template);
        self.add_policy(event, path, document);
        if !event.is_state_machine {
            request::add_model(event, self.api, path, method, document, self.template);
            request::add_parameters(event, path, method, document, self.template);
        }
    }

    /// `MergeDefinitions`: what the event makes wins, key by key, over what the definition has for that method.
    fn replace(&self, event: &Event<'_>, path: &str, method: &str, document: &mut ApiDocument) {
        let mut own = ApiDocument::skeleton(self.api);
        if self.template.add_integration(event, path, method, &mut own).is_none() {
            return;
        }
        self.add_details(event, path, method, &mut own);
        let Some(made) = own.integrated(path, method).cloned() else { return };
        if let Some(operation) = document.add_method(path, method, &made) {
            for (key, node) in made.entries() {
                put(operation, key, node.clone());
            }
        }
    }

    /// `OverrideApiAuth`: the event's `Auth` counts although the API has a definition.
    fn override_auth(&self, event: &Event<'_>, document: &mut ApiDocument) {
        let asked = event.properties.get("Auth").is_some_and(|auth| is_given(auth.get("OverrideApiAuth")));
        let text = |key: &str| event.properties.get(key).and_then(Node::scalar);
        let (true, Some(path), Some(method)) = (asked && !document.managed, text("Path"), text("Method")) else {
            return;
        };
        let api_auth = self.auth();
        auth::add_event(event, api_auth.as_ref(), &path, &method_key(&method), document, self.template);
        self.add_policy(event, &path, document);
    }

    fn add_policy(&self, event: &Event<'_>, path: &str, document: &mut ApiDocument) {
        let auth = event.get("Auth");
        let written = auth.as_ref().and_then(|auth| auth.get("ResourcePolicy")).filter(|node| is_given(Some(node)));
        if let Some(written) = written {
            policy::add(document, written, path, self.stage);
            policy::add_custom(document, written);
        }
    }

    fn auth(&self) -> Option<ApiAuth<'_>> {
        let node = self.api.get("Auth").filter(|node| is_given(Some(node)))?;
        Some(ApiAuth { node, path: join(&self.path, "Auth"), template: self.template })
    }

    /// What the API itself says, in the translator's order.
    fn add_sections(&self, document: &mut ApiDocument) {
        if let Some(cors) = self.section("Cors") {
            let place = Place::of(&cors, "");
            cors::add(document, &cors, &place, self.template);
        }
        if let Some(auth) = self.auth() {
            auth.add(document, self.stage);
        }
        if let Some(responses) = self.section("GatewayResponses") {
            add_gateway_responses(document, &responses);
        }
        if let Some(types) = self.section("BinaryMediaTypes") {
            put(&mut document.root, "x-amazon-apigateway-binary-media-types", media_types(&types));
        }
        if let Some(models) = self.section("Models") {
            request::add_definitions(document, &models);
        }
    }

    /// A property of the API that is given, with its own path as its place.
    fn section(&self, key: &str) -> Option<Node> {
        let node = self.api.get(key).filter(|node| is_given(Some(node)))?;
        let origin = Origin::Made { file: node.origin.name(), path: join(&self.path, key) };
        Some(made(node, &Arc::new(origin)))
    }
}

/// Headers, paths and query strings become `gatewayresponse.…` parameters.
fn add_gateway_responses(document: &mut ApiDocument, responses: &Node) {
    let empty = || value::map(responses, []);
    let Some(all) = entry(&mut document.root, "x-amazon-apigateway-gateway-responses", empty) else { return };
    for (kind, response) in responses.entries() {
        let mut parameters = value::map(response, []);
        let groups = [("Headers", "header"), ("Paths", "path"), ("QueryStrings", "querystring")];
        for (group, word) in groups {
            let named = response.get("ResponseParameters").and_then(|parameters| parameters.get(group));
            for (name, node) in named.into_iter().flat_map(Node::entries) {
                put(&mut parameters, &format!("gatewayresponse.{word}.{name}"), node.clone());
            }
        }
        let mut made = value::map(response, [("responseParameters", parameters)]);
        for (from, to) in [("ResponseTemplates", "responseTemplates"), ("StatusCode", "statusCode")] {
            if let Some(node) = response.get(from) {
                put(&mut made, to, node.clone());
            }
        }
        put(all, kind, made);
    }
}

/// `~1` is how a template writes `/`.
pub(crate) fn media_types(types: &Node) -> Node {
    let items = types.items().iter().map(|item| match &item.data {
        Data::Text(text) => value::text(item, text.replace("~1", "/")),
        _ => item.clone(),
    });
    value::list(types, items.collect())
}
