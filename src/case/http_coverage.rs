//! What cases can reach of an HTTP API beside its routes: mappings by status, what authorizers decide, answers to pages of other
//! origins, and the gateway's own answers. These are told the same on every route, so one case for each is enough.

use std::collections::HashMap;

use http::StatusCode;

use super::coverage_items::{ItemKind, Items};
use crate::api::http::Cors;
use crate::api::{HttpApi, HttpAuthorization, HttpCall, HttpRoute};
use crate::config::{Line, Places};
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;
use crate::metrics::AuthorizerResult;
use crate::vtl::Hits;

/// What counts in one HTTP API.
#[derive(Default)]
pub(super) struct HttpCounters {
    /// By the index of the route and the status of the backend's answer.
    mappings: HashMap<(usize, u16), Hits>,
    /// By the name of the authorizer.
    decisions: HashMap<(String, Decision), Hits>,
    /// By whether it is a preflight, and whether the origin is allowed.
    pages: HashMap<(bool, bool), Hits>,
    /// By status.
    own_answers: HashMap<u16, Hits>,
}

/// What comes of asking who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Decision {
    Allows,
    Denies,
    Unidentified,
    Fails,
}

const IAM: &str = "AWS_IAM";

impl HttpCounters {
    /// Everything that can be reached.
    pub(super) fn of(api: &HttpApi, places: &Places, items: &mut Items) -> HttpCounters {
        let mut counters = HttpCounters::default();
        for (n, route) in api.routes.iter().enumerate() {
            let own = places.method(&route.path, route.method_name());
            for (m, (status, _)) in route.integration.response_parameters.iter().enumerate() {
                let line = own.and_then(|own| own.responses.get(m)).map(|(line, _)| line);
                let name = format!("response parameters for {status}");
                let hits = items.item(ItemKind::Response, &route.key, &name, line);
                counters.mappings.insert((n, *status), hits);
            }
        }
        counters.guards(api, places, items);
        if let Some(cors) = &api.cors {
            counters.cors(cors, places, items);
        }
        let first = api.routes.first().and_then(|route| places.method(&route.path, route.method_name()));
        let file = first.map(|own| own.line.whole_file());
        for status in own_statuses(api) {
            let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
            let name = format!("{status} {}", reason.unwrap_or_default());
            let hits = items.item(ItemKind::OwnAnswer, "the gateway's own answers", &name, file.as_ref());
            counters.own_answers.insert(status, hits);
        }
        counters
    }

    fn guards(&mut self, api: &HttpApi, places: &Places, items: &mut Items) {
        for route in guarded(api) {
            let name = guard(route).to_owned();
            let method = places.method(&route.path, route.method_name()).map(|own| own.line.whole_file());
            let line: Option<&Line> = places.authorizer(&name).or(method.as_ref());
            for (decision, told) in decisions(api, route) {
                let item = || items.item(ItemKind::Decision, &format!("authorizer {name}"), told, line);
                self.decisions.entry((name.clone(), decision)).or_insert_with(item);
            }
        }
    }

    fn cors(&mut self, cors: &Cors, places: &Places, items: &mut Items) {
        let takes_all = cors.allow_origins.iter().any(|origin| origin == "*");
        let rows = [
            ((true, true), "the preflight of an allowed origin"),
            ((true, false), "the preflight of another origin"),
            ((false, true), "an answer to an allowed origin"),
            ((false, false), "an answer to another origin"),
        ];
        for (key, told) in rows.into_iter().filter(|((_, allowed), _)| *allowed || !takes_all) {
            self.pages.insert(key, items.item(ItemKind::Cors, "CORS", told, places.cors()));
        }
    }

    /// An exchange has been answered.
    pub(super) fn saw(&self, api: &HttpApi, exchange: &Exchange) {
        let route =
            exchange.matched.as_ref().and_then(|matched| Some((matched.resource, api.routes.get(matched.resource)?)));
        let status = exchange.function_status.or(exchange.integration_status);
        if let (Some((n, _)), Some(status), None) = (route, status, &exchange.failure) {
            self.mappings.get(&(n, status)).map(Hits::add);
        }
        if let Some((route, decision)) = route.and_then(|(_, route)| Some((route, decided(route, exchange)?))) {
            self.decisions.get(&(guard(route).to_owned(), decision)).map(Hits::add);
        }
        if let (Some(cors), Some(origin)) = (&api.cors, exchange.request.headers.first("origin")) {
            let is_preflight = exchange.matched.is_none() && exchange.failure.is_none();
            self.pages.get(&(is_preflight, cors.allow_origin(origin).is_some())).map(Hits::add);
        }
        let answer = exchange.sample.as_ref().and_then(|sample| sample.response.as_ref());
        if let (Some(_), Some(answer)) = (&exchange.failure, answer) {
            self.own_answers.get(&answer.status).map(Hits::add);
        }
    }
}

