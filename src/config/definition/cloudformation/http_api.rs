//! `AWS::ApiGatewayV2::*`: an HTTP API out of its resources.

use std::collections::HashMap;

use super::template::Template;
use super::value::{is_given, logical_id, text};
use crate::config::definition::openapi;
use crate::config::definition::written::http_api::{
    HttpApi, HttpAuthorization, HttpIntegration, HttpRoute, cors, integration,
};
use crate::config::definition::written::{authorizer, fill};
use crate::config::document::{Node, Spot};

/// Reads the API of that logical id.
pub(crate) fn read(template: &Template<'_>, id: &str, api: &mut HttpApi) {
    let Some(resource) = template.resources.get(id) else { return };
    let properties = template.properties(id, resource);
    let spot = Spot::new(&properties, template.properties_path(id), template.report);
    if let Some(body) = spot.get("Body").filter(|body| is_given(Some(body.node))) {
        read_body(body.node.clone(), &body.path(), template, api);
    } else if let Some(place) = spot.get("BodyS3Location") {
        let location = template.location(place.node).unwrap_or_default();
        if let Some(body) = template.include(&location, place.node, &place.place()) {
            read_body(body, "", template, api);
        }
    }
    if let Some(configured) = spot.get("CorsConfiguration") {
        api.cors = Some(cors(&configured));
    }
    quick_route(&spot, api);
    let names = authorizers(template, id, api);
    for (route_id, route) in template.of_kind("AWS::ApiGatewayV2::Route") {
        let properties = template.properties(route_id, route);
        let spot = Spot::new(&properties, template.properties_path(route_id), template.report);
        if is_of(&properties, id) {
            api.routes.extend(self::route(&spot, template, &names));
        }
    }
    api.name = properties.get("Name").and_then(Node::scalar).or(api.name.take()).or_else(|| Some(id.to_owned()));
}

/// Reads a document.
pub(crate) fn read_body(mut body: Node, path: &str, template: &Template<'_>, api: &mut HttpApi) {
    fill::put_in(&mut body, path, template.stage, template.report);
    let spot = Spot::new(&body, path.to_owned(), template.report);
    openapi::read_http_api(&spot, api);
}

fn is_of(properties: &Node, api: &str) -> bool {
    let of = properties.get("ApiId").and_then(Node::scalar).unwrap_or_default();
    logical_id(&of).unwrap_or(&of) == api
}

/// `Target` makes a route, `$default` unless `RouteKey` says otherwise.
fn quick_route(spot: &Spot<'_>, api: &mut HttpApi) {
    let Some(target) = spot.get("Target").and_then(|s| s.text()) else { return };
    let is_function = target.contains(":lambda:");
    let word = |word: &str| text(spot.node, word);
    let node = super::value::map(
        spot.node,
        [
            ("type", word(if is_function { "AWS_PROXY" } else { "HTTP_PROXY" })),
            ("uri", word(&target)),
            ("httpMethod", word(if is_function { "POST" } else { "ANY" })),
            ("payloadFormatVersion", word(if is_function { "2.0" } else { "1.0" })),
        ],
    );
    api.routes.push(HttpRoute {
        place: spot.place(),
        imported: true,
        key: spot.get("RouteKey").and_then(|s| s.text()).unwrap_or_else(|| "$default".to_owned()),
        operation_name: None,
        authorization: HttpAuthorization::None,
        scopes: Vec::new(),
        integration: Some(integration(&Spot::new(&node, spot.trail(), spot.report))),
    });
}

fn authorizers(template: &Template<'_>, api_id: &str, api: &mut HttpApi) -> HashMap<String, String> {
    let mut names = HashMap::new();
    for (id, resource) in template.of_kind("AWS::ApiGatewayV2::Authorizer") {
        let properties = template.properties(id, resource);
        if !is_of(&properties, api_id) {
            continue;
        }
        let name = template.literal(id, resource, "Name").filter(|name| !api.authorizers.contains_key(name));
        let name = name.unwrap_or_else(|| id.to_owned());
        let spot = Spot::new(&properties, template.properties_path(id), template.report);
        let mut found = authorizer::authorizer(&spot, None);
        if let Some(kind) = properties.get("AuthorizerType").and_then(Node::scalar) {
            found.kind = authorizer::AuthorizerKind::parse(&kind);
        }
        if let Some(credentials) = spot.get("AuthorizerCredentialsArn").and_then(|s| super::value::placed(&s)) {
            found.credentials = Some(credentials);
        }
        api.authorizers.insert(name.clone(), found);
        names.insert(id.to_owned(), name);
    }
    names
}

fn route(spot: &Spot<'_>, template: &Template<'_>, names: &HashMap<String, String>) -> Option<HttpRoute> {
    let word = |key: &str| spot.get(key).and_then(|s| s.text());
    let authorizer = word("AuthorizerId").map(|text| {
        let id = logical_id(&text).unwrap_or(&text);
        names.get(id).cloned().unwrap_or_else(|| id.to_owned())
    });
    let authorization = match (word("AuthorizationType").as_deref(), authorizer) {
        (Some("AWS_IAM"), _) => HttpAuthorization::AwsIam,
        (Some("JWT" | "CUSTOM"), name) => HttpAuthorization::Authorizer(name.unwrap_or_default()),
        _ => HttpAuthorization::None,
    };
    Some(HttpRoute {
        place: spot.place(),
        imported: true,
        key: word("RouteKey")?,
        operation_name: word("OperationName"),
        authorization,
        scopes: spot.get("AuthorizationScopes").map(|s| s.texts()).unwrap_or_default(),
        integration: word("Target").and_then(|target| target_of(&target, template)),
    })
}

/// `integrations/${Integration}`
fn target_of(target: &str, template: &Template<'_>) -> Option<HttpIntegration> {
    let reference = target.strip_prefix("integrations/").unwrap_or(target);
    let id = logical_id(reference).unwrap_or(reference);
    let resource = template.resources.get(id).filter(|resource| resource.kind == "AWS::ApiGatewayV2::Integration")?;
    let properties = template.properties(id, resource);
    let spot = Spot::new(&properties, template.properties_path(id), template.report);
    Some(integration(&spot))
}
