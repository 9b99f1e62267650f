//! The `api` section of a configuration, with everything that the definition says.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::{integration, openapi, security};
use crate::api::{Authorization, ParameterLocation, Throttle};
use crate::config::definition::written::{
    Body, Integration, MethodResponse, MethodThrottle, Route, Validator, WrittenApi, WrittenStage,
};

/// The configuration with that section.
pub(crate) fn section(api: &WrittenApi, stage: &WrittenStage) -> Value {
    let mut section = Map::new();
    let mut put = |key: &str, value: Option<Value>| section.extend(value.map(|value| (key.to_owned(), value)));
    put("name", api.title.as_ref().map(|title| json!(title)));
    put("stage", Some(json!(stage.name)));
    put("stage_variables", texts(&stage.variables));
    put(
        "canary",
        stage.canary.as_ref().map(
            |(percent, own)| json!({ "percent": percent, "stage_variables": texts(own).unwrap_or_else(|| json!({})) }),
        ),
    );
    put("throttle", throttles(stage));
    put("binary_media_types", api.binary_media_types.as_ref().map(|types| json!(types)));
    put("minimum_compression_size", api.minimum_compression_size.map(|size| json!(size)));
    put("api_key_source", api.api_key_source.map(|source| json!(openapi::key_source(source))));
    put("policy", api.policy.as_ref().map(|policy| policy.json.clone()));
    put("unresolved", (!api.unknown.is_empty()).then(|| json!(api.unknown)));
    put("authorizers", some_map(api.authorizers.iter().map(|(name, one)| (name, Value::Object(security::body(one))))));
    let responses = api.gateway_responses.iter().map(|one| (one.kind.as_str(), openapi::gateway_response(one)));
    put("gateway_responses", some_map(responses));
    put("models", some_map(api.models.iter().map(|(name, schema)| (name, schema.json.clone()))));
    put("routes", Some(Value::Array(routes(api))));
    json!({ "api": section })
}

fn some_map<K: Into<String>>(entries: impl Iterator<Item = (K, Value)>) -> Option<Value> {
    let map: Map<String, Value> = entries.map(|(key, value)| (key.into(), value)).collect();
    (!map.is_empty()).then_some(Value::Object(map))
}

/// Texts by name; none when there are none.
pub(crate) fn texts(map: &IndexMap<String, String>) -> Option<Value> {
    some_map(map.iter().map(|(name, value)| (name, json!(value))))
}

/// Throttles of the stage, and of its methods or routes.
pub(crate) fn throttles(stage: &WrittenStage) -> Option<Value> {
    let one = |throttle: &Throttle| json!({ "rate": throttle.rate, "burst": throttle.burst });
    let methods = stage.method_throttles.iter();
    let key = |t: &MethodThrottle| match t.path.starts_with('/') {
        true => format!("{} {}", t.method.as_str(), t.path),
        false => t.path.clone(),
    };
    let methods = methods.map(|t| (key(t), one(&t.throttle)));
    let methods = some_map(methods);
    let mut whole = stage.throttle.as_ref().map(one);
    if let Some(methods) = methods {
        whole.get_or_insert_with(|| json!({}))["methods"] = methods;
    }
    whole
}

/// The routes; of two for one method the first counts.
fn routes(api: &WrittenApi) -> Vec<Value> {
    let mut seen: Vec<(String, &str)> = Vec::new();
    let mut routes = Vec::new();
    for written in &api.routes {
        let path = written.path.trim_end_matches('/').to_owned();
        let key = (path, written.method.as_str());
        if !seen.contains(&key) {
            routes.push(route(written));
            seen.push(key);
        }
    }
    routes
}

fn route(route: &Route) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Option<Value>| map.extend(value.map(|value| (key.to_owned(), value)));
    put("path", Some(json!(route.path)));
    put("method", Some(json!(route.method.as_str())));
    put("operationName", route.operation_name.as_ref().map(|name| json!(name)));
    let (kind, authorizer) = match &route.authorization {
        Authorization::None => (None, None),
        Authorization::AwsIam => (Some("AWS_IAM"), None),
        Authorization::CognitoUserPools(name) => (Some("COGNITO_USER_POOLS"), Some(name)),
        Authorization::Jwt(name) => (Some("JWT"), Some(name)),
        Authorization::Custom { name, .. } => (Some("CUSTOM"), Some(name)),
    };
    put("authorizationType", kind.map(|kind| json!(kind)));
    put("authorizerId", authorizer.map(|name| json!(name)));
    put("authorizationScopes", (!route.scopes.is_empty()).then(|| json!(route.scopes)));
    put("apiKeyRequired", route.api_key_required.then(|| json!(true)));
    let Validator { body, parameters } = route.validator;
    let switches = || json!({ "validateRequestBody": body, "validateRequestParameters": parameters });
    put("requestValidator", (body || parameters).then(switches));
    let parameters = route.parameters.iter().map(|parameter| {
        let location = match parameter.location {
            ParameterLocation::Header => "header",
            ParameterLocation::Path => "path",
            ParameterLocation::QueryString => "querystring",
        };
        (format!("method.request.{location}.{}", parameter.name), json!(parameter.required))
    });
    put("requestParameters", some_map(parameters));
    let models = route.models.iter().map(|(media, body)| {
        let body = match body {
            Body::Named(name, _) => json!(name),
            Body::Inline(schema) => schema.json.clone(),
        };
        (media, body)
    });
    put("requestModels", some_map(models));
    let responses: Vec<Value> = route.responses.iter().map(response).collect();
    put("methodResponses", (!responses.is_empty()).then(|| json!(responses)));
    // A native route has an integration; one that answers nothing is a 500 as well.
    put("integration", Some(route.integration.as_ref().map_or_else(|| json!({ "type": "MOCK" }), integration)));
    Value::Object(map)
}

fn response(response: &MethodResponse) -> Value {
    if response.headers.is_empty() {
        return json!(response.status);
    }
    let headers = response.headers.iter().map(|name| (format!("method.response.header.{name}"), json!(true)));
    json!({ "statusCode": response.status, "responseParameters": headers.collect::<Map<String, Value>>() })
}

fn integration(written: &Integration) -> Value {
    let mut map = Map::new();
    map.extend(written.kind.map(|kind| ("type".to_owned(), json!(kind.as_str()))));
    if let Some(function) = &written.function {
        map.insert("function".to_owned(), json!(function.value));
    }
    map.extend(integration::common(written));
    let responses = written.responses.iter().map(|response| {
        let mut map = integration::response(response, json!(response.status));
        map.extend(response.pattern.as_ref().map(|text| ("selectionPattern".to_owned(), json!(text.value))));
        Value::Object(map)
    });
    let responses: Vec<Value> = responses.collect();
    if !responses.is_empty() {
        map.insert("responses".to_owned(), Value::Array(responses));
    }
    Value::Object(map)
}
