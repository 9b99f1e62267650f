//! An HTTP API as one OpenAPI 3.0 document with API Gateway's extensions.

use serde_json::{Map, Value, json};

use super::integration::{function_uri, texts};
use super::{native, security};
use crate::config::definition::written::authorizer::Authorizer;
use crate::config::definition::written::http_api::{HttpApi, HttpAuthorization, HttpCors, HttpIntegration, HttpRoute};
use crate::config::definition::written::{AuthorizerKind, Text, WrittenStage};

const ANY: &str = "x-amazon-apigateway-any-method";

/// The document.
pub(crate) fn document(api: &HttpApi, stage: &WrittenStage) -> Value {
    let mut schemes: Map<String, Value> = Map::new();
    for (name, authorizer) in &api.authorizers {
        let body = self::authorizer(authorizer);
        let scheme = match authorizer.kind {
            AuthorizerKind::Jwt => json!({ "type": "oauth2" }),
            _ => json!({ "type": "apiKey", "name": "Unused", "in": "header" }),
        };
        let mut scheme = scheme;
        scheme["x-amazon-apigateway-authorizer"] = Value::Object(body);
        schemes.insert(name.clone(), scheme);
    }
    let mut paths: Map<String, Value> = Map::new();
    for route in &api.routes {
        let (method, path) = match route.key.split_once(' ') {
            Some((method, path)) => (key(method), path.to_owned()),
            None => (ANY.to_owned(), format!("/{}", route.key)),
        };
        let item = paths.entry(path).or_insert_with(|| json!({}));
        if item.get(&method).is_none() {
            item[method] = operation(route, stage, &mut schemes);
        }
    }
    let mut document = json!({
        "openapi": "3.0.1",
        "info": { "title": api.name.clone().unwrap_or_default(), "version": "1.0" },
        "paths": paths,
        "x-amazon-apigateway-importexport-version": "1.0",
    });
    if !schemes.is_empty() {
        document["components"] = json!({ "securitySchemes": schemes });
    }
    if let Some(found) = &api.cors {
        document["x-amazon-apigateway-cors"] = cors(found);
    }
    document
}

fn authorizer(authorizer: &Authorizer) -> Map<String, Value> {
    let mut body = security::body(authorizer);
    // An HTTP API has a list.
    if !authorizer.identity_sources.is_empty() {
        body.insert("identitySource".to_owned(), json!(authorizer.identity_sources));
    }
    body
}

fn key(method: &str) -> String {
    match method {
        "ANY" => ANY.to_owned(),
        method => method.to_ascii_lowercase(),
    }
}

fn operation(route: &HttpRoute, stage: &WrittenStage, schemes: &mut Map<String, Value>) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Option<Value>| map.extend(value.map(|value| (key.to_owned(), value)));
    put("operationId", route.operation_name.as_ref().map(|name| json!(name)));
    put("responses", Some(json!({ "default": { "description": "the backend's" } })));
    let scheme = match &route.authorization {
        HttpAuthorization::None => None,
        HttpAuthorization::AwsIam => {
            let signed = json!({ "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4" });
            schemes.insert("sigv4".to_owned(), signed);
            Some("sigv4")
        }
        HttpAuthorization::Authorizer(name) => Some(name.as_str()),
    };
    put("security", scheme.map(|name| json!([{ name: route.scopes }])));
    let integration = route.integration.as_ref().map(|written| {
        let mut told = integration(written);
        if let Some(function) = written.function.as_ref().filter(|_| written.uri.is_none()) {
            told["uri"] = json!(function_uri(function, false, stage));
        }
        if written.function.is_some() && written.payload_format.is_none() {
            told["payloadFormatVersion"] = json!("2.0");
        }
        told
    });
    put("x-amazon-apigateway-integration", integration);
    Value::Object(map)
}

