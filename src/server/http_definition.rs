//! An HTTP API as compiled: what the admin port shows.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::statistics;
use crate::api::http::{Action, Mapping, Target};
use crate::api::{HttpApi, HttpAuthorization, HttpCall, HttpRoute};
use crate::metrics::Metrics;

/// Everything that is served, in the form of a REST API's: routes stand under their paths. What is not set is left out.
pub(crate) fn describe(api: &HttpApi, metrics: &Metrics) -> Value {
    let cors = api.cors.as_ref().map(|cors| {
        json!({
            "allow_origins": cors.allow_origins,
            "allow_methods": cors.allow_methods,
            "allow_headers": cors.allow_headers,
            "expose_headers": cors.expose_headers,
            "max_age": cors.max_age,
            "allow_credentials": cors.allow_credentials,
        })
    });
    let mut paths: IndexMap<&str, Vec<Value>> = IndexMap::new();
    for one in &api.routes {
        paths.entry(&one.path).or_default().push(route(one, metrics));
    }
    let resources = paths.into_iter().map(|(path, methods)| json!({ "path": path, "methods": methods }));
    object([
        ("type", json!("http")),
        ("id", json!(api.id)),
        ("name", json!(api.name)),
        ("stage", json!(api.stage)),
        ("base_path", json!(api.base_path)),
        ("cors", json!(cors)),
        ("resources", resources.collect()),
    ])
}

fn object<'a>(members: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let members = members.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).collect())
}

fn route(route: &HttpRoute, metrics: &Metrics) -> Value {
    let integration = &route.integration;
    let responses = integration.response_parameters.iter();
    let responses: Map<String, Value> =
        responses.map(|(status, list)| (status.to_string(), mappings(list).unwrap_or_default())).collect();
    let (kind, endpoint) = call(&integration.call);
    let format = match &integration.call {
        HttpCall::Function { format, .. } => Some(format.as_str()),
        HttpCall::Http { .. } | HttpCall::Service { .. } | HttpCall::Nothing => None,
    };
    object([
        ("method", json!(route.method_name())),
        ("route", json!(route.key)),
        ("operation", json!(route.operation_name)),
        ("authorization", authorization(&route.authorization)),
        ("integration", json!(kind)),
        ("endpoint", json!(endpoint)),
        ("payload_format", json!(format)),
        ("timeout_ms", json!(u64::try_from(integration.timeout.as_millis()).unwrap_or(u64::MAX))),
        ("request_parameters", json!(mappings(&integration.request_parameters))),
        ("response_parameters", if responses.is_empty() { Value::Null } else { Value::Object(responses) }),
        ("broken", json!(integration.broken)),
        ("counts", statistics::describe(metrics, &route.path, route.method_name())),
        ("responses", json!([])),
    ])
}

fn authorization(authorization: &HttpAuthorization) -> Value {
    match authorization {
        HttpAuthorization::None => Value::Null,
        HttpAuthorization::AwsIam => json!({ "type": "AWS_IAM" }),
        HttpAuthorization::Authorizer { name, scopes } => {
            json!({ "type": "AUTHORIZER", "authorizer": name, "scopes": scopes })
        }
    }
}

/// The integration's type, and what it calls.
fn call(call: &HttpCall) -> (Option<&'static str>, Option<String>) {
    match call {
        HttpCall::Function { function, .. } => {
            let qualifier = function.qualifier.as_ref().map(|qualifier| format!(":{qualifier}")).unwrap_or_default();
            (Some("AWS_PROXY"), Some(format!("{}{qualifier}", function.name)))
        }
        HttpCall::Http { uri, .. } => (Some("HTTP_PROXY"), Some(uri.text.to_string())),
        HttpCall::Service { action, base } => (Some(action.subtype.as_str()), Some(base.clone())),
        HttpCall::Nothing => (None, None),
    }
}

/// What is done to which part, with the value as written.
fn mappings(mappings: &[Mapping]) -> Option<Value> {
    let entry = |mapping: &Mapping| (key(mapping), json!(mapping.value.as_ref().map(|value| &*value.written)));
    (!mappings.is_empty()).then(|| Value::Object(mappings.iter().map(entry).collect()))
}

/// `append:header.x`
fn key(mapping: &Mapping) -> String {
    let action = match mapping.action {
        Action::Append => "append",
        Action::Overwrite => "overwrite",
        Action::Remove => "remove",
    };
    match &mapping.target {
        Target::Header(name) => format!("{action}:header.{name}"),
        Target::QueryString(name) => format!("{action}:querystring.{name}"),
        Target::Path => format!("{action}:path"),
        Target::StatusCode => format!("{action}:statuscode"),
    }
}
