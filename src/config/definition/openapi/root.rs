//! The document itself: versions, root extensions, base path, paths.

use super::operation::{self, unknown_keys};
use super::{pointer, schema, security};
use crate::api::{ApiKeySource, HttpMethod};
use crate::config::definition::written::dialect::Dialect;
use crate::config::definition::written::gateway_response::gateway_responses;
use crate::config::definition::written::validator::validator;
use crate::config::definition::written::{BasePathMode, Policy, Route, WrittenApi, intrinsic};
use crate::config::document::{Data, Node, Spot};

const KNOWN: &[&str] = &[
    "openapi",
    "swagger",
    "info",
    "host",
    "basePath",
    "schemes",
    "consumes",
    "produces",
    "paths",
    "webhooks",
    "jsonSchemaDialect",
    "definitions",
    "parameters",
    "responses",
    "components",
    "securityDefinitions",
    "security",
    "servers",
    "tags",
    "externalDocs",
    "x-amazon-apigateway-api-key-source",
    "x-amazon-apigateway-binary-media-types",
    "x-amazon-apigateway-cors",
    "x-amazon-apigateway-documentation",
    "x-amazon-apigateway-endpoint-configuration",
    "x-amazon-apigateway-endpoint-access-mode",
    "x-amazon-apigateway-gateway-responses",
    "x-amazon-apigateway-importexport-version",
    "x-amazon-apigateway-minimum-compression-size",
    "x-amazon-apigateway-policy",
    "x-amazon-apigateway-request-validator",
    "x-amazon-apigateway-request-validators",
    "x-amazon-apigateway-security-policy",
    "x-amazon-apigateway-tag-value",
];

const METHODS: &[(&str, HttpMethod)] = &[
    ("get", HttpMethod::Get),
    ("post", HttpMethod::Post),
    ("put", HttpMethod::Put),
    ("patch", HttpMethod::Patch),
    ("delete", HttpMethod::Delete),
    ("head", HttpMethod::Head),
    ("options", HttpMethod::Options),
    ("x-amazon-apigateway-any-method", HttpMethod::Any),
];

/// Reads the document. What is wrong in a part of it concerns that part; without paths there is no API.
pub(crate) fn read(root: &Spot<'_>, mode: BasePathMode, api: &mut WrittenApi) {
    if root.get("paths").is_none() {
        root.error("missing-key", "`paths` is missing".to_owned());
        return;
    }
    root.report.part(|| parts(root, mode, api));
}

fn parts(root: &Spot<'_>, mode: BasePathMode, api: &mut WrittenApi) {
    unknown_keys(root, KNOWN);
    api.title = root.get("info").and_then(|s| s.get("title")).and_then(|s| intrinsic::text(&s));
    extensions(root, api);
    schema::read_models(root, api);
    security::read_authorizers(root, api);
    let prefix = base_path(root, mode);
    for (path, item) in root.get("paths").map(|paths| paths.entries()).unwrap_or_default() {
        if path.starts_with("x-") || path.starts_with("Fn::") {
            continue;
        }
        let item = pointer::follow(&item, root);
        path_item(&format!("{prefix}{path}"), &item, root, api);
    }
}