/// The `api` section of a configuration, with everything that the definition says.
pub(crate) fn section(api: &HttpApi, stage: &WrittenStage) -> Value {
    let mut section = Map::new();
    let mut put = |key: &str, value: Option<Value>| section.extend(value.map(|value| (key.to_owned(), value)));
    put("type", Some(json!("http")));
    put("name", api.name.as_ref().map(|name| json!(name)));
    put("stage", Some(json!(stage.name)));
    put("base_path", stage.has_base_path.then(|| json!(stage.base_path)));
    put("stage_variables", native::texts(&stage.variables));
    put("throttle", native::throttles(stage));
    put("cors", api.cors.as_ref().map(cors));
    let authorizers = api.authorizers.iter().map(|(name, one)| (name.clone(), Value::Object(authorizer(one))));
    let authorizers: Map<String, Value> = authorizers.collect();
    put("authorizers", (!authorizers.is_empty()).then_some(Value::Object(authorizers)));
    let mut seen: Vec<&str> = Vec::new();
    let routes = api.routes.iter().filter(|route| {
        let is_first = !seen.contains(&route.key.as_str());
        seen.push(&route.key);
        is_first
    });
    put("routes", Some(routes.map(native_route).collect()));
    json!({ "api": section })
}

fn native_route(route: &HttpRoute) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Option<Value>| map.extend(value.map(|value| (key.to_owned(), value)));
    put("route", Some(json!(route.key)));
    put("operationName", route.operation_name.as_ref().map(|name| json!(name)));
    let (kind, authorizer) = match &route.authorization {
        HttpAuthorization::None => (None, None),
        HttpAuthorization::AwsIam => (Some("AWS_IAM"), None),
        HttpAuthorization::Authorizer(name) => (Some("CUSTOM"), Some(name)),
    };
    put("authorizationType", kind.map(|kind| json!(kind)));
    put("authorizerId", authorizer.map(|name| json!(name)));
    put("authorizationScopes", (!route.scopes.is_empty()).then(|| json!(route.scopes)));
    // A native route has an integration; one without is a 500 as well.
    put("integration", Some(route.integration.as_ref().map_or_else(|| json!({}), native_integration)));
    Value::Object(map)
}

fn native_integration(written: &HttpIntegration) -> Value {
    let mut told = integration(written);
    if let Some(function) = &written.function {
        told["function"] = json!(function.value);
    }
    told
}

fn integration(written: &HttpIntegration) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Option<Value>| map.extend(value.map(|value| (key.to_owned(), value)));
    let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
    let placed = |text: &Option<Text>| text.as_ref().map(|text| json!(text.value));
    put("type", placed(&written.kind));
    put("integrationSubtype", placed(&written.subtype));
    put("httpMethod", placed(&written.http_method));
    put("uri", placed(&written.uri));
    put("payloadFormatVersion", placed(&written.payload_format));
    put("timeoutInMillis", written.timeout.as_ref().map(|(millis, _)| json!(millis)));
    if let Some((kind, id)) = &written.connection {
        put("connectionType", Some(json!(kind)));
        put("connectionId", text(id));
    }
    put("credentials", placed(&written.credentials));
    put("requestParameters", texts("", &written.request_parameters).map(|(_, value)| value));
    let responses =
        written.response_parameters.iter().filter_map(|(status, list)| Some((status.clone(), texts("", list)?.1)));
    let responses: Map<String, Value> = responses.collect();
    put("responseParameters", (!responses.is_empty()).then_some(Value::Object(responses)));
    put("tlsConfig", written.server_name.as_ref().map(|name| json!({ "serverNameToVerify": name })));
    Value::Object(map)
}

fn cors(cors: &HttpCors) -> Value {
    let mut map = Map::new();
    let lists = [
        ("allowOrigins", &cors.allow_origins),
        ("allowMethods", &cors.allow_methods),
        ("allowHeaders", &cors.allow_headers),
        ("exposeHeaders", &cors.expose_headers),
    ];
    for (key, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        map.insert(key.to_owned(), json!(list));
    }
    map.extend(cors.max_age.map(|seconds| ("maxAge".to_owned(), json!(seconds))));
    map.extend(cors.allow_credentials.then(|| ("allowCredentials".to_owned(), json!(true))));
    Value::Object(map)
}
