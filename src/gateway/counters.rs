//! What is counted of a request, and the series of a method, resolved at load: its rules, the failures that alerts ask for and
//! the kinds of masked error are exported as 0 from the start, so that a rate sees the first one. Everything else appears with
//! its first use, as most of it never happens to most methods.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::http::refusal;
use super::rest::gateway_response;
use crate::api::http::PayloadFormat;
use crate::api::{
    Authorization, Endpoint, HttpApi, HttpAuthorization, HttpCall, HttpRoute, Integration, IntegrationType, Method,
    Resource, RestApi,
};
use crate::exchange::decisions::AuthorizerCheck;
use crate::exchange::exchange::Exchange;
use crate::failure::{Cause, Failure};
use crate::http1::clock;
use crate::metrics::{
    AuthorizerMetrics, FaultCause, FunctionMetrics, MaskedKind, MethodMetrics, Metrics, Outcome, Rule,
};

/// What there is to count of one request: counted when it is dropped, and so exactly once, however the answer ends.
pub struct Tally {
    counters: Arc<Counters>,
    status: u16,
    /// Why the gateway itself answered.
    cause: Option<Cause>,
    integration_response: Option<usize>,
    masked: Option<MaskedKind>,
    step_limited: Vec<usize>,
    outcome: Option<Outcome>,
    authorizer: Option<AuthorizerCheck>,
    fault: Option<FaultCause>,
    received: Instant,
    integration_latency: Option<Duration>,
    /// Of an answer that streamed.
    first_byte: Option<Duration>,
    /// The trace that it is in, of one that is sampled.
    trace: Option<[u8; 16]>,
}

impl Tally {
    /// What there is to count of an exchange that is answered with that status.
    pub fn new(counters: Arc<Counters>, exchange: &Exchange, status: u16) -> Tally {
        let Exchange { decisions, failure, .. } = exchange;
        Tally {
            counters,
            status,
            cause: failure.as_ref().map(Failure::cause),
            // A response that was chosen and could not be made is the failure's, not a match.
            integration_response: decisions.integration_response.filter(|_| failure.is_none()),
            masked: decisions.masked,
            step_limited: decisions.step_limited.clone(),
            outcome: exchange.outcome,
            authorizer: decisions.authorizer.clone(),
            fault: exchange.fault.as_ref().map(|fault| fault.cause),
            received: exchange.request.received,
            integration_latency: exchange.integration_latency,
            first_byte: None,
            trace: None,
        }
    }
}

impl Tally {
    /// The answer streamed, and how that ended is known now; also when the client's first byte was there.
    pub fn streamed(&mut self, exchange: &Exchange, first_byte: Option<Duration>) {
        (self.outcome, self.masked) = (exchange.outcome, exchange.decisions.masked);
        (self.integration_latency, self.first_byte) = (exchange.integration_latency, first_byte);
    }
}

impl Tally {
    /// The trace by which a duration can be looked into.
    pub fn trace(&mut self, trace: Option<[u8; 16]>) {
        self.trace = trace;
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.counters.count(self);
    }
}

/// The handles of a method, or of the requests that match none.
pub struct Counters {
    method: Arc<MethodMetrics>,
    rules: Box<[Arc<Rule>]>,
    /// The selection patterns.
    patterns: Box<[Box<str>]>,
    function: Option<FunctionMetrics>,
    authorizer: Option<AuthorizerCounters>,
}

/// The handles of a method's authorizer.
struct AuthorizerCounters {
    results: AuthorizerMetrics,
    function: Option<FunctionMetrics>,
}

impl AuthorizerCounters {
    fn new(metrics: &Metrics, api: &RestApi, method: &Method) -> Option<AuthorizerCounters> {
        let (name, function) = match &method.authorization {
            authorization if api.skipped.skips(authorization) => return None,
            Authorization::None | Authorization::AwsIam => return None,
            Authorization::CognitoUserPools(name) | Authorization::Jwt(name) => {
                (&api.jwt_authorizers.get(name)?.name, None)
            }
            Authorization::Custom { name, .. } => {
                let authorizer = api.authorizers.get(name)?;
                (&authorizer.name, authorizer.function.as_ref().ok())
            }
        };
        let function = function.map(|function| metrics.function(&function.name));
        Some(AuthorizerCounters { results: metrics.authorizer(name), function })
    }

    fn of_route(metrics: &Metrics, api: &HttpApi, route: &HttpRoute) -> Option<AuthorizerCounters> {
        let HttpAuthorization::Authorizer { name, .. } = &route.authorization else { return None };
        if api.skips(&route.authorization) {
            return None;
        }
        if api.jwt_authorizers.contains_key(name) {
            return Some(AuthorizerCounters { results: metrics.authorizer(name), function: None });
        }
        let authorizer = api.authorizers.get(name)?;
        let function = authorizer.function.as_ref().ok().map(|function| metrics.function(&function.name));
        Some(AuthorizerCounters { results: metrics.authorizer(name), function })
    }

