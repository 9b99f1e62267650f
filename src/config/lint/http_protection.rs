//! Who may call an HTTP API: authorizers that no route asks, identities that no request has, routes that stay open beside
//! guarded ones.

use super::access_log::is_http_variable;
use super::protection::{greedy_prefix, is_below};
use crate::api::{HttpApi, HttpAuthorization, HttpMethod, HttpRoute};
use crate::config::definition::written::authorizer::Authorizer;
use crate::config::definition::written::http_api as written;
use crate::config::document::{Place, Report};

/// The protection of an HTTP API as a whole.
pub(super) fn protection<'w>(
    written: &'w written::HttpApi,
    api: &HttpApi,
    place: impl Fn(&HttpRoute) -> Option<&'w Place>,
    report: &Report,
) {
    for (name, authorizer) in &written.authorizers {
        let asks = |route: &HttpRoute| matches!(&route.authorization, HttpAuthorization::Authorizer { name: own, .. } if own == name);
        if api.routes.iter().any(asks) {
            unmatchable(name, authorizer, api, report);
        } else {
            report.note(&authorizer.place, "unused-authorizer", format!("no route asks authorizer `{name}`"));
        }
    }
    open_routes(api, place, report);
}

/// Sources that are never there: each request is a 401 (fact `identity-source-401`).
fn unmatchable(name: &str, authorizer: &Authorizer, api: &HttpApi, report: &Report) {
    for source in &authorizer.identity_sources {
        let is_never_there = match source.trim_start_matches('$').split_once('.') {
            Some(("stageVariables", variable)) => !api.stage_variables.contains_key(variable),
            Some(("context", variable)) => !is_http_variable(variable),
            _ => false,
        };
        if is_never_there {
            let message = format!("authorizer `{name}`: `{source}` is never there: every request is answered 401");
            report.warning(&authorizer.place, "unmatchable-identity", message);
        }
    }
}

/// A path that lacks the method falls to the greedy route above it, or to `$default` (documented).
fn open_routes<'w>(api: &HttpApi, place: impl Fn(&HttpRoute) -> Option<&'w Place>, report: &Report) {
    let mut told: Vec<&str> = Vec::new();
    let guarded = api.routes.iter().filter(|route| is_guarded(route) && route.method != Some(HttpMethod::Options));
    for route in guarded.filter(|route| route.method.is_some()) {
        let path = route.path.as_str();
        let verbs: Vec<_> = api.routes.iter().filter(|other| other.path == path).filter_map(|r| r.method).collect();
        if told.contains(&path) || verbs.contains(&HttpMethod::Any) {
            continue;
        }
        told.push(path);
        let (Some(open), Some(place)) = (open_above(api, path, &verbs), place(route)) else { continue };
        let message = format!(
            "`{path}` is guarded, and `{}` is open and takes every method that `{path}` does not have: guard it too, or give \
             `{path}` an `ANY` route",
            open.key
        );
        report.warning(place, "open-proxy", message);
    }
}

/// The open route that takes what a path has no method for.
fn open_above<'a>(api: &'a HttpApi, path: &str, verbs: &[HttpMethod]) -> Option<&'a HttpRoute> {
    let is_above = |r: &&HttpRoute| r.path != path && greedy_prefix(&r.path).is_some_and(|p| is_below(path, p));
    let nearest = api.routes.iter().filter(is_above).map(|r| r.path.len()).max();
    let mut takes = api.routes.iter().filter(|r| match nearest {
        Some(length) => is_above(r) && r.path.len() == length,
        None => r.method.is_none(),
    });
    takes.find(|r| !is_guarded(r) && r.method.is_none_or(|m| m != HttpMethod::Options && !verbs.contains(&m)))
}

fn is_guarded(route: &HttpRoute) -> bool {
    route.authorization != HttpAuthorization::None
}
