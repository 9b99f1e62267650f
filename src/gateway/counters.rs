//! What is counted of a request, and the metric handles of a method, resolved at load: everything that can happen to it is
//! exported as 0 from the start.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use prometheus::{Histogram, IntCounter};

use super::http::refusal;
use super::rest::gateway_response;
use crate::api::{
    Authorization, Endpoint, HttpApi, HttpAuthorization, HttpCall, HttpRoute, IntegrationType, Method, Resource,
    RestApi,
};
use crate::exchange::decisions::AuthorizerCheck;
use crate::exchange::exchange::Exchange;
use crate::failure::{Cause, Failure};
use crate::metrics::{AuthorizerMetrics, FunctionMetrics, MaskedKind, MethodMetrics, Metrics, Outcome};

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
    received: Instant,
    integration_latency: Option<Duration>,
    /// Of an answer that streamed.
    first_byte: Option<Duration>,
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
            received: exchange.request.received,
            integration_latency: exchange.integration_latency,
            first_byte: None,
        }
    }
}

impl Tally {
    /// The answer streamed: how long its integration took to the end, and when the client's first byte was there.
    pub fn streamed(&mut self, integration: Duration, first_byte: Option<Duration>) {
        (self.integration_latency, self.first_byte) = (Some(integration), first_byte);
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.counters.count(self);
    }
}

/// The handles of a method, or of the requests that match none.
pub struct Counters {
    /// Those that every method has.
    method: MethodMetrics,
    failures: Vec<(Cause, u16, IntCounter)>,
    rules: Vec<IntCounter>,
    /// By pattern: of those that backtrack from the start, of others (which few texts make backtrack) once it happens.
    step_limits: Vec<(String, OnceLock<IntCounter>)>,
    function: Option<FunctionMetrics>,
    /// Of a method that streams.
    first_byte: Option<Histogram>,
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
        let handles = metrics.method(&resource.path, method.http_method.as_str());
        let rules = method.integration.responses.iter().map(|response| {
            let pattern = response.selection_pattern.as_ref().map_or("default", |pattern| pattern.source());
            handles.integration_response(pattern, response.status)
        });
        let step_limits = method.integration.patterns.patterns().iter().map(|pattern| {
            let counter = (!pattern.is_linear()).then(|| handles.step_limit(pattern.source()).into());
            (pattern.source().to_owned(), counter.unwrap_or_default())
        });
        let function = match &method.integration.endpoint {
            Endpoint::Lambda(function) => Some(metrics.function(&function.name)),
            _ => None,
        };
        Counters {
            rules: if is_proxy(method) { Vec::new() } else { rules.collect() },
            step_limits: step_limits.collect(),
            failures: failures(&handles, &possible(method), |failure| gateway_response::status(api, failure)),
            first_byte: method.integration.streamed.then(|| handles.response_first_byte()),
            method: handles,
            function,
            authorizer: AuthorizerCounters::new(metrics, api, method),
        }
    }

    /// Those of the requests that match no method.
    pub fn unmatched(metrics: &Metrics, api: &RestApi) -> Counters {
        let handles = metrics.method("", "");
        let possible = [
            Failure::NoRoute { signature: None },
            Failure::RequestTooLarge,
            Failure::UriTooLong,
            Failure::HeadTooLarge,
        ];
        Counters {
            failures: failures(&handles, &possible, |failure| gateway_response::status(api, failure)),
            ..Counters::plain(handles)
        }
    }

    /// Those of an HTTP API's route.
    pub fn of_route(metrics: &Metrics, api: &HttpApi, route: &HttpRoute) -> Counters {
        let handles = metrics.method(&route.path, route.method_name());
        let function = match &route.integration.call {
            HttpCall::Function { function, .. } => Some(metrics.function(&function.name)),
            HttpCall::Http { .. } | HttpCall::Service { .. } | HttpCall::Nothing => None,
        };
        Counters {
            failures: failures(&handles, &possible_of_route(api, route), |failure| refusal::told(failure).0),
            function,
            authorizer: AuthorizerCounters::of_route(metrics, api, route),
            ..Counters::plain(handles)
        }
    }

    /// Those of the requests that match no route of an HTTP API.
    pub fn without_route(metrics: &Metrics) -> Counters {
        let handles = metrics.method("", "");
        let possible = [
            Failure::NoRoute { signature: None },
            Failure::RequestTooLarge,
            Failure::UriTooLong,
            Failure::HeadTooLarge,
        ];
        Counters {
            failures: failures(&handles, &possible, |failure| refusal::told(failure).0),
            ..Counters::plain(handles)
        }
    }

    fn plain(method: MethodMetrics) -> Counters {
        Counters {
            method,
            failures: Vec::new(),
            rules: Vec::new(),
            step_limits: Vec::new(),
            function: None,
            first_byte: None,
            authorizer: None,
        }
    }

    fn count(&self, tally: &Tally) {
        self.method.response(tally.status);
        for (pattern, counter) in tally.step_limited.iter().filter_map(|pattern| self.step_limits.get(*pattern)) {
            counter.get_or_init(|| self.method.step_limit(pattern)).inc();
        }
        if let Some(cause) = tally.cause {
            match self.failures.iter().find(|(c, s, _)| (*c, *s) == (cause, tally.status)) {
                Some((_, _, counter)) => counter.inc(),
                None => self.method.failure(tally.status, cause.as_str()).inc(),
            }
        }
        if let Some(counter) = tally.integration_response.and_then(|chosen| self.rules.get(chosen)) {
            counter.inc();
        }
        if let Some(kind) = tally.masked {
            self.method.masked(kind);
        }
        if let (Some(function), Some(outcome)) = (&self.function, tally.outcome) {
            function.count(outcome);
        }
        if let (Some(authorizer), Some(check)) = (&self.authorizer, &tally.authorizer) {
            authorizer.count(check);
        }
        self.method.request_duration.observe(tally.received.elapsed().as_secs_f64());
        if let Some(latency) = tally.integration_latency {
            self.method.integration_duration.observe(latency.as_secs_f64());
        }
        if let (Some(histogram), Some(time)) = (&self.first_byte, tally.first_byte) {
            histogram.observe(time.as_secs_f64());
        }
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
        known.authorizers.extend(api.authorizers.keys().map(String::as_str));
        for route in &api.routes {
            known.methods.insert((&route.path, route.method_name()), HashSet::new());
            if let HttpCall::Function { function, .. } = &route.integration.call {
                known.functions.insert(&function.name);
            }
        }
        known
    }

    /// Whether a series with these labels is of any of it.
    pub(crate) fn has(&self, labels: &HashMap<&str, &str>) -> bool {
        let label = |name: &str| labels.get(name).copied();
        if let Some(authorizer) = label("authorizer") {
            return self.authorizers.contains(authorizer);
        }
        if let Some(function) = label("function") {
            return self.functions.contains(function);
        }
        let method = (label("resource").unwrap_or_default(), label("method").unwrap_or_default());
        let patterns = self.methods.get(&method);
        patterns.is_some_and(|patterns| label("pattern").is_none_or(|pattern| patterns.contains(pattern)))
    }
}

