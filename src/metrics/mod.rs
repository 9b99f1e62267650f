//! Every counter, gauge and histogram, named once. Handles are resolved at load: no label lookup per request.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use prometheus::core::{Collector, MetricVec, MetricVecBuilder};
use prometheus::proto::MetricFamily;
use prometheus::{
    Encoder, Gauge, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};

use crate::memory::BODIES;

/// Upper bounds of the duration buckets, in seconds: around API Gateway's 29 s limit they are dense enough for alerts.
const BUCKETS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 25.0, 29.0, 30.0];

/// The metrics of a process. They survive a reload.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    responses: IntCounterVec,
    failures: IntCounterVec,
    invocations: IntCounterVec,
    authorizer_results: IntCounterVec,
    matches: IntCounterVec,
    step_limits: IntCounterVec,
    masked: IntCounterVec,
    request_duration: HistogramVec,
    integration_duration: HistogramVec,
    response_first_byte: HistogramVec,
    queued: IntGaugeVec,
    definition_problems: IntGaugeVec,
    /// Requests over `limits.in_flight` or `limits.memory`.
    pub requests_refused: IntCounter,
    /// Client connections over `limits.connections`.
    pub connections_refused: IntCounter,
    /// Bytes that bodies hold.
    buffered: IntGauge,
    /// Clients that lost their connection because they held memory.
    stalled: IntCounter,
    /// Requests between their first byte and their answer.
    pub in_flight: IntGauge,
    /// 1 when protections that are not evaluated are skipped, else 0.
    pub authorization_skipped: IntGauge,
    /// 1 when the last load or reload went well, else 0.
    pub reload_successful: IntGauge,
    /// When the last good load ended, in seconds since 1970.
    pub reload_timestamp: Gauge,
}

