//! The definition as compiled, with hit counts per rule: what the admin port shows, and what tests of definitions compare.

use std::fmt::Debug;

use serde_json::{Value, json};

use super::http_definition;
use super::statistics;
use crate::api::{
    Api, Authorization, Endpoint, GatewayResponse, Integration, IntegrationResponse, IntegrationType, Method,
    MethodRequest, MethodResponse, ParameterMapping, ParameterSource, RequestParameter, Resource, RestApi, Secrets,
    Templates, masked,
};
use crate::exchange::masking::masked_uri;
use crate::metrics::Metrics;

/// The same of an API of either kind.
pub(crate) fn describe_either(api: &Api, metrics: &Metrics) -> Value {
    match api {
        Api::Rest(api) => describe(api, metrics),
        Api::Http(api) => http_definition::describe(api, metrics),
    }
}

/// Everything that is served, without what is secret. What is not set is left out.
pub fn describe(api: &RestApi, metrics: &Metrics) -> Value {
    let gateway_responses =
        api.gateway_responses.iter().map(|(kind, set)| (kind.as_str(), gateway_response(set, &api.secrets)));
    let mut shown = object([
        ("id", json!(api.id)),
        ("name", json!(api.name)),
        ("stage", json!(api.stage)),
        ("base_path", json!(api.base_path)),
        ("binary_media_types", json!(api.binary_media_types.entries())),
        ("minimum_compression_size", json!(api.minimum_compression_size)),
        ("gateway_responses", object(gateway_responses)),
    ]);
    shown["resources"] = api.resources.iter().map(|r| resource(r, &api.secrets, metrics)).collect();
    shown
}

/// The members that say something.
fn object<'a>(members: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let is_set = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => true,
    };
    let members = members.into_iter().filter(|(_, value)| is_set(value));
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).collect())
}

fn gateway_response(response: &GatewayResponse, secrets: &Secrets) -> Value {
    let templates = response.templates.iter().map(|(media_type, text)| (media_type.as_str(), json!(text)));
    // Setting nothing is a setting, too.
    let parameters = parameters(&response.parameters, secrets);
    json!({ "status": response.status, "parameters": parameters, "templates": object(templates) })
}

fn resource(resource: &Resource, secrets: &Secrets, metrics: &Metrics) -> Value {
    let shown = |m: &Method| {
        let mut shown = method(&resource.path, m, secrets, metrics);
        if let counts @ Value::Object(_) = statistics::describe(metrics, &resource.path, m.http_method.as_str()) {
            shown["counts"] = counts;
        }
        shown
    };
    let methods: Vec<Value> = resource.methods.iter().map(shown).collect();
    json!({ "path": resource.path, "id": resource.id, "methods": methods })
}

fn method(path: &str, method: &Method, secrets: &Secrets, metrics: &Metrics) -> Value {
    let Integration { kind, endpoint, responses, .. } = &method.integration;
    let has_rules = !matches!(kind, IntegrationType::AwsProxy | IntegrationType::HttpProxy);
    let name = method.http_method.as_str();
    let rules = responses.iter().filter(|_| has_rules).map(|r| rule(r, path, name, secrets, metrics)).collect();
    let mut shown = object([
        ("method", json!(name)),
        ("operation", json!(method.operation_name)),
        ("authorization", authorization(&method.authorization)),
        ("authorization_scopes", json!(method.scopes)),
        ("api_key_required", json!(method.api_key_required)),
        ("request", request(&method.request)),
        ("integration", json!(kind.as_str())),
        ("endpoint", target(endpoint, secrets)),
        ("call", call(&method.integration, secrets)),
        ("streamed", json!(method.integration.streamed)),
        ("timeout_ms", json!(u64::try_from(method.integration.timeout.as_millis()).unwrap_or(u64::MAX))),
        ("broken", json!(method.integration.broken)),
        ("method_responses", method.responses.iter().map(method_response).collect()),
    ]);
    shown["responses"] = rules;
    shown
}