fn is_proxy(method: &Method) -> bool {
    matches!(method.integration.kind, IntegrationType::AwsProxy | IntegrationType::HttpProxy)
}

fn failures(
    handles: &MethodMetrics,
    possible: &[Failure],
    status: impl Fn(&Failure) -> u16,
) -> Vec<(Cause, u16, IntCounter)> {
    let mut counters: Vec<(Cause, u16, IntCounter)> = Vec::new();
    for failure in possible {
        let (cause, status) = (failure.cause(), status(failure));
        if !counters.iter().any(|(c, s, _)| (*c, *s) == (cause, status)) {
            counters.push((cause, status, handles.failure(status, cause.as_str())));
        }
    }
    counters
}

/// One failure for each way in which a method of this integration type can fail.
fn possible(method: &Method) -> Vec<Failure> {
    use IntegrationType as I;
    let kind = method.integration.kind;
    let mut all = vec![
        Failure::RequestTooLarge,
        Failure::MissingParameters(Vec::new()),
        Failure::InvalidBody(String::new()),
        Failure::ValidationLimit,
        Failure::UnsupportedMediaType,
        Failure::ApiKey,
        Failure::Throttled,
        Failure::Quota,
        Failure::Unauthorized,
        Failure::AccessDenied(String::new()),
        Failure::Authorizer(String::new()),
        Failure::Configuration(String::new()),
        Failure::Internal(String::new()),
    ];
    if method.authorization == Authorization::AwsIam {
        all.push(Failure::Unsigned { signature: None });
    }
    if kind != I::HttpProxy {
        all.push(Failure::ContentHandling(""));
    }
    if kind != I::Mock {
        all.extend([Failure::IllegalHeader(String::new()), Failure::Timeout, Failure::NetworkError(String::new())]);
    }
    if matches!(method.integration.endpoint, Endpoint::Lambda(_)) {
        all.push(Failure::rejected(429));
    }
    if kind == I::Aws && matches!(method.integration.endpoint, Endpoint::Lambda(_)) {
        all.push(Failure::InvalidEvent(String::new()));
    }
    if kind == I::AwsProxy {
        all.extend([Failure::FunctionError { message: String::new() }, Failure::MalformedResponse(String::new())]);
    }
    if !is_proxy(method) {
        all.extend([
            Failure::NoMatchingResponse { status: 200 },
            Failure::UndeclaredStatus(200),
            Failure::RequestTemplate(String::new()),
            Failure::ResponseTemplate(String::new()),
        ]);
    }
    all
}

/// One failure for each way in which a route of an HTTP API can fail.
fn possible_of_route(api: &HttpApi, route: &HttpRoute) -> Vec<Failure> {
    let mut all = vec![
        Failure::RequestTooLarge,
        Failure::Throttled,
        Failure::Configuration(String::new()),
        Failure::Internal(String::new()),
        Failure::Timeout,
        Failure::NetworkError(String::new()),
    ];
    if route.authorization != HttpAuthorization::None && !api.skips(&route.authorization) {
        all.extend([Failure::Unauthorized, Failure::AccessDenied(String::new()), Failure::Authorizer(String::new())]);
    }
    if matches!(route.integration.call, HttpCall::Function { .. }) {
        all.extend([
            Failure::rejected(429),
            Failure::FunctionError { message: String::new() },
            Failure::MalformedResponse(String::new()),
        ]);
    }
    all
}