/// The routes whose callers are asked who they are.
fn guarded(api: &HttpApi) -> impl Iterator<Item = &HttpRoute> {
    let is_asked =
        |route: &&HttpRoute| route.authorization != HttpAuthorization::None && !api.skips(&route.authorization);
    api.routes.iter().filter(is_asked)
}

fn guard(route: &HttpRoute) -> &str {
    match &route.authorization {
        HttpAuthorization::Authorizer { name, .. } => name,
        HttpAuthorization::AwsIam | HttpAuthorization::None => IAM,
    }
}

/// What can come of asking on that route. Of an authorizer that cannot be asked there is no more to reach than that.
fn decisions(api: &HttpApi, route: &HttpRoute) -> Vec<(Decision, &'static str)> {
    use Decision::{Allows, Denies, Fails, Unidentified};
    let HttpAuthorization::Authorizer { name, scopes } = &route.authorization else {
        return vec![(Allows, "takes a signature"), (Denies, "refuses a signature, or a request without one")];
    };
    match (api.authorizers.get(name), api.jwt_authorizers.contains_key(name)) {
        (Some(lambda), _) if lambda.function.is_err() => vec![(Fails, "fails")],
        (Some(lambda), _) => {
            let mut all = vec![(Allows, "lets by"), (Denies, "refuses"), (Fails, "fails")];
            all.extend((!lambda.sources.is_empty()).then_some((Unidentified, "is not asked: no identity is shown")));
            all
        }
        (None, true) => {
            let mut all = vec![(Allows, "takes a token"), (Unidentified, "refuses a token, or a request without one")];
            all.extend((!scopes.is_empty()).then_some((Denies, "refuses a token without the scope")));
            all
        }
        (None, false) => vec![(Fails, "cannot be asked")],
    }
}

/// What came of it.
fn decided(route: &HttpRoute, exchange: &Exchange) -> Option<Decision> {
    let check = exchange.decisions.authorizer.as_ref();
    match (&route.authorization, check.and_then(|check| check.result), &exchange.failure) {
        (HttpAuthorization::None, ..) => None,
        (HttpAuthorization::AwsIam, _, Some(failure)) => match failure {
            Failure::Unsigned { .. } | Failure::Signature(_) | Failure::AccessDenied(_) => Some(Decision::Denies),
            _ => exchange.caller.signer.as_ref().map(|_| Decision::Allows),
        },
        (HttpAuthorization::AwsIam, ..) => Some(Decision::Allows),
        (HttpAuthorization::Authorizer { .. }, Some(result), _) => Some(match result {
            AuthorizerResult::Allow => Decision::Allows,
            AuthorizerResult::Deny | AuthorizerResult::ImplicitDeny => Decision::Denies,
            AuthorizerResult::Unauthorized => Decision::Unidentified,
            AuthorizerResult::Error => Decision::Fails,
        }),
        (HttpAuthorization::Authorizer { .. }, None, Some(Failure::Authorizer(_))) => Some(Decision::Fails),
        _ => None,
    }
}

/// The statuses that the gateway answers by itself, as far as a case can bring them about: a throttle's 429 takes a crowd.
fn own_statuses(api: &HttpApi) -> Vec<u16> {
    let takes_all = api.base_path.is_empty() && api.routes.iter().any(|route| route.method.is_none());
    let can = |decision| guarded(api).any(|route| decisions(api, route).iter().any(|(own, _)| *own == decision));
    let calls = api.routes.iter().any(|route| !matches!(route.integration.call, HttpCall::Nothing));
    let rows = [
        (401, can(Decision::Unidentified)),
        (403, can(Decision::Denies)),
        (404, !takes_all),
        (500, calls || can(Decision::Fails)),
        (503, calls),
    ];
    rows.into_iter().filter(|(_, can)| *can).map(|(status, _)| status).collect()
}
