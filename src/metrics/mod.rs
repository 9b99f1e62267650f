//! Every counter, gauge and histogram, named once. Those of the process stand in Prometheus' registry. Those of methods and
//! functions, of which there are thousands, stand in series of our own: an entry of the registry takes a kilobyte, ours take
//! tens of bytes, and most methods of a large API are rarely called. Handles are resolved at load: no label lookup per request.

mod counter;
mod histogram;
mod method;
mod openmetrics;
mod text;
mod words;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus::core::{Collector, MetricVec, MetricVecBuilder};
use prometheus::{Gauge, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder};
use rustc_hash::FxHashMap;

use crate::memory::BODIES;

use counter::Counter;
use histogram::Durations;
use method::Kept;
use text::Page;

pub(crate) use histogram::Histograms;
pub(crate) use method::{MethodMetrics, Rule};
pub(crate) use openmetrics::{END, Exposition};
pub use words::MaskedKind;
pub(crate) use words::{AuthorizerResult, FaultCause, Outcome};

/// By resource, then by method.
type Methods = FxHashMap<Arc<str>, Vec<Arc<MethodMetrics>>>;

/// The metrics of a process. They survive a reload.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    methods: Arc<Mutex<Methods>>,
    functions: Arc<Mutex<BTreeMap<Box<str>, FunctionMetrics>>>,
    authorizers: Arc<Mutex<HashMap<String, AuthorizerMetrics>>>,
    authorizer_results: IntCounterVec,
    histograms: Histograms,
    /// Those of all methods together.
    together: Arc<Durations>,
    queued: IntGaugeVec,
    concurrent_executions: IntGaugeVec,
    definition_problems: IntGaugeVec,
    /// Requests over `limits.in_flight` or `limits.memory`.
    pub requests_refused: IntCounter,
    /// Spans that no collector took.
    pub spans_dropped: IntCounter,
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
        let concurrent_executions = IntGaugeVec::new(
            Opts::new(
                "concurrent_executions",
                "Calls that run, of functions with a `concurrency` (ConcurrentExecutions).",
            ),
            &["function"],
        )?;
        registry.register(Box::new(concurrent_executions.clone()))?;
        let authorizer_results = IntCounterVec::new(
            Opts::new(
                "authorizer_results_total",
                "What came of asking authorizers, and whether the answer was kept from before.",
            ),
            &["authorizer", "result", "cache"],
        )?;
        registry.register(Box::new(authorizer_results.clone()))?;
        let definition_problems = IntGaugeVec::new(
            Opts::new("definition_problems", "Findings of the running definition, by severity."),
            &["severity"],
        )?;
        registry.register(Box::new(definition_problems.clone()))?;
        Ok(Metrics {
            methods: Arc::default(),
            functions: Arc::default(),
            authorizers: Arc::default(),
            authorizer_results,
            histograms: Histograms::default(),
            together: Arc::default(),
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
            concurrent_executions,
            definition_problems,
            requests_refused: total(
                "requests_refused_total",
                "Requests over `limits.in_flight` or `limits.memory`: answered 503.",
            )?,
            connections_refused: total(
                "connections_refused_total",
                "Client connections over `limits.connections`: closed at once.",
            )?,
            spans_dropped: total("spans_dropped_total", "Spans that no collector took (`telemetry.otlp`).")?,
            registry,
        })
    }

    /// The same, with these histograms; to be said before the first method.
    pub(crate) fn keeping(self, histograms: Histograms) -> Metrics {
        Metrics { histograms, ..self }
    }

    /// The exposition in Prometheus' text format.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        // Writing to a vector cannot fail, and a family that cannot be encoded is left out.
        let _ = self.write(&mut out, Exposition::Text);
        out
    }

    /// Writes the exposition, without its end.
    pub(crate) fn write(&self, out: &mut dyn Write, exposition: Exposition) -> io::Result<()> {
        self.buffered.set(i64::try_from(BODIES.used()).unwrap_or(i64::MAX));
        self.stalled.inc_by(BODIES.closed().saturating_sub(self.stalled.get()));
        let text = TextEncoder::new().encode_to_string(&self.registry.gather()).map_err(io::Error::other)?;
        out.write_all(exposition.adapt(text).as_bytes())?;
        let mut methods: Vec<Arc<MethodMetrics>> = lock(&self.methods).values().flatten().cloned().collect();
        methods.sort_by(|one, other| one.resource.cmp(&other.resource));
        let functions = lock(&self.functions).clone();
        let mut page = Page::new(out, exposition);
        page.methods(&methods, (self.histograms == Histograms::Api).then_some(&*self.together));
        page.functions(functions.iter().map(|(name, function)| (&**name, &*function.0)));
        page.end()
    }

    /// Lets go of the series of routes, patterns and functions that are no more.
    /// `has_method` is asked for a resource, a method and, where there is one, a pattern.
    pub(crate) fn keep(
        &self,
        has_method: impl Fn(&str, &str, Option<&str>) -> bool,
        has_function: impl Fn(&str) -> bool,
        has_authorizer: impl Fn(&str) -> bool,
    ) {
        lock(&self.methods).retain(|resource, methods| {
            methods.retain(|method| has_method(resource, &method.method, None));
            methods.iter().for_each(|m| m.keep(|pattern| has_method(resource, &m.method, Some(pattern))));
            !methods.is_empty()
        });
        lock(&self.functions).retain(|name, _| has_function(name));
        prune(&self.queued, "function", &has_function);
        prune(&self.concurrent_executions, "function", &has_function);
        lock(&self.authorizers).retain(|name, _| has_authorizer(name));
        prune(&self.authorizer_results, "authorizer", &has_authorizer);
    }

    /// The series of a method; both labels empty when no route matched.
    pub fn method(&self, resource: &str, method: &str) -> Arc<MethodMetrics> {
        let mut all = lock(&self.methods);
        let known = all.get_key_value(resource);
        if let Some(found) = known.and_then(|(_, methods)| of_method(methods, method)) {
            return found.clone();
        }
        let durations = match self.histograms {
            Histograms::Method => Kept::Own(Durations::default()),
            Histograms::Api => Kept::Together(self.together.clone()),
            Histograms::None => Kept::Nowhere,
        };
        let label = known.map_or_else(|| resource.into(), |(label, _)| label.clone());
        let new = Arc::new(MethodMetrics::new(label.clone(), method, durations));
        all.entry(label).or_default().push(new.clone());
        new
    }

    /// The series of a method, if it has any.
    pub(crate) fn find(&self, resource: &str, method: &str) -> Option<Arc<MethodMetrics>> {
        of_method(lock(&self.methods).get(resource)?, method).cloned()
    }

    /// How many answers have left so far.
    pub(crate) fn answered(&self) -> u64 {
        lock(&self.methods).values().flatten().map(|method| method.answered()).sum()
    }

    /// How many calls wait for a function's backend that takes few at a time.
    pub fn queued(&self, function: &str) -> IntGauge {
        self.queued.with_label_values(&[function])
    }

    /// How many calls of a function run, where that is bounded.
    pub fn concurrent_executions(&self, function: &str) -> IntGauge {
        self.concurrent_executions.with_label_values(&[function])
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
        let new = || AuthorizerResult::ALL.map(|result| ["miss", "hit"].map(|cache| handle(result, cache)));
        let mut all = lock(&self.authorizers);
        all.entry(name.to_owned()).or_insert_with(|| AuthorizerMetrics(Arc::new(new()))).clone()
    }

    /// Handles of a function, each outcome exported as 0.
    pub fn function(&self, name: &str) -> FunctionMetrics {
        let mut all = lock(&self.functions);
        if let Some(function) = all.get(name) {
            return function.clone();
        }
        all.entry(name.into()).or_default().clone()
    }
}

