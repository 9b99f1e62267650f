//! `Process`: what all threads of the server share, and the generation of the definition that they serve.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::access_log::Format;
use super::flights::Flights;
use super::inspector::Inspector;
use super::telemetry::Tracer;
use crate::api::{Api, Skipped};
use crate::config::settings::{Otlp, Settings};
use crate::config::{Loaded, Places, Problem, Sources};
use crate::gateway::Gateway;
use crate::integration::Shared;
use crate::log;
use crate::memory::BODIES;
use crate::metrics::Metrics;

/// What all threads share.
pub(crate) struct Process {
    /// The counters.
    pub metrics: Metrics,
    /// Where the configuration comes from.
    pub sources: Sources,
    /// The last exchanges.
    pub inspector: Inspector,
    /// The data port.
    pub data: SocketAddr,
    /// Requests without an answer.
    pub in_flight: Arc<AtomicUsize>,
    /// How many client connections there are descriptors for.
    pub room: usize,
    /// Open client connections.
    pub connections: Arc<AtomicUsize>,
    /// Whether new requests are welcome.
    pub ready: AtomicBool,
    /// Pages of metrics that may be made at once.
    pub pages: Semaphore,
    /// Requests of the playground that may be played at once.
    pub plays: Arc<Semaphore>,
    current: Mutex<Arc<Generation>>,
    /// The number of `current`, so that threads need no lock to see that nothing changed.
    number: AtomicU64,
}

/// One load of the definition; a request keeps the one that it began with.
pub(crate) struct Generation {
    /// Counts the loads.
    pub number: u64,
    /// The API, ready to answer.
    pub gateway: Gateway,
    /// Authorizers that are being asked.
    pub flights: Flights,
    /// What the threads share of the backends.
    pub shared: Shared,
    /// The settings.
    pub settings: Settings,
    /// The access log's format.
    pub access_log: Option<Format>,
    /// Who is told of spans.
    pub tracer: Option<Arc<Tracer>>,
    /// What was found when it was loaded.
    pub problems: Vec<Problem>,
    /// Where its parts stand.
    pub places: Places,
    /// What its files held.
    pub contents: u64,
}

impl Generation {
    /// A load after `previous`, whose backends are open.
    pub(crate) fn new(loaded: Loaded, shared: Shared, metrics: &Metrics, previous: Option<&Generation>) -> Generation {
        let Loaded { settings, api, canary, problems, places, contents, .. } = loaded;
        BODIES.bound(settings.limits.memory);
        metrics.authorization_skipped.set(i64::from(api.skipped != Skipped::default()));
        let is_http_api = matches!(api, Api::Http(_));
        let gateway = Gateway::new(api, canary, settings.limits.clone(), metrics);
        let gateway = gateway.failing(&settings.faults, true, metrics);
        if let Some(previous) = previous {
            gateway.carry_over(&previous.gateway);
        }
        Generation {
            number: previous.map_or(1, |p| p.number + 1),
            gateway,
            flights: Flights::default(),
            shared,
            tracer: settings.otlp.as_ref().and_then(|otlp| tracer(otlp, metrics, previous)),
            access_log: settings.log.access.as_deref().map(|text| Format::read(text, is_http_api)),
            settings,
            problems,
            places,
            contents,
        }
    }
}

/// The one of the load before, if it is told the same; a load must not fail for it.
fn tracer(otlp: &Otlp, metrics: &Metrics, previous: Option<&Generation>) -> Option<Arc<Tracer>> {
    let before = previous.and_then(|previous| previous.tracer.as_ref()).filter(|tracer| tracer.is_for(otlp));
    let start = || Tracer::start(otlp.clone(), metrics.spans_dropped.clone()).map(Arc::new);
    let started = before.cloned().map_or_else(start, Ok);
    started.inspect_err(|e| log::error("no spans are sent", &[("error", e)])).ok()
}

impl Process {
    /// A process that begins with that generation.
    pub(crate) fn new(
        metrics: Metrics,
        sources: Sources,
        inspector: Inspector,
        data: SocketAddr,
        room: usize,
        first: Generation,
    ) -> Process {
        Process {
            metrics,
            sources,
            inspector,
            data,
            room,
            in_flight: Arc::default(),
            connections: Arc::default(),
            ready: AtomicBool::new(true),
            pages: Semaphore::new(1),
            plays: Arc::new(Semaphore::new(1)),
            number: AtomicU64::new(first.number),
            current: Mutex::new(Arc::new(first)),
        }
    }

    /// The generation that requests begin with.
    pub(crate) fn current(&self) -> Arc<Generation> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Its number, without a lock.
    pub(crate) fn number(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }

    /// Swaps in the next generation.
    pub(crate) fn replace(&self, next: Generation) {
        let number = next.number;
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        self.number.store(number, Ordering::Release);
    }
}
