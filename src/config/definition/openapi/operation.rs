//! One operation of a path item.

use super::{pointer, schema, security};
use crate::api::{HttpMethod, ParameterLocation, RequestParameter};
use crate::config::definition::written::dialect::Dialect;
use crate::config::definition::written::validator::find_validator;
use crate::config::definition::written::{Body, MethodResponse, Route, Validator, WrittenApi, integration};
use crate::config::document::{Data, Node, Severity, Spot, nearest};

const EXTENSION: &str = "x-amazon-apigateway-";

const KNOWN: &[&str] = &[
    "tags",
    "summary",
    "description",
    "externalDocs",
    "operationId",
    "consumes",
    "produces",
    "parameters",
    "requestBody",
    "responses",
    "callbacks",
    "schemes",
    "deprecated",
    "security",
    "servers",
    "x-amazon-apigateway-integration",
    "x-amazon-apigateway-request-validator",
    "x-amazon-apigateway-auth",
    "x-amazon-apigateway-authtype",
    "x-amazon-apigateway-documentation",
];

/// Reads it; `shared` are the path item's own parameters.
pub(crate) fn read(
    spot: &Spot<'_>,
    path: &str,
    method: HttpMethod,
    shared: &[Spot<'_>],
    root: &Spot<'_>,
    api: &mut WrittenApi,
) -> Route {
    unknown_keys(spot, KNOWN);
    let own = spot.get("parameters").map(|s| s.items()).unwrap_or_default();
    let own: Vec<Spot<'_>> = own.iter().map(|p| pointer::follow(p, root)).collect();
    let parameters = parameters(&own, shared);
    let models = models(spot, &own, shared, root, api);
    let security = security::read(spot, root);
    let integration = spot.get("x-amazon-apigateway-integration").map(|s| {
        let target = pointer::follow(&s, root);
        if s.node.get("$ref").is_some() {
            s.note("http-api-only", "references to an integration are for HTTP APIs".to_owned());
        }
        integration::read(&target, Dialect::OpenApi)
    });
    Route {
        place: spot.place(),
        imported: true,
        path: path.to_owned(),
        method,
        operation_name: spot.get("operationId").and_then(|s| s.text()),
        authorization: security.authorization,
        scopes: security.scopes,
        api_key_required: security.api_key,
        validator: validator(spot, root, api),
        parameters,
        models,
        responses: responses(spot, root),
        integration,
        broken: None,
    }
}

/// Says which keys mean nothing: a warning, as API Gateway imports the rest all the same.
pub(crate) fn unknown_keys(spot: &Spot<'_>, known: &[&str]) {
    for (key, node) in spot.node.entries() {
        let amazon = key.starts_with(EXTENSION);
        if known.contains(&key.as_str()) || (key.starts_with("x-") && !amazon) {
            continue;
        }
        // The long prefix would make every extension look like every other.
        let bare: Vec<&str> = match amazon {
            true => known.iter().filter_map(|k| k.strip_prefix(EXTENSION)).collect(),
            false => known.to_vec(),
        };
        let near = nearest(key.strip_prefix(EXTENSION).unwrap_or(key), &bare);
        let near = near.and_then(|near| known.iter().find(|k| **k == near || k.strip_prefix(EXTENSION) == Some(near)));
        let place = spot.inside(key, node).place();
        match near {
            Some(near) => {
                let message = format!("unknown key `{key}`; the nearest known key is `{near}`");
                spot.report.warning(&place, "unknown-key", message);
            }
            None if amazon => {
                spot.report.note(&place, "unknown-extension", format!("extension `{key}` has no effect here"));
            }
            None => spot.report.warning(&place, "unknown-key", format!("unknown key `{key}` has no effect")),
        }
    }
}

fn validator(spot: &Spot<'_>, root: &Spot<'_>, api: &WrittenApi) -> Validator {
    let key = "x-amazon-apigateway-request-validator";
    let Some(named) = spot.get(key).or_else(|| root.get(key)) else { return Validator::default() };
    match named.text() {
        Some(name) => find_validator(&name, &named, api, Severity::Warning),
        None => Validator::default(),
    }
}

/// The operation's parameters, then those of the path item that it does not redefine.
fn parameters(own: &[Spot<'_>], shared: &[Spot<'_>]) -> Vec<RequestParameter> {
    let mut parameters: Vec<RequestParameter> = Vec::new();
    for spot in own.iter().chain(shared) {
        let text = |key: &str| spot.node.get(key).and_then(Node::scalar);
        let location = match text("in").as_deref() {
            Some("header") => ParameterLocation::Header,
            Some("path") => ParameterLocation::Path,
            Some("query") => ParameterLocation::QueryString,
            Some("cookie") => {
                spot.note("cookie-parameter", "API Gateway does not check cookie parameters".to_owned());
                continue;
            }
            _ => continue,
        };
        let Some(name) = text("name") else { continue };
        let required = matches!(spot.node.get("required").map(|n| &n.data), Some(Data::Bool(true)));
        if !parameters.iter().any(|p| p.location == location && p.name == name) {
            parameters.push(RequestParameter { location, name, required });
        }
    }
    parameters
}

/// `requestBody` by media type; Swagger 2's body parameter for each of `consumes`.
fn models(
    spot: &Spot<'_>,
    own: &[Spot<'_>],
    shared: &[Spot<'_>],
    root: &Spot<'_>,
    api: &mut WrittenApi,
) -> Vec<(String, Body)> {
    let mut models = Vec::new();
    let request_body = spot.get("requestBody").map(|s| pointer::follow(&s, root));
    for (media_type, content) in request_body.and_then(|s| s.get("content")).map(|s| s.entries()).unwrap_or_default() {
        let content = pointer::follow(&content, root);
        if let Some(schema) = content.get("schema") {
            models.push((media_type.to_owned(), schema::body(&schema, root, api)));
        }
    }
    let is_body = |p: &&Spot<'_>| p.node.get("in").and_then(Node::scalar).as_deref() == Some("body");
    if let Some(schema) = own.iter().chain(shared).find(is_body).and_then(|p| p.get("schema")) {
        let body = schema::body(&schema, root, api);
        let consumes = spot.get("consumes").or_else(|| root.get("consumes")).map(|s| s.texts()).unwrap_or_default();
        let consumes = if consumes.is_empty() { vec!["application/json".to_owned()] } else { consumes };
        models.extend(consumes.into_iter().map(|media_type| (media_type, body.clone())));
    }
    models
}

/// Method responses: the statuses that are numbers. `default` and ranges declare nothing.
fn responses(spot: &Spot<'_>, root: &Spot<'_>) -> Vec<MethodResponse> {
    let mut responses = Vec::new();
    for (key, spot) in spot.get("responses").map(|s| s.entries()).unwrap_or_default() {
        let Some(status) = key.parse().ok().filter(|s| (100..=599).contains(s)) else {
            if key != "default" && !key.starts_with("x-") {
                spot.note("response-range", format!("`{key}` declares no status: API Gateway takes numbers"));
            }
            continue;
        };
        let response = pointer::follow(&spot, root);
        let headers = response.node.get("headers").map(|h| h.entries().map(|(name, _)| name.to_string()).collect());
        responses.push(MethodResponse { status, headers: headers.unwrap_or_default() });
    }
    responses
}
