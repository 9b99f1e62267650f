//! The whole API: resources, protections, keys, gateway responses.

use std::borrow::Cow;
use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use super::authorizer::{authorizers, resource_policy};
use super::integration::{integration, nothing};
use super::jwt_authorizer::jwt_authorizers;
use super::model::Models;
use super::parameter::{Side, mappings};
use super::path::{Siblings, normalize, resource_id};
use super::stage::{stage, token_names};
use super::surroundings::{Surroundings, unevaluated};
use crate::api::{
    ApiStage, Authorization, GatewayResponse, GatewayResponses, MediaTypes, Method, MethodRequest, MethodResponse,
    Resource, RestApi, Throttle,
};
use crate::config::definition::written::{AuthorizerKind, Route, WrittenApi};
use crate::config::document::hint;
use crate::config::lint;

/// Compiles the API. An error in a method makes it answer 500; the others are served.
pub(crate) fn compile(written: &WrittenApi, s: &Surroundings<'_>) -> RestApi {
    let mut resources: Vec<Resource> = Vec::with_capacity(written.routes.len());
    let mut known: FxHashMap<Cow<'_, str>, usize> = FxHashMap::default();
    known.reserve(written.routes.len());
    let mut models = Models::new(&written.models);
    let mut siblings = Siblings::default();
    let mut lines: FxHashMap<(Cow<'_, str>, &'static str), usize> = FxHashMap::default();
    let binary = MediaTypes::new(written.binary_media_types.clone().unwrap_or_default());
    for route in &written.routes {
        let (path, bad_path) = s.report.part(|| normalize(route, s.report));
        let mut method = method(route, path.as_deref(), &mut models, written, s);
        method.integration.broken = bad_path.or(method.integration.broken);
        lint::templates_of_bytes(route, &method, &binary, s.report);
        let Some(path) = path else { continue };
        siblings.check(&path, route, s.report);
        if let Some(first) = lines.insert((path.clone(), route.method.as_str()), route.place.line) {
            let message = format!("`{} {path}` is defined on line {first} already", route.method.as_str());
            match route.imported {
                // `/pets` and `/pets/` are one resource.
                true => s.report.warning(&route.place, "duplicate-route", format!("{message}: the first counts")),
                false => s.report.error(&route.place, "duplicate-route", message),
            }
            continue;
        }
        match known.entry(path) {
            Entry::Occupied(found) => resources[*found.get()].methods.push(method),
            Entry::Vacant(new) => {
                let path = new.key().to_string();
                resources.push(Resource { id: resource_id(&path), path, methods: vec![method] });
                new.insert(resources.len() - 1);
            }
        }
    }
    // Most have one method, some room for four.
    resources.iter_mut().for_each(|resource| resource.methods.shrink_to_fit());
    resources.shrink_to_fit();
    throttle_methods(&mut resources, written, s);
    let (jwt_authorizers, key_sources) = jwt_authorizers(written, s);
    lint::protection(written, s.stage, s.variables, s.report);
    RestApi {
        common: ApiStage {
            jwt_authorizers,
            key_sources,
            ..stage(written.title.clone(), token_names(&written.authorizers), s)
        },
        source_vpc: s.stage.source_vpc.clone(),
        source_vpce: s.stage.source_vpce.clone(),
        binary_media_types: binary,
        minimum_compression_size: written.minimum_compression_size,
        api_key_source: written.api_key_source.unwrap_or_default(),
        resources,
        gateway_responses: gateway_responses(written, s),
        api_keys: s.stage.api_keys.clone(),
        usage_plans: s.stage.usage_plans.clone(),
        resource_policy: resource_policy(written, s),
        authorizers: authorizers(written, s),
        compat: s.stage.compat,
    }
}

