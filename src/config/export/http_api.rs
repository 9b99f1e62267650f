//! An HTTP API as one OpenAPI 3.0 document with API Gateway's extensions.

use serde_json::{Map, Value, json};

use super::integration::texts;
use super::security;
use crate::config::definition::written::AuthorizerKind;
use crate::config::definition::written::http_api::{HttpApi, HttpAuthorization, HttpCors, HttpIntegration, HttpRoute};

const ANY: &str = "x-amazon-apigateway-any-method";

/// The document.
pub(crate) fn document(api: &HttpApi) -> Value {
    let mut schemes: Map<String, Value> = Map::new();
    for (name, authorizer) in &api.authorizers {
        let mut body = security::body(authorizer);
        // An HTTP API has a list.
        if !authorizer.identity_sources.is_empty() {
            body.insert("identitySource".to_owned(), json!(authorizer.identity_sources));
        }
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
            item[method] = operation(route, &mut schemes);
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

fn key(method: &str) -> String {
    match method {
        "ANY" => ANY.to_owned(),
        method => method.to_ascii_lowercase(),
    }
}

fn operation(route: &HttpRoute, schemes: &mut Map<String, Value>) -> Value {
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
    put("x-amazon-apigateway-integration", route.integration.as_ref().map(integration));
    Value::Object(map)
}

fn integration(written: &HttpIntegration) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Option<Value>| map.extend(value.map(|value| (key.to_owned(), value)));
    let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
    put("type", text(&written.kind));
    put("integrationSubtype", text(&written.subtype));
    put("httpMethod", written.http_method.as_ref().map(|text| json!(text.value)));
    put("uri", written.uri.as_ref().map(|text| json!(text.value)));
    put("payloadFormatVersion", text(&written.payload_format));
    put("timeoutInMillis", written.timeout.map(|millis| json!(millis)));
    if let Some((kind, id)) = &written.connection {
        put("connectionType", Some(json!(kind)));
        put("connectionId", text(id));
    }
    put("credentials", written.credentials.as_ref().map(|text| json!(text.value)));
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