fn rule(rule: &IntegrationResponse, path: &str, method: &str, secrets: &Secrets, metrics: &Metrics) -> Value {
    let pattern = rule.selection_pattern.as_ref().map_or("default", |p| p.source());
    object([
        ("pattern", json!(pattern)),
        ("status", json!(rule.status)),
        ("declared", json!(rule.declared)),
        ("content_handling", named(rule.content_handling)),
        ("parameters", parameters(&rule.response_parameters, secrets)),
        ("templates", templates(&rule.response_templates)),
        ("hits", json!(metrics.method(path, method).integration_response(pattern, rule.status).matches.get())),
    ])
}

fn authorization(authorization: &Authorization) -> Value {
    match authorization {
        Authorization::None => Value::Null,
        Authorization::AwsIam => json!({ "type": "AWS_IAM" }),
        Authorization::CognitoUserPools(name) => json!({ "type": "COGNITO_USER_POOLS", "authorizer": name }),
        Authorization::Jwt(name) => json!({ "type": "JWT", "authorizer": name }),
        Authorization::Custom { name, token_header: None } => json!({ "type": "CUSTOM", "authorizer": name }),
        Authorization::Custom { name, token_header } => {
            json!({ "type": "CUSTOM", "authorizer": name, "token_header": token_header })
        }
    }
}

fn request(request: &MethodRequest) -> Value {
    let parameter = |p: &RequestParameter| {
        object([
            ("in", json!(format!("{:?}", p.location).to_lowercase())),
            ("name", json!(p.name)),
            ("required", json!(p.required)),
        ])
    };
    object([
        ("validates_parameters", json!(request.validate_parameters)),
        ("validates_body", json!(request.validate_body)),
        ("parameters", request.parameters.iter().map(parameter).collect()),
        ("models", object(request.models.iter().map(|(media_type, model)| (media_type.as_str(), json!(model.name))))),
    ])
}

fn target(endpoint: &Endpoint, secrets: &Secrets) -> Value {
    match endpoint {
        Endpoint::Lambda(function) => match &function.qualifier {
            Some(qualifier) => json!(format!("{}:{qualifier}", function.name)),
            None => json!(&*function.name),
        },
        Endpoint::Service(service) => json!(masked_uri(secrets, &service.uri.text)),
        Endpoint::Http(uri) => json!(masked_uri(secrets, &uri.text)),
        Endpoint::None => Value::Null,
    }
}

/// How the backend is called.
fn call(integration: &Integration, secrets: &Secrets) -> Value {
    let (arn, service, action, invalid) = match &integration.endpoint {
        Endpoint::Lambda(function) => (Some(&*function.arn), None, None, None),
        Endpoint::Service(service) => (None, Some(&*service.service), service.action.as_deref(), None),
        Endpoint::Http(uri) => (None, None, None, uri.invalid.as_deref()),
        Endpoint::None => (None, None, None, None),
    };
    object([
        ("method", json!(integration.http_method.as_str())),
        ("arn", json!(arn)),
        ("service", json!(service)),
        ("action", json!(action)),
        ("invalid", json!(invalid.map(|uri| masked_uri(secrets, uri)))),
        ("passthrough_behavior", named(Some(integration.passthrough_behavior))),
        ("content_handling", named(integration.content_handling)),
        ("parameters", parameters(&integration.request_parameters, secrets)),
        ("templates", templates(&integration.request_templates)),
    ])
}

/// A variant in API Gateway's spelling: `WHEN_NO_MATCH`.
fn named(value: Option<impl Debug>) -> Value {
    let Some(value) = value else { return Value::Null };
    let mut name = String::new();
    for c in format!("{value:?}").chars() {
        if c.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_uppercase());
    }
    json!(name)
}

fn templates(templates: &Templates) -> Value {
    object(templates.iter().map(|(media_type, template)| (media_type.as_str(), json!(&*template.source))))
}

/// Targets and sources in API Gateway's words; a stage variable stands as what it held at load.
fn parameters(mappings: &[ParameterMapping], secrets: &Secrets) -> Value {
    let source = |mapping: &ParameterMapping| match &mapping.source {
        ParameterSource::Literal(text) if secrets.is_secret(&mapping.name) => format!("'{}'", masked(text)),
        other => other.to_string(),
    };
    Value::Object(mappings.iter().map(|mapping| (mapping.target_name(), json!(source(mapping)))).collect())
}

fn method_response(response: &MethodResponse) -> Value {
    object([("status", json!(response.status)), ("headers", json!(response.headers))])
}