impl Metrics {
    /// Registers everything; `revision` is the commit that the binary was built from, empty when unknown.
    pub fn new(version: &str, revision: &str) -> Result<Metrics, prometheus::Error> {
        let registry = Registry::new_custom(Some("stagegate".into()), None)?;
        let counter = |name: &str, help: &str, labels: &[&str]| {
            let vec = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(vec.clone()))?;
            Ok::<_, prometheus::Error>(vec)
        };
        let histogram = |name: &str, help: &str| {
            let opts = HistogramOpts::new(name, help).buckets(BUCKETS.to_vec());
            let vec = HistogramVec::new(opts, &["resource", "method"])?;
            registry.register(Box::new(vec.clone()))?;
            Ok::<_, prometheus::Error>(vec)
        };
        let gauge = |name: &str, help: &str| {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok::<_, prometheus::Error>(gauge)
        };
        let total = |name: &str, help: &str| {
            let counter = IntCounter::new(name, help)?;
            registry.register(Box::new(counter.clone()))?;
            Ok::<_, prometheus::Error>(counter)
        };
        let timestamp = Gauge::new(
            "config_last_reload_success_timestamp_seconds",
            "When the last good load of the configuration ended.",
        )?;
        registry.register(Box::new(timestamp.clone()))?;
        let build = IntGaugeVec::new(Opts::new("build_info", "The build: always 1."), &["version", "revision"])?;
        registry.register(Box::new(build.clone()))?;
        build.with_label_values(&[version, revision]).set(1);
        let queued = IntGaugeVec::new(
            Opts::new("queued_invocations", "Calls that wait for the emulator, or for a free runtime."),
            &["function"],
        )?;
        registry.register(Box::new(queued.clone()))?;
        let definition_problems = IntGaugeVec::new(
            Opts::new("definition_problems", "Findings of the running definition, by severity."),
            &["severity"],
        )?;
        registry.register(Box::new(definition_problems.clone()))?;
        Ok(Metrics {
            responses: counter("responses_total", "Answers to clients.", &["resource", "method", "status"])?,
            failures: counter(
                "failures_total",
                "Answers that the gateway itself made, by cause.",
                &["resource", "method", "status", "cause"],
            )?,
            invocations: counter("invocations_total", "Calls to functions, by outcome.", &["function", "outcome"])?,
            authorizer_results: counter(
                "authorizer_results_total",
                "What came of asking Lambda authorizers, and whether the answer was kept from before.",
                &["authorizer", "result", "cache"],
            )?,
            matches: counter(
                "integration_response_matches_total",
                "Integration responses chosen, by selection pattern.",
                &["resource", "method", "pattern", "status"],
            )?,
            step_limits: counter(
                "selection_pattern_step_limits_total",
                "Texts on which a selection pattern took too many steps, which counts as no match.",
                &["resource", "method", "pattern"],
            )?,
            masked: counter(
                "masked_errors_total",
                "Backend failures that the client saw as a status below 400.",
                &["resource", "method", "kind"],
            )?,
            request_duration: histogram("request_duration_seconds", "From the request to the answer (Latency).")?,
            integration_duration: histogram(
                "integration_duration_seconds",
                "The backend's share (IntegrationLatency).",
            )?,
            response_first_byte: histogram(
                "response_first_byte_seconds",
                "From the request to the first byte of an answer's body, for methods that stream.",
            )?,
            buffered: gauge("buffered_bytes", "Bytes of bodies that are being read, kept or written.")?,
            stalled: total(
                "stalled_connections_closed_total",
                "Client connections closed because `limits.memory` was used up and nothing moved on them for longest.",
            )?,
            in_flight: gauge("in_flight_requests", "Requests that have no answer yet.")?,
            authorization_skipped: gauge(
                "authorization_skipped",
                "Whether protections that are not evaluated are skipped (`api.skip_authorization`).",
            )?,
            reload_successful: gauge(
                "config_last_reload_successful",
                "Whether the last load of the configuration went well.",
            )?,
            reload_timestamp: timestamp,
            queued,
            definition_problems,
            requests_refused: total(
                "requests_refused_total",
                "Requests over `limits.in_flight` or `limits.memory`: answered 503.",
            )?,
            connections_refused: total(
                "connections_refused_total",
                "Client connections over `limits.connections`: closed at once.",
            )?,
            registry,
        })
    }

    /// The exposition in Prometheus' text format.
    pub fn encode(&self) -> Vec<u8> {
        self.buffered.set(i64::try_from(BODIES.used()).unwrap_or(i64::MAX));
        self.stalled.inc_by(BODIES.closed().saturating_sub(self.stalled.get()));
        let mut out = Vec::new();
        // Writing to a vector cannot fail, and a family that cannot be encoded is left out.
        let _ = TextEncoder::new().encode(&self.families(), &mut out);
        out
    }

    /// Every series as it stands.
    pub(crate) fn families(&self) -> Vec<MetricFamily> {
        self.registry.gather()
    }

    /// Lets go of the series of routes, patterns and functions that are no more: of all whose labels `is_kept` does not know.
    pub fn keep(&self, is_kept: impl Fn(&HashMap<&str, &str>) -> bool) {
        let counters =
            [&self.responses, &self.failures, &self.invocations, &self.matches, &self.step_limits, &self.masked];
        for counter in counters {
            prune(counter, &is_kept);
        }
        prune(&self.request_duration, &is_kept);
        prune(&self.integration_duration, &is_kept);
        prune(&self.queued, &is_kept);
    }

    /// Handles of a method; both labels empty when no route matched.
    pub fn method(&self, resource: &str, method: &str) -> MethodMetrics {
        let labels = [resource, method];
        MethodMetrics {
            metrics: self.clone(),
            resource: resource.into(),
            method: method.into(),
            responses: Default::default(),
            request_duration: self.request_duration.with_label_values(&labels),
            integration_duration: self.integration_duration.with_label_values(&labels),
            masked: MaskedKind::ALL.map(|kind| self.masked.with_label_values(&[resource, method, kind.as_str()])),
        }
    }

    /// How many calls wait for a function's backend that takes few at a time.
    pub fn queued(&self, function: &str) -> IntGauge {
        self.queued.with_label_values(&[function])
    }

    /// Tells how many findings of a severity the running definition has.
    pub fn set_problems(&self, severity: &str, count: usize) {
        self.definition_problems.with_label_values(&[severity]).set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Handles of an authorizer, each result exported as 0.
    pub fn authorizer(&self, name: &str) -> AuthorizerMetrics {
        let handle = |result: AuthorizerResult, cache| {
            self.authorizer_results.with_label_values(&[name, result.as_str(), cache])
        };
        AuthorizerMetrics(AuthorizerResult::ALL.map(|result| ["miss", "hit"].map(|cache| handle(result, cache))))
    }

    /// Handles of a function, each outcome exported as 0.
    pub fn function(&self, name: &str) -> FunctionMetrics {
        FunctionMetrics(Arc::new(Outcome::ALL.map(|o| self.invocations.with_label_values(&[name, o.as_str()]))))
    }
}

fn prune<T: MetricVecBuilder>(vec: &MetricVec<T>, is_kept: impl Fn(&HashMap<&str, &str>) -> bool) {
    for family in vec.collect() {
        for series in family.get_metric() {
            let labels = series.get_label().iter().map(|label| (label.name(), label.value())).collect();
            if !is_kept(&labels) {
                // It was there a moment ago; that nobody has it any more is as well.
                let _ = vec.remove(&labels);
            }
        }
    }
}

/// Handles of a method.
pub struct MethodMetrics {
    metrics: Metrics,
    resource: String,
    method: String,
    /// By the status's first digit, then by the other two: made for the classes that occur, as most methods see few.
    responses: [OnceLock<Box<[OnceLock<IntCounter>]>>; 5],
    /// `request_duration_seconds`
    pub request_duration: Histogram,
    /// `integration_duration_seconds`
    pub integration_duration: Histogram,
    masked: [IntCounter; 3],
}

