//! The definition as compiled, with hit counts per rule, for the admin port.

use serde_json::{Value, json};

use super::process::Process;
use crate::api::{Endpoint, Integration, IntegrationResponse, IntegrationType, Method, Resource};
use crate::metrics::Metrics;

/// Everything that is served.
pub fn describe(process: &Process) -> Value {
    let generation = process.current();
    let api = generation.gateway.stage();
    let resources: Vec<Value> = api.resources.iter().map(|r| resource(r, &process.metrics)).collect();
    json!({
        "id": api.id,
        "name": api.name,
        "stage": api.stage,
        "base_path": api.base_path,
        "loads": generation.number,
        "resources": resources,
    })
}

fn resource(resource: &Resource, metrics: &Metrics) -> Value {
    let methods: Vec<Value> = resource.methods.iter().map(|m| method(resource, m, metrics)).collect();
    json!({ "path": resource.path, "id": resource.id, "methods": methods })
}

fn method(resource: &Resource, method: &Method, metrics: &Metrics) -> Value {
    let Integration { kind, endpoint, responses, .. } = &method.integration;
    let has_rules = !matches!(kind, IntegrationType::AwsProxy | IntegrationType::HttpProxy);
    let counters = metrics.method(&resource.path, method.http_method.as_str());
    let rule = |rule: &IntegrationResponse| {
        let pattern = rule.selection_pattern.as_ref().map_or("default", |p| p.source());
        json!({
            "pattern": pattern,
            "status": rule.status,
            "hits": counters.integration_response(pattern, rule.status).get(),
        })
    };
    let rules: Vec<Value> = responses.iter().filter(|_| has_rules).map(rule).collect();
    json!({
        "method": method.http_method.as_str(),
        "integration": integration(*kind),
        "endpoint": target(endpoint),
        "timeout_ms": u64::try_from(method.integration.timeout.as_millis()).unwrap_or(u64::MAX),
        "broken": method.integration.broken,
        "responses": rules,
    })
}

fn integration(kind: IntegrationType) -> &'static str {
    match kind {
        IntegrationType::Aws => "AWS",
        IntegrationType::AwsProxy => "AWS_PROXY",
        IntegrationType::Http => "HTTP",
        IntegrationType::HttpProxy => "HTTP_PROXY",
        IntegrationType::Mock => "MOCK",
    }
}

fn target(endpoint: &Endpoint) -> Value {
    match endpoint {
        Endpoint::Lambda(function) => match &function.qualifier {
            Some(qualifier) => json!(format!("{}:{qualifier}", function.name)),
            None => json!(&*function.name),
        },
        Endpoint::Service(service) => json!(&*service.uri.text),
        Endpoint::Http(uri) => json!(&*uri.text),
        Endpoint::None => Value::Null,
    }
}
