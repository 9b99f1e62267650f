//! One OpenAPI 3.0 document with API Gateway's extensions.

use serde_json::{Map, Value, json};

use super::integration::{self, texts};
use super::security::Schemes;
use crate::api::{ApiKeySource, HttpMethod, IntegrationType, ParameterLocation, RequestParameter};
use crate::config::definition::written::{
    Body, GatewayResponse, Integration, MethodResponse, Route, Validator, WrittenApi, WrittenStage,
};

const MODELS: &str = "#/components/schemas/";

/// The document.
pub(crate) fn document(api: &WrittenApi, stage: &WrittenStage) -> Value {
    let mut schemes = Schemes::new(api);
    let mut paths: Map<String, Value> = Map::new();
    let mut validators: Map<String, Value> = Map::new();
    for route in &api.routes {
        let item = paths.entry(route.path.clone()).or_insert_with(|| json!({}));
        if item.get(key(route.method)).is_some() {
            continue;
        }
        if let Some((name, validator)) = validator(route.validator) {
            validators.insert(name.to_owned(), validator);
        }
        item[key(route.method)] = operation(route, stage, &mut schemes);
    }
    let mut document = json!({
        "openapi": "3.0.1",
        "info": { "title": api.title.clone().unwrap_or_default(), "version": "1.0" },
        "paths": paths,
    });
    let mut components = Map::new();
    let models: Map<String, Value> =
        api.models.iter().map(|(name, schema)| (name.clone(), to_components(&schema.json))).collect();
    components.extend((!models.is_empty()).then(|| ("schemas".to_owned(), Value::Object(models))));
    let schemes = schemes.into_map();
    components.extend((!schemes.is_empty()).then(|| ("securitySchemes".to_owned(), Value::Object(schemes))));
    if !components.is_empty() {
        document["components"] = Value::Object(components);
    }
    if !validators.is_empty() {
        document["x-amazon-apigateway-request-validators"] = Value::Object(validators);
    }
    extensions(api, &mut document);
    document
}

fn extensions(api: &WrittenApi, document: &mut Value) {
    if let Some(types) = &api.binary_media_types {
        document["x-amazon-apigateway-binary-media-types"] = json!(types);
    }
    if let Some(size) = api.minimum_compression_size {
        document["x-amazon-apigateway-minimum-compression-size"] = json!(size);
    }
    if let Some(source) = api.api_key_source {
        document["x-amazon-apigateway-api-key-source"] = json!(key_source(source));
    }
    if !api.unknown.is_empty() {
        document["x-stagegate-unresolved"] = json!(api.unknown);
    }
    if let Some(policy) = &api.policy {
        document["x-amazon-apigateway-policy"] = policy.json.clone();
    }
    let responses: Map<String, Value> =
        api.gateway_responses.iter().map(|r| (r.kind.as_str().to_owned(), gateway_response(r))).collect();
    if !responses.is_empty() {
        document["x-amazon-apigateway-gateway-responses"] = Value::Object(responses);
    }
}

/// The word of a key source.
pub(crate) fn key_source(source: ApiKeySource) -> &'static str {
    match source {
        ApiKeySource::Header => "HEADER",
        ApiKeySource::Authorizer => "AUTHORIZER",
    }
}

/// A customised gateway response.
pub(crate) fn gateway_response(response: &GatewayResponse) -> Value {
    let mut map = Map::new();
    map.extend(response.status.map(|status| ("statusCode".to_owned(), json!(status.to_string()))));
    map.extend(texts("responseParameters", &response.parameters));
    map.extend(texts("responseTemplates", &response.templates));
    Value::Object(map)
}

fn key(method: HttpMethod) -> &'static str {
    match method {
        HttpMethod::Delete => "delete",
        HttpMethod::Get => "get",
        HttpMethod::Head => "head",
        HttpMethod::Options => "options",
        HttpMethod::Patch => "patch",
        HttpMethod::Post => "post",
        HttpMethod::Put => "put",
        HttpMethod::Any => "x-amazon-apigateway-any-method",
    }
}

