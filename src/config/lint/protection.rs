//! Who may call: authorizers whose answers count for more than they say, methods that stay open beside guarded ones.

use indexmap::IndexMap;

use super::{names, pattern, policy};
use crate::api::{Authorization, GatewayResponseType, HttpMethod};
use crate::config::definition::written::authorizer::Authorizer;
use crate::config::definition::written::{AuthorizerKind, Route, WrittenApi, WrittenStage};
use crate::config::document::Report;

/// What API Gateway does without `authorizerResultTtlInSeconds`.
const DEFAULT_TTL: u64 = 300;

/// The protection of an API as a whole.
pub(crate) fn protection(
    api: &WrittenApi,
    stage: &WrittenStage,
    variables: &IndexMap<String, String>,
    report: &Report,
) {
    if api.http.is_none() {
        for (name, authorizer) in &api.authorizers {
            self::authorizer(name, authorizer, api, variables, report);
        }
    }
    policy::unmatched_resources(api, stage, report);
    hidden_refusals(api, report);
    open_proxies(api, report);
}

fn authorizer(
    name: &str,
    authorizer: &Authorizer,
    api: &WrittenApi,
    variables: &IndexMap<String, String>,
    report: &Report,
) {
    let routes: Vec<&Route> = api.routes.iter().filter(|route| authorizer_of(route) == Some(name)).collect();
    if routes.is_empty() {
        report.note(&authorizer.place, "unused-authorizer", format!("no method asks authorizer `{name}`"));
        return;
    }
    if matches!(authorizer.kind, AuthorizerKind::Token | AuthorizerKind::Request) {
        unmatchable(name, authorizer, variables, report);
        cached(name, authorizer, &routes, report);
    }
}

fn authorizer_of(route: &Route) -> Option<&str> {
    match &route.authorization {
        Authorization::Custom { name, .. } | Authorization::CognitoUserPools(name) | Authorization::Jwt(name) => {
            Some(name)
        }
        _ => None,
    }
}

/// An answer is kept under the token or the identity sources (fact `authorizer-cache`), whatever the path.
fn cached(name: &str, authorizer: &Authorizer, routes: &[&Route], report: &Report) {
    let ttl = authorizer.ttl.unwrap_or(DEFAULT_TTL);
    let of_path =
        |source: &String| ["context.path", "context.resourcePath", "context.resourceId"].contains(&source.as_str());
    let is_one = matches!(routes, [only] if only.method != HttpMethod::Any && !only.path.contains('{'));
    if ttl == 0 || is_one || authorizer.identity_sources.iter().any(of_path) {
        return;
    }
    let (under, instead) = match authorizer.kind {
        AuthorizerKind::Request => {
            (authorizer.identity_sources.join(", "), ", make `context.path` and `context.httpMethod` identity sources,")
        }
        _ => ("the token".to_owned(), ""),
    };
    let message = format!(
        "authorizer `{name}`: an answer is kept for {ttl} s under {under}, whatever the path: a policy for one path denies the next one; \
         let it cover all that the caller may call{instead} or set `authorizerResultTtlInSeconds: 0`"
    );
    report.note(&authorizer.place, "cached-policy", message);
}

/// Sources that are never there, and an expression that no token matches: each request is a 401 (fact `identity-source-401`).
fn unmatchable(name: &str, authorizer: &Authorizer, variables: &IndexMap<String, String>, report: &Report) {
    let expression = authorizer.validation_expression.as_ref().filter(|_| authorizer.kind == AuthorizerKind::Token);
    if let Some(text) = expression
        && let Some(why) = pattern::why_unmatched(&text.value)
    {
        let message = format!("authorizer `{name}`: {why}; the whole token must match, or the answer is a 401");
        report.warning(&text.place, "unmatchable-identity", message);
    }
    for source in &authorizer.identity_sources {
        let is_never_there = match source.split_once('.') {
            Some(("stageVariables", variable)) => !variables.contains_key(variable),
            Some(("context", variable)) => !names::is_context_variable(variable),
            _ => false,
        };
        if is_never_there {
            let message = format!("authorizer `{name}`: `{source}` is never there: every request is answered 401");
            report.warning(&authorizer.place, "unmatchable-identity", message);
        }
    }
}

fn is_guarded(route: &Route) -> bool {
    route.authorization != Authorization::None || route.api_key_required
}

/// A page reads an answer of another origin only when that allows it, a refusal too.
fn hidden_refusals(api: &WrittenApi, report: &Report) {
    let has_preflight =
        |path: &str| api.routes.iter().any(|r| r.method == HttpMethod::Options && r.path == path && !is_guarded(r));
    let Some(route) =
        api.routes.iter().find(|r| r.method != HttpMethod::Options && is_guarded(r) && has_preflight(&r.path))
    else {
        return;
    };
    let allows = |key: &str| key.eq_ignore_ascii_case("gatewayresponse.header.Access-Control-Allow-Origin");
    let is_refusal = |kind: GatewayResponseType| {
        kind == GatewayResponseType::Default4xx
            || kind.default_status().is_some_and(|status| matches!(status, 401 | 403))
    };
    let told =
        api.gateway_responses.iter().any(|r| is_refusal(r.kind) && r.parameters.iter().any(|(key, _)| allows(key)));
    if !told {
        let message = format!(
            "`{}` can be called from other origins, its refusals cannot be read there: `DEFAULT_4XX` needs \
             `gatewayresponse.header.Access-Control-Allow-Origin`, or a page sees no 401 and no 403",
            route.path
        );
        report.warning(&route.place, "cors-of-refusals", message);
    }
}

/// The method takes part in routing (fact `route-method`): what a guarded path has no method for goes to the greedy one above.
fn open_proxies(api: &WrittenApi, report: &Report) {
    let mut told: Vec<&str> = Vec::new();
    for route in api.routes.iter().filter(|route| is_guarded(route) && route.method != HttpMethod::Options) {
        let path = route.path.as_str();
        let verbs: Vec<HttpMethod> = api.routes.iter().filter(|r| r.path == path).map(|r| r.method).collect();
        if told.contains(&path) || verbs.contains(&HttpMethod::Any) {
            continue;
        }
        told.push(path);
        let above = || {
            api.routes.iter().filter(|r| r.path != path && greedy_prefix(&r.path).is_some_and(|p| is_below(path, p)))
        };
        let Some(nearest) = above().map(|r| r.path.len()).max() else { continue };
        let catches =
            |r: &&Route| r.method == HttpMethod::Any || (r.method != HttpMethod::Options && !verbs.contains(&r.method));
        let open = above().filter(|r| r.path.len() == nearest).filter(catches).find(|r| !is_guarded(r));
        if let Some(open) = open {
            let (method, greedy) = (open.method.as_str(), &open.path);
            let message = format!(
                "`{path}` is guarded, and `{method} {greedy}` is open and takes every method that `{path}` does not have: \
                 guard it too, or give `{path}` an `ANY` method"
            );
            report.warning(&route.place, "open-proxy", message);
        }
    }
}

/// Whether a path goes on behind a prefix: a greedy parameter needs a segment (fact `route-greedy`).
pub(super) fn is_below(path: &str, prefix: &str) -> bool {
    path.len() > prefix.len() && path.starts_with(prefix)
}

/// What stands before `{proxy+}`.
pub(super) fn greedy_prefix(path: &str) -> Option<&str> {
    path.ends_with("+}").then(|| path.rfind('{').map(|at| &path[..at])).flatten()
}
