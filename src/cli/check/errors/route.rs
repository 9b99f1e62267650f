//! The routes of an API as they are called: a path that each takes, a method, and what its guards ask for.

use crate::api::{ApiStage, Authorization, HttpApi, HttpAuthorization, HttpMethod, IntegrationType, Method, RestApi};
use crate::api::{DEFAULT_ROUTE, ParameterLocation, Resource};
use crate::gateway::Gateway;

/// Methods to call a route by that takes any.
const METHODS: [HttpMethod; 5] =
    [HttpMethod::Get, HttpMethod::Post, HttpMethod::Put, HttpMethod::Patch, HttpMethod::Delete];

/// A route, ready to be called.
pub(super) struct Route {
    /// Method and path as metrics name them.
    pub method: &'static str,
    pub path: String,
    /// What is sent.
    pub sent: &'static str,
    pub target: String,
    /// Headers and query parameters that must be there.
    pub headers: Vec<String>,
    pub query: Vec<String>,
    pub content_type: String,
    /// Whether a browser sends `Authorization`, or `x-api-key`.
    pub is_guarded: bool,
    pub needs_key: bool,
    /// Whether a Lambda authorizer decides.
    pub is_asked: bool,
    /// Where its token stands.
    pub token: Option<String>,
    /// Whether the backend's own headers are the client's.
    pub passes_headers: bool,
}

impl Route {
    /// `GET /orders/{id}`
    pub(super) fn name(&self) -> String {
        if self.method == DEFAULT_ROUTE { self.method.to_owned() } else { format!("{} {}", self.method, self.path) }
    }
}

/// Every route, in the definition's order.
pub(super) fn routes(gateway: &Gateway) -> Vec<Route> {
    match (gateway.rest(), gateway.http()) {
        (Some(api), _) => api.resources.iter().flat_map(|r| r.methods.iter().map(|m| of_method(api, r, m))).collect(),
        (None, Some(api)) => (0..api.routes.len()).map(|n| of_route(api, n)).collect(),
        (None, None) => Vec::new(),
    }
}

fn of_method(api: &RestApi, resource: &Resource, method: &Method) -> Route {
    let has = |other: HttpMethod| resource.methods.iter().any(|m| m.http_method == other);
    let required = |location| {
        let parameters = method.request.parameters.iter().filter(move |p| p.required && p.location == location);
        parameters.map(|p| p.name.clone()).collect()
    };
    let token = match &method.authorization {
        Authorization::Custom { token_header, .. } => token_header.clone(),
        _ => None,
    };
    Route {
        method: method.http_method.as_str(),
        path: resource.path.clone(),
        sent: sent(Some(method.http_method), has),
        target: target(api, &resource.path),
        headers: required(ParameterLocation::Header),
        query: required(ParameterLocation::QueryString),
        content_type: method.integration.request_templates.first().map_or("application/json", |(t, _)| t).to_owned(),
        is_guarded: method.authorization != Authorization::None,
        needs_key: method.api_key_required,
        is_asked: matches!(method.authorization, Authorization::Custom { .. }),
        token,
        passes_headers: matches!(method.integration.kind, IntegrationType::AwsProxy | IntegrationType::HttpProxy),
    }
}

fn of_route(api: &HttpApi, n: usize) -> Route {
    let route = &api.routes[n];
    let has = |other| api.routes.iter().any(|r| r.path == route.path && r.method == Some(other));
    let is_asked = match &route.authorization {
        HttpAuthorization::Authorizer { name, .. } => api.authorizers.contains_key(name),
        HttpAuthorization::None | HttpAuthorization::AwsIam => false,
    };
    let path = if route.method.is_none() { "/stagegate-no-such-path" } else { &route.path };
    Route {
        method: route.method_name(),
        path: route.path.clone(),
        sent: sent(route.method, has),
        target: target(api, path),
        headers: Vec::new(),
        query: Vec::new(),
        content_type: "application/json".to_owned(),
        is_guarded: route.authorization != HttpAuthorization::None,
        needs_key: false,
        is_asked,
        token: None,
        passes_headers: api.cors.is_none(),
    }
}

/// The method itself, or the first that no other method of the path takes.
fn sent(method: Option<HttpMethod>, has: impl Fn(HttpMethod) -> bool) -> &'static str {
    match method {
        Some(method) if method != HttpMethod::Any => method.as_str(),
        _ => METHODS.into_iter().find(|other| !has(*other)).unwrap_or(HttpMethod::Head).as_str(),
    }
}

/// A path of that template: `/orders/id` of `/orders/{id}`.
fn target(api: &ApiStage, template: &str) -> String {
    let segment = |segment: &str| match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
        Some(name) => name.trim_end_matches('+').to_owned(),
        None => segment.to_owned(),
    };
    let path: Vec<String> = template.split('/').map(segment).collect();
    format!("{}{}", api.base_path.trim_end_matches('/'), path.join("/"))
}
