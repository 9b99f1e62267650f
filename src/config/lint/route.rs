//! Routes of an HTTP API: preflights that somebody else answers, routes that no request reaches, answers that count for other
//! routes.

use super::http_protection;
use crate::api::{HttpApi, HttpAuthorization, HttpMethod, HttpRoute};
use crate::config::definition::written::http_api as written;
use crate::config::document::{Place, Report};

/// What surprises in an API's routes.
pub(crate) fn routes(written: &written::HttpApi, api: &HttpApi, report: &Report) {
    let place = |route: &HttpRoute| written.routes.iter().find(|one| one.key.trim() == route.key).map(|one| &one.place);
    for (n, route) in api.routes.iter().enumerate() {
        let Some(place) = place(route) else { continue };
        if api.cors.is_some() && takes_preflights(route) && !has_own_options(api, route) {
            preflight(route, place, report);
        }
        let same = |other: &&HttpRoute| other.method == route.method && shape(&other.path) == shape(&route.path);
        if let Some(first) = api.routes[..n].iter().find(same) {
            let message = format!("no request reaches `{}`: `{}` takes the same ones", route.key, first.key);
            report.warning(place, "unreachable-route", message);
        }
        scopes(api, route, place, report);
    }
    shared_answers(written, api, report);
    http_protection::protection(written, api, place, report);
}

fn takes_preflights(route: &HttpRoute) -> bool {
    matches!(route.method, None | Some(HttpMethod::Any))
}

/// Whether a route of its own takes the preflights of this one: on the same path, or behind `$default` on any.
fn has_own_options(api: &HttpApi, route: &HttpRoute) -> bool {
    let takes = |path: &str| match route.method {
        None => path.starts_with("/{") && path.ends_with("+}") && !path[1..].contains('/'),
        Some(_) => shape(path) == shape(&route.path),
    };
    api.routes.iter().any(|other| other.method == Some(HttpMethod::Options) && takes(&other.path))
}

fn preflight(route: &HttpRoute, place: &Place, report: &Report) {
    let path = if route.method.is_none() { "/{proxy+}" } else { &route.path };
    if route.authorization == HttpAuthorization::None {
        let message = format!(
            "preflights come to `{}`, so that its integration answers them, not the API: for the API's own answer name the methods",
            route.key
        );
        return report.note(place, "preflight", message);
    }
    let message = format!(
        "preflights come to `{}`, which refuses them: browsers send no credentials with them; add a route `OPTIONS {path}` without an authorizer",
        route.key
    );
    report.warning(place, "guarded-preflight", message);
}

/// The path with its variables nameless: what tells routes apart.
fn shape(path: &str) -> Vec<&str> {
    let nameless = |segment: &'_ str| match (segment.starts_with('{'), segment.ends_with("+}")) {
        (true, true) => "{+}",
        (true, false) => "{}",
        _ => "",
    };
    path.split('/').map(|segment| if segment.starts_with('{') { nameless(segment) } else { segment }).collect()
}

/// Only tokens have scopes.
fn scopes(api: &HttpApi, route: &HttpRoute, place: &Place, report: &Report) {
    let HttpAuthorization::Authorizer { name, scopes } = &route.authorization else { return };
    if !scopes.is_empty() && api.authorizers.contains_key(name) {
        let message =
            format!("`authorizationScopes` of `{}` means nothing to the Lambda authorizer `{name}`", route.key);
        report.warning(place, "authorization-scopes", message);
    }
}

/// A policy is evaluated afresh for each route, but a function that looks at the route is not asked again.
fn shared_answers(written: &written::HttpApi, api: &HttpApi, report: &Report) {
    for authorizer in api.authorizers.values().filter(|one| one.shares_answers_between_routes()) {
        let asks = |route: &&HttpRoute| matches!(&route.authorization, HttpAuthorization::Authorizer { name, .. } if *name == authorizer.name);
        let count = api.routes.iter().filter(asks).count();
        let Some(written) = written.authorizers.get(&authorizer.name).filter(|_| count > 1) else { continue };
        let message = format!(
            "an answer of authorizer `{}` counts for all {count} of its routes: if it depends on the route, add `$context.routeKey` to its identity sources",
            authorizer.name
        );
        report.note(&written.place, "shared-answers", message);
    }
}
