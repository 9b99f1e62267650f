//! The metric handles of a method, resolved at load: everything that can happen to it is exported as 0 from the start.

use std::sync::OnceLock;

use prometheus::IntCounter;

use super::rest::gateway_response;
use crate::api::{Authorization, Endpoint, IntegrationType, Method, Resource, RestApi};
use crate::failure::{Cause, Failure};
use crate::metrics::{FunctionMetrics, MaskedKind, MethodMetrics, Metrics, Outcome};

/// What there is to count of one request.
#[derive(Debug, Default)]
pub struct Events {
    /// Why the gateway itself answered.
    pub cause: Option<Cause>,
    /// Which integration response was chosen.
    pub rule: Option<usize>,
    /// The backend's failure that the client did not see.
    pub masked: Option<MaskedKind>,
    /// How the call to the function ended.
    pub outcome: Option<Outcome>,
}

impl Events {
    /// A failure's cause; a reply that came well and is malformed was no success.
    pub fn fail(&mut self, failure: &Failure) {
        self.cause = Some(failure.cause());
        if matches!(failure, Failure::MalformedResponse(_)) && self.outcome == Some(Outcome::Success) {
            self.outcome = Some(Outcome::Malformed);
        }
    }
}

/// The handles of a method, or of the requests that match none.
pub struct Counters {
    /// Those that every method has.
    pub method: MethodMetrics,
    failures: Vec<(Cause, u16, IntCounter)>,
    rules: Vec<IntCounter>,
    /// By pattern: of those that backtrack from the start, of others (which few texts make backtrack) once it happens.
    step_limits: Vec<(String, OnceLock<IntCounter>)>,
    function: Option<FunctionMetrics>,
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
            failures: failures(&handles, api, &possible(method)),
            method: handles,
            function,
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
            failures: failures(&handles, api, &possible),
            method: handles,
            rules: Vec::new(),
            step_limits: Vec::new(),
            function: None,
        }
    }

    /// Counts an answer and how it came about.
    pub fn count(&self, status: u16, events: &Events, step_limited: &[usize]) {
        self.method.response(status);
        for (pattern, counter) in step_limited.iter().filter_map(|pattern| self.step_limits.get(*pattern)) {
            counter.get_or_init(|| self.method.step_limit(pattern)).inc();
        }
        if let Some(cause) = events.cause {
            match self.failures.iter().find(|(c, s, _)| (*c, *s) == (cause, status)) {
                Some((_, _, counter)) => counter.inc(),
                None => self.method.failure(status, cause.as_str()).inc(),
            }
        }
        if let Some(counter) = events.rule.and_then(|rule| self.rules.get(rule)) {
            counter.inc();
        }
        if let Some(kind) = events.masked {
            self.method.masked(kind);
        }
        if let (Some(function), Some(outcome)) = (&self.function, events.outcome) {
            function.count(outcome);
        }
    }
}

fn is_proxy(method: &Method) -> bool {
    matches!(method.integration.kind, IntegrationType::AwsProxy | IntegrationType::HttpProxy)
}

fn failures(handles: &MethodMetrics, api: &RestApi, possible: &[Failure]) -> Vec<(Cause, u16, IntCounter)> {
    let mut counters: Vec<(Cause, u16, IntCounter)> = Vec::new();
    for failure in possible {
        let (cause, status) = (failure.cause(), gateway_response::status(api, failure));
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
        Failure::UnsupportedMediaType,
        Failure::ApiKey,
        Failure::Throttled,
        Failure::Quota,
        Failure::Unauthorized,
        Failure::AccessDenied,
        Failure::Authorizer,
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
        all.push(Failure::InvocationRejected { status: 429 });
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