fn operation(route: &Route, stage: &WrittenStage, schemes: &mut Schemes) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Option<Value>| map.extend(value.map(|value| (key.to_owned(), value)));
    put("operationId", route.operation_name.as_ref().map(|name| json!(name)));
    put("parameters", some_list(route.parameters.iter().map(parameter).collect()));
    let content: Map<String, Value> =
        route.models.iter().map(|(media, body)| (media.clone(), json!({ "schema": schema(body) }))).collect();
    put("requestBody", (!content.is_empty()).then(|| json!({ "content": content })));
    put("responses", Some(Value::Object(route.responses.iter().map(response).collect())));
    put("security", some_list(schemes.requirements(route)));
    put("x-amazon-apigateway-request-validator", validator(route.validator).map(|(name, _)| json!(name)));
    put("x-amazon-apigateway-integration", route.integration.as_ref().map(|written| integration(written, stage)));
    Value::Object(map)
}

fn some_list(items: Vec<Value>) -> Option<Value> {
    (!items.is_empty()).then_some(Value::Array(items))
}

fn parameter(parameter: &RequestParameter) -> Value {
    let location = match parameter.location {
        ParameterLocation::Header => "header",
        ParameterLocation::Path => "path",
        ParameterLocation::QueryString => "query",
    };
    let RequestParameter { name, required, .. } = parameter;
    json!({ "name": name, "in": location, "required": required, "schema": { "type": "string" } })
}

fn schema(body: &Body) -> Value {
    match body {
        Body::Named(name, _) => json!({ "$ref": format!("{MODELS}{}", encode(name)) }),
        Body::Inline(schema) => to_components(&schema.json),
    }
}

/// A name as a step of a pointer in a uri.
fn encode(name: &str) -> String {
    name.replace('%', "%25").replace('~', "~0").replace('/', "~1")
}

fn response(response: &MethodResponse) -> (String, Value) {
    let header = |name: &String| (name.clone(), json!({ "schema": { "type": "string" } }));
    let headers: Map<String, Value> = response.headers.iter().map(header).collect();
    let mut value = json!({ "description": format!("{} response", response.status) });
    if !headers.is_empty() {
        value["headers"] = Value::Object(headers);
    }
    (response.status.to_string(), value)
}

/// A validator under the name that the console gives it.
fn validator(validator: Validator) -> Option<(&'static str, Value)> {
    let name = match (validator.body, validator.parameters) {
        (true, true) => "all",
        (true, false) => "body-only",
        (false, true) => "params-only",
        (false, false) => return None,
    };
    let switches = json!({ "validateRequestBody": validator.body, "validateRequestParameters": validator.parameters });
    Some((name, switches))
}

fn integration(written: &Integration, stage: &WrittenStage) -> Value {
    let mut map = Map::new();
    map.extend(written.kind.map(|kind| ("type".to_owned(), json!(kind.as_str()))));
    if let Some(function) = written.function.as_ref().filter(|_| written.uri.is_none()) {
        map.insert("uri".to_owned(), json!(integration::function_uri(function, written.streamed.is_some(), stage)));
    }
    let calls_lambda = matches!(written.kind, Some(IntegrationType::Aws | IntegrationType::AwsProxy));
    if written.function.is_some() && written.http_method.is_none() && calls_lambda {
        map.insert("httpMethod".to_owned(), json!("POST"));
    }
    map.extend(integration::common(written));
    let mut in_order: Vec<_> = written.responses.iter().collect();
    in_order.sort_by_key(|response| response.status);
    let mut responses: Map<String, Value> = Map::new();
    for response in in_order {
        let pattern = match &response.pattern {
            // The word stands for the response without a pattern.
            Some(pattern) if pattern.value == "default" => "(?:default)",
            Some(pattern) if !pattern.value.is_empty() => &pattern.value,
            _ => "default",
        };
        let told = || Value::Object(integration::response(response, json!(response.status.to_string())));
        responses.entry(pattern).or_insert_with(told);
    }
    if !responses.is_empty() {
        map.insert("responses".to_owned(), Value::Object(responses));
    }
    Value::Object(map)
}

/// References between models lead into the components.
fn to_components(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            let entry = |(key, value): (&String, &Value)| {
                let model = value.as_str().and_then(|text| text.strip_prefix("#/definitions/"));
                match model.filter(|_| key == "$ref") {
                    Some(name) => (key.clone(), json!(format!("{MODELS}{name}"))),
                    None => (key.clone(), to_components(value)),
                }
            };
            Value::Object(map.iter().map(entry).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(to_components).collect()),
        other => other.clone(),
    }
}
