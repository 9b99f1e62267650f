//! The chosen API of the template, read: its definition if it has one, then its resources, then its stage.

use std::collections::HashMap;

use super::choose::{ApiKind, Candidate, choose};
use super::http_stage::{self, HttpStage};
use super::method::{self, Names};
use super::stage::{self, TemplateStage};
use super::template::Template;
use super::value::{flag, is_given, logical_id};
use super::{authorizer, http_api, include, key, sam};
use crate::api::{ApiKeySource, GatewayResponseType};
use crate::config::definition::openapi;
use crate::config::definition::written::dialect::Dialect;
use crate::config::definition::written::http_api::HttpApi;
use crate::config::definition::written::{Policy, Schema, Validator, WrittenApi, WrittenStage, fill, gateway_response};
use crate::config::document::{Data, Node, Place, Spot};

/// Reads the template: the API as written, and what the stage has from it.
pub(crate) fn read(root: &Spot<'_>, stage: &mut WrittenStage, written: &mut WrittenApi) {
    let root_path = root.path();
    let found = {
        let plain = Template::new(root.node, &root_path, stage, root.report);
        let whole = include::put_in(root, &plain);
        let template = match &whole {
            Some(whole) => Template::new(whole, &root_path, stage, root.report),
            None => plain,
        };
        let chosen = choose(&template, &root.place(), root.report);
        let found = chosen.and_then(|api| root.report.part(|| read_api(&template, &api, written)).0);
        written.functions = template.functions.take();
        written.unknown = template.unknown.take();
        written.parameters = template.parameters_without_value();
        found
    };
    match found {
        Some(Found::Rest(found)) => found.put_in(stage, &written.routes, root.report),
        Some(Found::Http(found)) => found.put_in(stage),
        None => {}
    }
}

/// The stage of either kind of API.
enum Found {
    Rest(TemplateStage),
    Http(HttpStage),
}

fn read_api(template: &Template<'_>, api: &Candidate, written: &mut WrittenApi) -> Option<Found> {
    let mut found = match api.kind {
        ApiKind::Rest | ApiKind::Elsewhere => cloudformation(template, &api.id, written),
        ApiKind::SamRest => serverless(template, &api.id, written),
        ApiKind::Http => {
            let mut http = HttpApi::default();
            http_api::read(template, &api.id, &mut http);
            written.http = Some(http);
            return Some(Found::Http(http_stage::read(template, &api.id)));
        }
        ApiKind::SamHttp => {
            let (http, stage) = serverless_http(template, &api.id);
            written.http = Some(http);
            return Some(Found::Http(stage));
        }
        ApiKind::WebSocket => {
            let message = format!("`{}` is a WebSocket API: it cannot be served", api.id);
            template.report.error(&template.place(&api.id), "websocket-api", message);
            return None;
        }
    };
    let name = found.1.get("Name").and_then(Node::scalar).filter(|name| !name.is_empty() && !name.contains("${"));
    let title = written.title.take().filter(|title| !title.contains("${"));
    written.title = name.or(title).or_else(|| Some(api.id.clone()));
    let names = Names {
        authorizers: authorizer::read(template, &api.id, written),
        models: models(template, &api.id, written),
        validators: validators(template, &api.id),
    };
    gateway_responses(template, &api.id, written);
    method::read(template, &api.id, &names, written);
    let mut keys = key::read(template, &api.id);
    if api.kind == ApiKind::SamRest {
        key::add_sam(&mut keys, template, &api.id, &found.1);
    }
    found.0.keys = keys;
    mappings(template, &api.id);
    Some(Found::Rest(found.0))
}

/// `AWS::ApiGateway::RestApi`
fn cloudformation(template: &Template<'_>, id: &str, written: &mut WrittenApi) -> (TemplateStage, Node) {
    let stage = stage::read(template, id);
    let Some(resource) = template.resources.get(id) else { return (stage, template.root.with(Data::Null)) };
    let properties = template.properties(id, resource);
    let path = template.properties_path(id);
    let spot = Spot::new(&properties, path.clone(), template.report);
    if let Some(body) = spot.get("Body").filter(|body| is_given(Some(body.node))) {
        openapi_body(body.node.clone(), &body.path(), template, written);
    } else if let Some(place) = spot.get("BodyS3Location") {
        let location = template.location(place.node).unwrap_or_default();
        if let Some(body) = template.include(&location, place.node, &place.place()) {
            openapi_body(body, "", template, written);
        }
    }
    settings(&spot, written);
    (stage, properties)
}

/// `AWS::Serverless::Api`
fn serverless(template: &Template<'_>, id: &str, written: &mut WrittenApi) -> (TemplateStage, Node) {
    let named = template.stage.is_named.then_some(template.stage.name.as_str());
    let api = sam::expand(template, id, named);
    if let Some(document) = api.document {
        openapi_body(document, &api.path, template, written);
    }
    let spot = Spot::new(&api.properties, template.properties_path(id), template.report);
    settings(&spot, written);
    (stage::of_sam(template, id, &api.properties, &api.stage), api.properties)
}

