//! An HTTP API as compiled: what the admin port shows.

use serde_json::{Map, Value, json};

use crate::api::http::{Action, Mapping, Target};
use crate::api::{HttpApi, HttpAuthorization, HttpCall, HttpRoute};

/// Everything that is served. What is not set is left out.
pub(crate) fn describe(api: &HttpApi) -> Value {
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
    object([
        ("id", json!(api.id)),
        ("name", json!(api.name)),
        ("stage", json!(api.stage)),
        ("base_path", json!(api.base_path)),
        ("cors", json!(cors)),
        ("routes", api.routes.iter().map(route).collect()),
    ])
}

fn object<'a>(members: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let members = members.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).collect())
}

fn route(route: &HttpRoute) -> Value {
    let integration = &route.integration;
    let responses = integration.response_parameters.iter();
    let responses: Map<String, Value> =
        responses.map(|(status, list)| (status.to_string(), mappings(list).unwrap_or_default())).collect();
    object([
        ("route", json!(route.key)),
        ("operation", json!(route.operation_name)),
        ("authorization", authorization(&route.authorization)),
        ("integration", call(&integration.call)),
        ("timeout_ms", json!(u64::try_from(integration.timeout.as_millis()).unwrap_or(u64::MAX))),
        ("request_parameters", json!(mappings(&integration.request_parameters))),
        ("response_parameters", if responses.is_empty() { Value::Null } else { Value::Object(responses) }),
        ("broken", json!(integration.broken)),
    ])
}

fn authorization(authorization: &HttpAuthorization) -> Value {
    match authorization {
        HttpAuthorization::None => Value::Null,
        HttpAuthorization::AwsIam => json!({ "type": "AWS_IAM" }),
        HttpAuthorization::Authorizer { name, scopes } => json!({ "authorizer": name, "scopes": scopes }),
    }
}

fn call(call: &HttpCall) -> Value {
    match call {
        HttpCall::Function { function, format } => json!({
            "type": "AWS_PROXY",
            "function": match &function.qualifier {
                Some(qualifier) => format!("{}:{qualifier}", function.name),
                None => function.name.to_string(),
            },
            "payload_format": format.as_str(),
        }),
        HttpCall::Http { uri, method, .. } => {
            json!({ "type": "HTTP_PROXY", "uri": &*uri.text, "method": method.as_str() })
        }
        HttpCall::Service { action, base } => {
            json!({ "type": "AWS_PROXY", "subtype": action.subtype.as_str(), "address": base })
        }
        HttpCall::Nothing => Value::Null,
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