/// Lets go of the series whose label `has` does not know.
fn prune<T: MetricVecBuilder>(vec: &MetricVec<T>, name: &str, has: impl Fn(&str) -> bool) {
    for family in vec.collect() {
        for series in family.get_metric() {
            let labels: HashMap<&str, &str> =
                series.get_label().iter().map(|label| (label.name(), label.value())).collect();
            if labels.get(name).is_some_and(|value| !has(value)) {
                // It was there a moment ago; that nobody has it any more is as well.
                let _ = vec.remove(&labels);
            }
        }
    }
}

fn of_method<'a>(methods: &'a [Arc<MethodMetrics>], method: &str) -> Option<&'a Arc<MethodMetrics>> {
    methods.iter().find(|metrics| *metrics.method == *method)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Handles of an authorizer, by result and whether the answer was kept from before.
#[derive(Clone)]
pub struct AuthorizerMetrics(Arc<[[IntCounter; 2]; 5]>);

impl AuthorizerMetrics {
    /// Counts a result.
    pub fn count(&self, result: AuthorizerResult, cached: bool) {
        self.0[result as usize][usize::from(cached)].inc();
    }
}

/// The calls to a function, by outcome.
#[derive(Clone, Default)]
pub struct FunctionMetrics(Arc<[Counter; 6]>);

impl FunctionMetrics {
    /// Counts a call's end.
    pub fn count(&self, outcome: Outcome) {
        self.0[outcome as usize].inc();
    }
}