/// `AWS::Serverless::HttpApi`
fn serverless_http(template: &Template<'_>, id: &str) -> (HttpApi, HttpStage) {
    let mut http = HttpApi::default();
    let api = sam::expand_http(template, id);
    if let Some(document) = api.document {
        http_api::read_body(document, &api.path, template, &mut http);
    }
    let name = api.properties.get("Name").and_then(Node::scalar).filter(|name| !name.contains("${"));
    let title = http.name.take().filter(|title| !title.contains("${"));
    http.name = name.or(title).or_else(|| Some(id.to_owned()));
    (http, http_stage::of_sam(template, id, &api.properties, &api.stage))
}

fn openapi_body(mut body: Node, path: &str, template: &Template<'_>, written: &mut WrittenApi) {
    fill::put_in(&mut body, path, template.stage, template.report);
    let spot = Spot::new(&body, path.to_owned(), template.report);
    openapi::read(&spot, template.stage.base_path_mode, written);
}

/// What the API's properties say beside its definition.
fn settings(spot: &Spot<'_>, written: &mut WrittenApi) {
    if let Some(types) = spot.get("BinaryMediaTypes") {
        let types = types.texts().iter().map(|entry| entry.replace("~1", "/")).collect::<Vec<_>>();
        written.binary_media_types = Some(types);
    }
    if let Some(size) = spot.get("MinimumCompressionSize").and_then(|s| s.node.scalar()) {
        written.minimum_compression_size = size.trim().parse().ok();
    }
    let sources = [("HEADER", ApiKeySource::Header), ("AUTHORIZER", ApiKeySource::Authorizer)];
    if let Some(source) = spot.get("ApiKeySourceType").and_then(|s| s.choice(&sources)) {
        written.api_key_source = Some(source);
    }
    if let Some(policy) = spot.get("Policy").filter(|s| is_given(Some(s.node))) {
        written.policy = Some(Policy { json: policy.node.to_json(), place: policy.place() });
    }
}

fn is_of(properties: &Node, api: &str) -> bool {
    let of = properties.get("RestApiId").and_then(Node::scalar).unwrap_or_default();
    logical_id(&of).unwrap_or(&of) == api
}

/// The models of the API; gives their names by logical id.
fn models(template: &Template<'_>, api: &str, written: &mut WrittenApi) -> HashMap<String, String> {
    let mut names = HashMap::new();
    for (id, resource) in template.of_kind("AWS::ApiGateway::Model") {
        let properties = template.properties(id, resource);
        if !is_of(&properties, api) {
            continue;
        }
        let name = template.literal(id, resource, "Name").unwrap_or_else(|| id.to_owned());
        let path = template.properties_path(id);
        let spot = Spot::new(&properties, path, template.report);
        if let Some(schema) = spot.get("Schema").and_then(|s| schema(&s, written)) {
            written.models.insert(name.clone(), schema);
        }
        names.insert(id.to_owned(), name);
    }
    names
}

/// A schema as a map, or as the text of one.
fn schema(spot: &Spot<'_>, written: &mut WrittenApi) -> Option<Schema> {
    let Data::Text(text) = &spot.node.data else {
        return Some(Schema { json: openapi::schema(spot, written), place: spot.place() });
    };
    match serde_json::from_str(text) {
        Ok(json) => Some(Schema { json, place: spot.place() }),
        Err(e) => {
            spot.error("model", format!("the schema is not JSON: {e}"));
            None
        }
    }
}

fn validators(template: &Template<'_>, api: &str) -> HashMap<String, Validator> {
    let mut found = HashMap::new();
    for (id, resource) in template.of_kind("AWS::ApiGateway::RequestValidator") {
        let properties = template.properties(id, resource);
        let spot = Spot::new(&properties, template.properties_path(id), template.report);
        if is_of(&properties, api) {
            let switch = |key: &str| spot.get(key).and_then(|s| flag(&s)).unwrap_or(false);
            let (parameters, body) = (switch("ValidateRequestParameters"), switch("ValidateRequestBody"));
            found.insert(id.to_owned(), Validator { parameters, body });
        }
    }
    found
}

fn gateway_responses(template: &Template<'_>, api: &str, written: &mut WrittenApi) {
    for (id, resource) in template.of_kind("AWS::ApiGateway::GatewayResponse") {
        let properties = template.properties(id, resource);
        if !is_of(&properties, api) {
            continue;
        }
        let spot = Spot::new(&properties, template.properties_path(id), template.report);
        let name = properties.get("ResponseType").and_then(Node::scalar).unwrap_or_default();
        match GatewayResponseType::parse(&name.to_ascii_uppercase()) {
            Some(kind) => gateway_response::add(&spot, kind, Dialect::CloudFormation, written),
            None => {
                let message = format!("`{name}` is not a type of gateway response");
                spot.warning("unknown-gateway-response", message);
            }
        }
    }
}

/// A base path of a domain is something that the configuration can have too.
fn mappings(template: &Template<'_>, api: &str) {
    for (id, resource) in template.of_kind("AWS::ApiGateway::BasePathMapping") {
        let properties = template.properties(id, resource);
        if !is_of(&properties, api) {
            continue;
        }
        let base =
            properties.get("BasePath").and_then(Node::scalar).filter(|base| base != "(none)").unwrap_or_default();
        let message = format!("a domain's base path is not applied: `api.base_path: /{base}` is the same");
        template.report.note(&Place::of(&properties, template.properties_path(id)), "base-path-mapping", message);
    }
}