    fn count(&self, check: &AuthorizerCheck) {
        if let Some(result) = check.result {
            self.results.count(result, check.cached);
        }
        if let (Some(function), Some(outcome), false) = (&self.function, check.outcome, check.cached) {
            function.count(outcome);
        }
    }
}

impl Counters {
    /// Those of a method.
    pub fn new(metrics: &Metrics, api: &RestApi, resource: &Resource, method: &Method) -> Counters {
        let series = metrics.method(&resource.path, method.http_method.as_str());
        show_failures(&series, &alarming(method), |failure| gateway_response::status(api, failure));
        let integration = &method.integration;
        masked_kinds(integration).iter().for_each(|kind| series.can_mask(*kind));
        let rules = integration.responses.iter().map(|response| {
            let pattern = response.selection_pattern.as_ref().map_or("default", |pattern| pattern.source());
            series.integration_response(pattern, response.status)
        });
        // Few texts make the others backtrack.
        for pattern in integration.patterns.patterns().iter().filter(|pattern| !pattern.is_linear()) {
            series.step_limit(pattern.source());
        }
        let function = match &integration.endpoint {
            Endpoint::Lambda(function) => Some(metrics.function(&function.name)),
            _ => None,
        };
        Counters {
            rules: if is_proxy(method) { Box::default() } else { rules.collect() },
            patterns: integration.patterns.patterns().iter().map(|pattern| pattern.source().into()).collect(),
            method: series,
            function,
            authorizer: AuthorizerCounters::new(metrics, api, method),
        }
    }

    /// Those of an HTTP API's route.
    pub fn of_route(metrics: &Metrics, api: &HttpApi, route: &HttpRoute) -> Counters {
        let series = metrics.method(&route.path, route.method_name());
        show_failures(&series, &alarming_of_route(route), |failure| refusal::told(failure).0);
        masked_kinds_of_route(route).iter().for_each(|kind| series.can_mask(*kind));
        let function = match &route.integration.call {
            HttpCall::Function { function, .. } => Some(metrics.function(&function.name)),
            HttpCall::Http { .. } | HttpCall::Service { .. } | HttpCall::Nothing => None,
        };
        Counters { function, authorizer: AuthorizerCounters::of_route(metrics, api, route), ..Counters::plain(series) }
    }

    /// Those of the requests that match no method.
    pub fn unmatched(metrics: &Metrics) -> Counters {
        Counters::plain(metrics.method("", ""))
    }

    fn plain(method: Arc<MethodMetrics>) -> Counters {
        Counters { method, rules: Box::default(), patterns: Box::default(), function: None, authorizer: None }
    }

    fn count(&self, tally: &Tally) {
        self.method.response(tally.status);
        for pattern in tally.step_limited.iter().filter_map(|pattern| self.patterns.get(*pattern)) {
            self.method.step_limit(pattern).inc();
        }
        if let Some(cause) = tally.cause {
            self.method.failure(tally.status, cause.as_str()).inc();
        }
        if let Some(rule) = tally.integration_response.and_then(|chosen| self.rules.get(chosen)) {
            rule.matches.inc();
        }
        if let Some(kind) = tally.masked {
            self.method.masked(kind);
        }
        if let Some(cause) = tally.fault {
            self.method.fault(cause).inc();
        }
        if let (Some(function), Some(outcome)) = (&self.function, tally.outcome) {
            function.count(outcome);
        }
        if let (Some(authorizer), Some(check)) = (&self.authorizer, &tally.authorizer) {
            authorizer.count(check);
        }
        let latency = clock::now().saturating_duration_since(tally.received);
        self.method.observe(latency, tally.integration_latency, tally.first_byte, tally.trace);
    }
}

/// What there are metrics of.
pub(crate) struct Known<'a> {
    /// By resource and method: the labels of its patterns.
    methods: HashMap<(&'a str, &'a str), HashSet<&'a str>>,
    functions: HashSet<&'a str>,
    authorizers: HashSet<&'a str>,
}

