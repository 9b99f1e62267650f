//! An HTTP API: routes, CORS, throttles.

use indexmap::IndexMap;

use super::http_authorizer::authorizers;
use super::http_integration::{integration, nothing};
use super::path::parameter;
use super::stage::{stage, token_names};
use super::surroundings::{Surroundings, unevaluated};
use crate::api::http::Cors;
use crate::api::{DEFAULT_ROUTE, HttpApi, HttpAuthorization, HttpMethod, HttpRoute};
use crate::config::definition::written::AuthorizerKind;
use crate::config::definition::written::http_api as written;
use crate::config::document::hint;
use crate::config::lint;

/// Compiles the API. An error in a route makes it answer 500; the others are served.
pub(crate) fn compile(written: &written::HttpApi, s: &Surroundings<'_>) -> HttpApi {
    let mut routes: IndexMap<String, (HttpRoute, usize)> = IndexMap::new();
    for one in &written.routes {
        let (found, broken) = s.report.part(|| route(one, written, s));
        let Some(mut route) = found else { continue };
        route.integration.broken = broken.or(route.integration.broken);
        if let Some((_, first)) = routes.get(&route.key) {
            let message = format!("`{}` is defined on line {first} already: the first counts", route.key);
            match one.imported {
                true => s.report.warning(&one.place, "duplicate-route", message),
                false => s.report.error(&one.place, "duplicate-route", message),
            }
            continue;
        }
        routes.insert(route.key.clone(), (route, one.place.line));
    }
    let mut routes: Vec<HttpRoute> = routes.into_values().map(|(route, _)| route).collect();
    throttle_routes(&mut routes, s);
    let api = HttpApi {
        common: stage(written.name.clone(), token_names(&written.authorizers), s),
        routes,
        authorizers: authorizers(written, s),
        cors: written.cors.as_ref().map(|own| cors(own, s)),
    };
    lint::routes(written, &api, s.report);
    api
}

/// A route; `None` when no request could be routed by its key (and that is reported).
fn route(written: &written::HttpRoute, api: &written::HttpApi, s: &Surroundings<'_>) -> Option<HttpRoute> {
    let (method, path) = key(written, s)?;
    protection(written, api, s);
    let authorization = match &written.authorization {
        written::HttpAuthorization::None => HttpAuthorization::None,
        written::HttpAuthorization::AwsIam => HttpAuthorization::AwsIam,
        written::HttpAuthorization::Authorizer(name) => {
            HttpAuthorization::Authorizer { name: name.clone(), scopes: written.scopes.clone() }
        }
    };
    let integration = integration(written, &path, s);
    Some(HttpRoute {
        key: method.map_or_else(|| DEFAULT_ROUTE.to_owned(), |method| format!("{} {path}", method.as_str())),
        path,
        method,
        operation_name: written.operation_name.clone(),
        authorization,
        throttle: None,
        integration: integration.unwrap_or_else(|| nothing(None, s)),
    })
}

/// Method and path of a route's key.
fn key(written: &written::HttpRoute, s: &Surroundings<'_>) -> Option<(Option<HttpMethod>, String)> {
    let fail = |message: String| {
        s.report.error(&written.place, "route-key", message);
        None
    };
    let key = written.key.trim();
    if key == DEFAULT_ROUTE {
        return Some((None, key.to_owned()));
    }
    let Some((method, path)) = key.split_once(' ') else {
        return fail(format!("`{key}` is no route key: expected `METHOD /path` or `$default`"));
    };
    let Some(method) = HttpMethod::parse(&method.to_ascii_uppercase()) else {
        return fail(format!("`{method}` of route `{key}` is not a method that API Gateway has"));
    };
    let path = path.trim();
    if !path.starts_with('/') {
        return fail(format!("path `{path}` does not begin with `/`"));
    }
    let mut names: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    for (n, segment) in segments.iter().enumerate() {
        let Some(name) = parameter(segment) else { continue };
        if name.trim_end_matches('+').is_empty() {
            return fail(format!("path `{path}` has a parameter without a name"));
        }
        if name.ends_with('+') && n + 1 < segments.len() {
            return fail(format!("path `{path}` goes on after `{segment}`, which takes all the rest"));
        }
        if names.contains(&name) {
            return fail(format!("path `{path}` has `{{{name}}}` twice"));
        }
        names.push(name);
    }
    Some((Some(method), path.to_owned()))
}

/// A protection that is not evaluated: its requests are refused, unless the operator says otherwise.
fn protection(route: &written::HttpRoute, api: &written::HttpApi, s: &Surroundings<'_>) {
    let skipped = &s.stage.skipped;
    let (what, is_skipped, is_evaluated) = match &route.authorization {
        written::HttpAuthorization::None => return,
        written::HttpAuthorization::AwsIam => {
            ("IAM authorization".to_owned(), skipped.iam, !s.stage.access_keys.is_empty())
        }
        written::HttpAuthorization::Authorizer(name) => match api.authorizers.get(name).map(|found| &found.kind) {
            Some(AuthorizerKind::Jwt) => (format!("JWT authorizer `{name}`"), skipped.jwt, false),
            Some(AuthorizerKind::Request) => (format!("Lambda authorizer `{name}`"), skipped.lambda, true),
            _ => (format!("authorizer `{name}`"), skipped.lambda, false),
        },
    };
    if is_skipped || !is_evaluated {
        let message = format!("{what} is not evaluated: {}", unevaluated(is_skipped));
        s.report.warning(&route.place, "authorization", message);
    }
}

fn cors(written: &written::HttpCors, s: &Surroundings<'_>) -> Cors {
    let cors = Cors {
        allow_origins: written.allow_origins.clone(),
        allow_methods: written.allow_methods.clone(),
        allow_headers: written.allow_headers.clone(),
        expose_headers: written.expose_headers.clone(),
        max_age: written.max_age,
        allow_credentials: written.allow_credentials,
    };
    for fault in cors.faults() {
        s.report.error(&written.place, "cors", fault.to_string());
    }
    cors
}

fn throttle_routes(routes: &mut [HttpRoute], s: &Surroundings<'_>) {
    for setting in &s.stage.method_throttles {
        let wanted = match setting.path.as_str() {
            DEFAULT_ROUTE => DEFAULT_ROUTE.to_owned(),
            path => format!("{} {path}", setting.method.as_str()),
        };
        match routes.iter_mut().find(|route| route.key == wanted) {
            Some(route) => route.throttle = Some(setting.throttle),
            None => {
                let known: Vec<&str> = routes.iter().map(|route| route.key.as_str()).collect();
                let message = format!("the API has no route `{wanted}`{}", hint(&wanted, &known));
                s.report.error(&setting.place, "unknown-method", message);
            }
        }
    }
}