impl MethodMetrics {
    /// Counts an answer.
    pub fn response(&self, status: u16) {
        let Some(class) = self.responses.get(usize::from(status / 100).wrapping_sub(1)) else { return };
        let cells = class.get_or_init(|| (0..100).map(|_| OnceLock::new()).collect());
        let Some(cell) = cells.get(usize::from(status % 100)) else { return };
        cell.get_or_init(|| {
            self.metrics.responses.with_label_values(&[self.resource.as_str(), &self.method, &status.to_string()])
        })
        .inc();
    }

    /// The counter of a cause with the status it gives; made at load for each cause that the method can have.
    pub fn failure(&self, status: u16, cause: &str) -> IntCounter {
        self.metrics.failures.with_label_values(&[&self.resource, &self.method, &status.to_string(), cause])
    }

    /// The counter of an integration response; made at load.
    pub fn integration_response(&self, pattern: &str, status: u16) -> IntCounter {
        self.metrics.matches.with_label_values(&[&self.resource, &self.method, pattern, &status.to_string()])
    }

    /// `response_first_byte_seconds`; made at load for methods that stream.
    pub fn response_first_byte(&self) -> Histogram {
        self.metrics.response_first_byte.with_label_values(&[&self.resource, &self.method])
    }

    /// The counter of a selection pattern that took too many steps; made at load for each that can.
    pub fn step_limit(&self, pattern: &str) -> IntCounter {
        self.metrics.step_limits.with_label_values(&[self.resource.as_str(), &self.method, pattern])
    }

    /// Counts a backend failure that the client saw as a status below 400.
    pub fn masked(&self, kind: MaskedKind) {
        self.masked[kind as usize].inc();
    }
}

/// What hid behind a status below 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaskedKind {
    /// A payload with `errorMessage`.
    FunctionError,
    /// A payload whose own `statusCode` is 400 or more.
    StatusCode,
    /// An HTTP or service backend that answered 400 or more.
    HttpStatus,
}

impl MaskedKind {
    const ALL: [MaskedKind; 3] = [MaskedKind::FunctionError, MaskedKind::StatusCode, MaskedKind::HttpStatus];

    /// The label.
    pub fn as_str(self) -> &'static str {
        match self {
            MaskedKind::FunctionError => "function_error",
            MaskedKind::StatusCode => "status_code",
            MaskedKind::HttpStatus => "http_status",
        }
    }
}

/// How a call to a function ended: exactly one for each call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Outcome {
    Success,
    FunctionError,
    Rejected,
    Malformed,
    Timeout,
    NetworkError,
}

impl Outcome {
    const ALL: [Outcome; 6] = [
        Outcome::Success,
        Outcome::FunctionError,
        Outcome::Rejected,
        Outcome::Malformed,
        Outcome::Timeout,
        Outcome::NetworkError,
    ];

    /// The label.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Success => "success",
            Outcome::FunctionError => "function_error",
            Outcome::Rejected => "rejected",
            Outcome::Malformed => "malformed",
            Outcome::Timeout => "timeout",
            Outcome::NetworkError => "network_error",
        }
    }
}

/// What came of asking an authorizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum AuthorizerResult {
    Allow,
    Deny,
    ImplicitDeny,
    Unauthorized,
    Error,
}

impl AuthorizerResult {
    const ALL: [AuthorizerResult; 5] = [
        AuthorizerResult::Allow,
        AuthorizerResult::Deny,
        AuthorizerResult::ImplicitDeny,
        AuthorizerResult::Unauthorized,
        AuthorizerResult::Error,
    ];

    /// The label.
    pub fn as_str(self) -> &'static str {
        match self {
            AuthorizerResult::Allow => "allow",
            AuthorizerResult::Deny => "deny",
            AuthorizerResult::ImplicitDeny => "implicit_deny",
            AuthorizerResult::Unauthorized => "unauthorized",
            AuthorizerResult::Error => "error",
        }
    }
}

/// Handles of an authorizer, by result and whether the answer was kept from before.
pub struct AuthorizerMetrics([[IntCounter; 2]; 5]);

impl AuthorizerMetrics {
    /// Counts a result.
    pub fn count(&self, result: AuthorizerResult, cached: bool) {
        self.0[result as usize][usize::from(cached)].inc();
    }
}

/// Handles of a function.
#[derive(Clone)]
pub struct FunctionMetrics(Arc<[IntCounter; 6]>);

impl FunctionMetrics {
    /// Counts a call's end.
    pub fn count(&self, outcome: Outcome) {
        self.0[outcome as usize].inc();
    }
}