impl<'a> Known<'a> {
    /// What these APIs and functions have.
    pub(crate) fn new(apis: impl Iterator<Item = &'a RestApi>, functions: impl Iterator<Item = &'a str>) -> Known<'a> {
        let methods = HashMap::from([(("", ""), HashSet::new())]);
        let mut known = Known { methods, functions: functions.collect(), authorizers: HashSet::new() };
        for api in apis {
            known.functions.extend(api.authorizers.values().filter_map(|a| Some(&*a.function.as_ref().ok()?.name)));
            known.authorizers.extend(api.authorizers.keys().chain(api.jwt_authorizers.keys()).map(String::as_str));
            for (resource, method) in api.resources.iter().flat_map(|r| r.methods.iter().map(move |m| (r, m))) {
                let patterns = known.methods.entry((&resource.path, method.http_method.as_str())).or_default();
                patterns.insert("default");
                patterns.extend(method.integration.patterns.patterns().iter().map(|pattern| pattern.source()));
                patterns.extend(
                    method
                        .integration
                        .responses
                        .iter()
                        .filter_map(|r| r.selection_pattern.as_ref().map(|p| p.source())),
                );
                if let Endpoint::Lambda(function) = &method.integration.endpoint {
                    known.functions.insert(&function.name);
                }
            }
        }
        known
    }

    /// What an HTTP API and these functions have.
    pub(crate) fn of_routes(api: &'a HttpApi, functions: impl Iterator<Item = &'a str>) -> Known<'a> {
        let methods = HashMap::from([(("", ""), HashSet::new())]);
        let mut known = Known { methods, functions: functions.collect(), authorizers: HashSet::new() };
        known.functions.extend(api.authorizers.values().filter_map(|a| Some(&*a.function.as_ref().ok()?.name)));
        known.authorizers.extend(api.authorizers.keys().chain(api.jwt_authorizers.keys()).map(String::as_str));
        for route in &api.routes {
            known.methods.insert((&route.path, route.method_name()), HashSet::new());
            if let HttpCall::Function { function, .. } = &route.integration.call {
                known.functions.insert(&function.name);
            }
        }
        known
    }

    /// Lets go of the series of everything else.
    pub(crate) fn keep(&self, metrics: &Metrics) {
        let has_method = |resource: &str, method: &str, pattern: Option<&str>| {
            let patterns = self.methods.get(&(resource, method));
            patterns.is_some_and(|patterns| pattern.is_none_or(|pattern| patterns.contains(pattern)))
        };
        metrics.keep(
            has_method,
            |function| self.functions.contains(function),
            |authorizer| self.authorizers.contains(authorizer),
        );
    }
}

fn is_proxy(method: &Method) -> bool {
    matches!(method.integration.kind, IntegrationType::AwsProxy | IntegrationType::HttpProxy)
}

fn show_failures(series: &MethodMetrics, alarming: &[Failure], status: impl Fn(&Failure) -> u16) {
    for failure in alarming {
        series.failure(status(failure), failure.cause().as_str());
    }
}

/// The failures that alerts ask for, as far as the method's integration can have them.
fn alarming(method: &Method) -> Vec<Failure> {
    let integration = &method.integration;
    let mut all = Vec::new();
    if integration.kind != IntegrationType::Mock {
        all.extend([Failure::Timeout, Failure::NetworkError(String::new())]);
    }
    if matches!(integration.endpoint, Endpoint::Lambda(_)) {
        all.push(Failure::rejected(429));
    }
    if integration.kind == IntegrationType::AwsProxy {
        all.extend([Failure::FunctionError { message: String::new() }, Failure::MalformedResponse(String::new())]);
    }
    all
}

/// The same of a route of an HTTP API.
fn alarming_of_route(route: &HttpRoute) -> Vec<Failure> {
    let mut all = vec![Failure::Timeout, Failure::NetworkError(String::new())];
    if matches!(route.integration.call, HttpCall::Function { .. }) {
        all.extend([
            Failure::rejected(429),
            Failure::FunctionError { message: String::new() },
            Failure::MalformedResponse(String::new()),
        ]);
    }
    if matches!(route.integration.call, HttpCall::Service { .. }) {
        all.push(Failure::MissingParameters(Vec::new()));
    }
    all
}

/// The kinds of masked error that an integration can have: a proxy integration passes on what it gets.
fn masked_kinds(integration: &Integration) -> &'static [MaskedKind] {
    match (integration.kind, &integration.endpoint) {
        (IntegrationType::Aws, Endpoint::Lambda(_)) => &[MaskedKind::FunctionError, MaskedKind::StatusCode],
        (IntegrationType::Aws | IntegrationType::Http, _) => &[MaskedKind::HttpStatus],
        // A function may fail behind the head of its stream.
        (IntegrationType::AwsProxy, _) if integration.streamed => &[MaskedKind::FunctionError],
        (IntegrationType::AwsProxy | IntegrationType::HttpProxy | IntegrationType::Mock, _) => &[],
    }
}

/// The same of a route: a function's payload of format 2.0 may be no answer at all, and mappings can change a status.
fn masked_kinds_of_route(route: &HttpRoute) -> &'static [MaskedKind] {
    let maps = !route.integration.response_parameters.is_empty();
    match &route.integration.call {
        HttpCall::Function { format: PayloadFormat::V2, .. } if maps => {
            &[MaskedKind::FunctionError, MaskedKind::StatusCode]
        }
        HttpCall::Function { format: PayloadFormat::V2, .. } => &[MaskedKind::FunctionError],
        HttpCall::Function { .. } if maps => &[MaskedKind::StatusCode],
        HttpCall::Http { .. } | HttpCall::Service { .. } if maps => &[MaskedKind::HttpStatus],
        HttpCall::Function { .. } | HttpCall::Http { .. } | HttpCall::Service { .. } | HttpCall::Nothing => &[],
    }
}