fn extensions(root: &Spot<'_>, api: &mut WrittenApi) {
    let sources = [("HEADER", ApiKeySource::Header), ("AUTHORIZER", ApiKeySource::Authorizer)];
    api.api_key_source = root.get("x-amazon-apigateway-api-key-source").and_then(|s| s.choice(&sources));
    api.binary_media_types = root.get("x-amazon-apigateway-binary-media-types").map(|s| s.texts());
    api.minimum_compression_size = root.get("x-amazon-apigateway-minimum-compression-size").and_then(|s| size(&s));
    let validators = root.get("x-amazon-apigateway-request-validators");
    for (name, spot) in validators.map(|s| s.entries()).unwrap_or_default() {
        let validator = validator(&spot, Dialect::OpenApi);
        api.validators.insert(name.to_owned(), validator);
    }
    if let Some(spot) = root.get("x-amazon-apigateway-gateway-responses") {
        gateway_responses(&spot, Dialect::OpenApi, api);
    }
    // What an export of a template tells of it.
    api.unknown.extend(root.get("x-stagegate-unresolved").map(|s| s.texts()).unwrap_or_default());
    api.policy = root.get("x-amazon-apigateway-policy").map(|s| Policy { json: s.node.to_json(), place: s.place() });
    if let Some(spot) = root.get("x-amazon-apigateway-cors") {
        spot.warning("http-api-only", "only HTTP APIs answer preflights by themselves".to_owned());
    }
    // API Gateway ignores servers but for this: of whatever shape they are.
    let servers = root.get("servers").filter(|s| !s.node.items().is_empty()).map(|s| s.items()).unwrap_or_default();
    let own = root.get("x-amazon-apigateway-endpoint-configuration");
    let configured = servers.iter().filter_map(|s| s.get("x-amazon-apigateway-endpoint-configuration")).chain(own);
    for spot in configured {
        for key in ["vpcEndpointIds", "disableExecuteApiEndpoint"] {
            if let Some((key, node)) = spot.node.get_any_case(key) {
                let message = format!("`{key}` has no effect here: whoever reaches the port is served");
                spot.inside(key, node).note("endpoint-configuration", message);
            }
        }
    }
}

fn size(spot: &Spot<'_>) -> Option<usize> {
    match &spot.node.data {
        Data::Number(number, _) if number.as_i64().is_some_and(|n| n < 0) => None,
        _ => spot.bytes(0),
    }
}

/// `basePath`, or the path of the first server, as far as the mode takes it. The three modes are those of API Gateway's import,
/// whose own default is to ignore it; what each makes of both kinds of document was recorded on AWS.
fn base_path(root: &Spot<'_>, mode: BasePathMode) -> String {
    let path = match root.get("basePath").and_then(|s| intrinsic::text(&s)) {
        Some(path) => path,
        None => {
            let servers = root.get("servers").filter(|s| !s.node.items().is_empty()).map(|s| s.items());
            servers.and_then(|servers| servers.first().and_then(server_path)).unwrap_or_default()
        }
    };
    let path = format!("/{}", path.trim_matches('/'));
    match mode {
        _ if path == "/" => String::new(),
        BasePathMode::Ignore => String::new(),
        BasePathMode::Prepend => path,
        BasePathMode::Split => path[1..].split_once('/').map(|(_, rest)| format!("/{rest}")).unwrap_or_default(),
    }
}

fn server_path(server: &Spot<'_>) -> Option<String> {
    let url = server.get("url").and_then(|s| intrinsic::text(&s))?;
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map(|(_, path)| path.to_owned())?,
        None if url.starts_with('/') => url,
        None => url.split_once('/').map(|(_, path)| path.to_owned())?,
    };
    let mut resolved = path;
    for (name, variable) in server.get("variables").map(|s| s.entries()).unwrap_or_default() {
        let value = variable.node.get("default").and_then(Node::scalar).unwrap_or_default();
        resolved = resolved.replace(&format!("{{{name}}}"), value.trim_matches('/'));
    }
    Some(resolved)
}

fn path_item(path: &str, item: &Spot<'_>, root: &Spot<'_>, api: &mut WrittenApi) {
    let mut known = vec!["$ref", "summary", "description", "servers", "parameters", "trace"];
    known.extend(METHODS.iter().map(|(name, _)| *name));
    unknown_keys(item, &known);
    if let Some(spot) = item.get("trace") {
        spot.warning("unsupported-method", "API Gateway has no TRACE methods".to_owned());
    }
    let shared = item.get("parameters").map(|s| s.items()).unwrap_or_default();
    let shared: Vec<Spot<'_>> = shared.iter().map(|p| pointer::follow(p, root)).collect();
    for (key, node) in item.node.entries() {
        let Some((_, method)) = METHODS.iter().find(|(name, _)| name == key) else { continue };
        let spot = item.inside(key, node);
        match node.data {
            Data::Map(_) => {
                let (route, broken) = root.report.part(|| operation::read(&spot, path, *method, &shared, root, api));
                api.routes.push(Route { broken, ..route });
            }
            Data::Null => {}
            _ => {
                spot.fields();
            }
        }
    }
}
