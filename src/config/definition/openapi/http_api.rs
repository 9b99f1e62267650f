//! A document of an HTTP API: how it is told from a REST API's, and its routes.

use smol_str::SmolStr;

use super::pointer;
use super::security::sections;
use crate::config::definition::written::authorizer;
use crate::config::definition::written::http_api::{HttpApi, HttpAuthorization, HttpRoute, cors, integration};
use crate::config::document::{Node, Spot};

const ANY: &str = "x-amazon-apigateway-any-method";
const INTEGRATION: &str = "x-amazon-apigateway-integration";

/// What only an export or an import of an HTTP API has.
const MARKS: [&str; 2] = ["x-amazon-apigateway-cors", "x-amazon-apigateway-importexport-version"];

/// Whether the document is an HTTP API's. Payload format 1.0 says nothing: exports of REST APIs have it, too.
pub(crate) fn is_http_api(root: &Node) -> bool {
    if MARKS.iter().any(|mark| root.get(mark).is_some()) {
        return true;
    }
    let paths = || root.get("paths").into_iter().flat_map(Node::entries);
    let operations = || paths().flat_map(|(_, item)| item.entries()).map(|(_, operation)| operation);
    let is_second = |operation: &Node| {
        let Some(integration) = operation.get(INTEGRATION) else { return false };
        let version = integration.get("payloadFormatVersion").and_then(Node::scalar);
        version.as_deref() == Some("2.0") || integration.get("integrationSubtype").is_some()
    };
    paths().any(|(path, _)| is_default(path)) || operations().any(is_second)
}

fn is_default(path: &str) -> bool {
    path.trim_start_matches('/') == "$default"
}

/// Reads the document.
pub(crate) fn read_http_api(root: &Spot<'_>, api: &mut HttpApi) {
    api.name = root.get("info").and_then(|info| info.get("title")).and_then(|title| title.node.scalar());
    api.cors = root.get("x-amazon-apigateway-cors").map(|spot| cors(&spot));
    for (name, scheme) in sections(root).iter().flat_map(|section| section.entries()) {
        let Some((key, node)) = scheme.node.get_any_case("x-amazon-apigateway-authorizer") else { continue };
        api.authorizers.insert(name.to_owned(), authorizer::authorizer(&scheme.inside(key, node), None));
    }
    for (path, item) in root.get("paths").map(|paths| paths.entries()).unwrap_or_default() {
        let item = pointer::follow(&item, root);
        for (name, node) in item.node.entries() {
            if let Some(key) = route_key(path, name) {
                api.routes.push(route(&item.inside(name, node), key, root));
            }
        }
    }
}

fn route_key(path: &str, method: &str) -> Option<String> {
    let method = match method {
        ANY => "ANY",
        "get" | "post" | "put" | "patch" | "delete" | "head" | "options" => &method.to_ascii_uppercase(),
        _ => return None,
    };
    Some(if is_default(path) { "$default".to_owned() } else { format!("{method} {path}") })
}

fn route(spot: &Spot<'_>, key: String, root: &Spot<'_>) -> HttpRoute {
    let (authorization, scopes) = authorization(spot, root);
    HttpRoute {
        place: spot.place(),
        imported: true,
        key,
        operation_name: spot.get("operationId").and_then(|s| s.text()),
        authorization,
        scopes,
        integration: spot.get(INTEGRATION).map(|s| integration(&pointer::follow(&s, root))),
    }
}

/// The first requirement that is one: SAM leaves `NONE` where a default does not count.
fn authorization(spot: &Spot<'_>, root: &Spot<'_>) -> (HttpAuthorization, Vec<String>) {
    let Some(requirements) = spot.get("security").or_else(|| root.get("security")) else { return Default::default() };
    let named = |(name, _): &(&SmolStr, &Node)| *name != "NONE";
    let Some((name, scopes)) = requirements.node.items().iter().flat_map(Node::entries).find(named) else {
        return Default::default();
    };
    let scheme = sections(root).iter().find_map(|section| section.get(name)).map(|s| pointer::follow(&s, root));
    let authtype = scheme.and_then(|s| s.node.get("x-amazon-apigateway-authtype").and_then(Node::scalar));
    let is_signed = authtype.is_some_and(|kind| kind.eq_ignore_ascii_case("awsSigv4"));
    let found = if is_signed { HttpAuthorization::AwsIam } else { HttpAuthorization::Authorizer(name.to_string()) };
    (found, scopes.items().iter().filter_map(Node::scalar).collect())
}