/// A method: what is wrong with it makes it answer 500, and leaves the others alone.
fn method(
    route: &Route,
    path: Option<&str>,
    models: &mut Models<'_>,
    written: &WrittenApi,
    s: &Surroundings<'_>,
) -> Method {
    protection(route, written, s);
    let (models, bad_model) =
        s.report.part(|| if route.validator.body { models.of_route(route, s.report) } else { Vec::new() });
    let (integration, bad_integration) = s.report.part(|| integration(route, s));
    let broken = route.broken.clone().or(bad_integration).or(bad_model);
    if let Some(integration) = &integration {
        lint::method(route, path.unwrap_or(&route.path), integration, s.variables, &s.probes, s.report);
    }
    let mut integration = integration.unwrap_or_else(|| nothing(None, s));
    integration.broken = broken.or(integration.broken);
    Method {
        http_method: route.method,
        operation_name: route.operation_name.clone(),
        authorization: route.authorization.clone(),
        scopes: route.scopes.clone(),
        api_key_required: route.api_key_required,
        throttle: None,
        request: MethodRequest {
            parameters: route.parameters.clone(),
            validate_parameters: route.validator.parameters,
            validate_body: route.validator.body,
            models,
        },
        integration,
        responses: route
            .responses
            .iter()
            .map(|r| MethodResponse { status: r.status, headers: r.headers.clone() })
            .collect(),
    }
}

/// A protection that is not evaluated: its requests are refused, unless the operator says otherwise.
fn protection(route: &Route, written: &WrittenApi, s: &Surroundings<'_>) {
    let is_skipped = s.stage.skipped.skips(&route.authorization);
    let kind = |name: &String| written.authorizers.get(name).map(|found| &found.kind);
    let (what, is_evaluated) = match &route.authorization {
        Authorization::None => return,
        Authorization::AwsIam => {
            ("IAM authorization (`iam.keys` has no key)".to_owned(), !s.stage.access_keys.is_empty())
        }
        Authorization::CognitoUserPools(name) => {
            (format!("Cognito authorizer `{name}`"), kind(name) == Some(&AuthorizerKind::CognitoUserPools))
        }
        Authorization::Jwt(name) => (format!("JWT authorizer `{name}`"), kind(name) == Some(&AuthorizerKind::Jwt)),
        Authorization::Custom { name, .. } => match kind(name) {
            Some(AuthorizerKind::Token | AuthorizerKind::Request) => (format!("Lambda authorizer `{name}`"), true),
            _ => (format!("authorizer `{name}`"), false),
        },
    };
    if is_skipped || !is_evaluated {
        let message = format!("{what} is not evaluated: {}", unevaluated(is_skipped));
        s.report.warning(&route.place, "authorization", message);
    }
}

fn gateway_responses(written: &WrittenApi, s: &Surroundings<'_>) -> GatewayResponses {
    let mut responses = GatewayResponses::default();
    for own in &written.gateway_responses {
        lint::gateway_response(own, s.report);
        let response = GatewayResponse {
            status: own.status,
            parameters: mappings(&own.parameters, Side::Gateway, s),
            templates: own.templates.iter().map(|(media, text)| (media.to_string(), text.value.to_string())).collect(),
        };
        responses.set(own.kind, response);
    }
    responses
}

fn throttle_methods(resources: &mut [Resource], written: &WrittenApi, s: &Surroundings<'_>) {
    for setting in &s.stage.method_throttles {
        let throttle: Throttle = setting.throttle;
        let resource = resources.iter_mut().find(|r| r.path == setting.path);
        match resource.and_then(|r| r.methods.iter_mut().find(|m| m.http_method == setting.method)) {
            Some(method) => method.throttle = Some(throttle),
            None => {
                let known: Vec<String> =
                    written.routes.iter().map(|r| format!("{} {}", r.method.as_str(), r.path)).collect();
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let wanted = format!("{} {}", setting.method.as_str(), setting.path);
                if known.contains(&wanted.as_str()) {
                    continue;
                }
                let hint = hint(&wanted, &known);
                let message = format!("the API has no method `{wanted}`{hint}");
                s.report.error(&setting.place, "unknown-method", message);
            }
        }
    }
}
