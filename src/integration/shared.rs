//! What the threads share of the backends: where they are, gates before emulators, Runtime API listeners. Made at each load.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::background::Background;
use super::extensions::{About, Extensions};
use super::gate::Gate;
use super::running::Concurrency;
use super::runtime_api::RuntimeApi;
use super::runtime_hub::Hub;
use super::sign::Signer;
use crate::config::settings::{Backend, Function, Limits};
use crate::config::url::Url;
use crate::metrics::Metrics;

/// How long the end waits for extensions to hear of it.
const GOODBYE: Duration = Duration::from_millis(500);

/// What the threads share.
pub(crate) struct Shared {
    pub(super) sites: Vec<Site>,
    pub(super) background: Background,
    pub(super) upstream_idle: usize,
    pub(super) response_body: usize,
    pub(super) longest_event: usize,
    pub(super) stream_idle: Duration,
    pub(super) stream_rate: Option<u64>,
    /// By function, as `sites`.
    pub(super) own_bounds: Vec<OwnBounds>,
    account: String,
    gates: HashMap<Url, Arc<Gate>>,
    /// By address; where the system chooses the port, by the function's name too.
    runtime_apis: HashMap<(SocketAddr, String), Arc<RuntimeApi>>,
    concurrencies: HashMap<String, Arc<Concurrency>>,
}

/// A function's own bounds.
#[derive(Clone)]
pub(super) struct OwnBounds {
    /// Its own time-out.
    pub timeout: Option<Duration>,
    /// How many of its calls run at once.
    pub concurrency: Option<Arc<Concurrency>>,
}

/// Where a function is, one variant per kind.
pub(super) enum Site {
    InvokeApi(Url, Option<Arc<Signer>>),
    Emulator(Url, Arc<Gate>),
    Http(Url, Option<Arc<Signer>>),
    RuntimeApi(Arc<RuntimeApi>),
}

/// Why the backends cannot be opened: a Runtime API address cannot be listened on.
#[derive(Debug)]
pub(crate) struct OpenError {
    /// The function's name.
    function: String,
    /// The address.
    address: SocketAddr,
    /// The system's reason.
    error: io::Error,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "function `{}`: cannot listen on `{}`: {}", self.function, self.address, self.error)
    }
}

impl std::error::Error for OpenError {}

impl Shared {
    /// Opens what the functions need; `account` is theirs. Gates and listeners of `previous` that are still needed are taken over.
    pub(crate) fn open(
        functions: &[Function],
        account: &str,
        limits: &Limits,
        metrics: &Metrics,
        handle: &Handle,
        previous: Option<&Shared>,
    ) -> Result<Shared, OpenError> {
        let mut shared = Shared {
            sites: Vec::with_capacity(functions.len()),
            background: previous.map(|p| p.background.clone()).unwrap_or_default(),
            upstream_idle: limits.upstream_idle,
            response_body: limits.response_body,
            longest_event: limits.event,
            stream_idle: limits.stream_idle,
            stream_rate: limits.stream_rate,
            own_bounds: Vec::with_capacity(functions.len()),
            account: account.to_owned(),
            gates: HashMap::new(),
            runtime_apis: HashMap::new(),
            concurrencies: HashMap::new(),
        };
        for function in functions {
            let signer = || function.sign.as_ref().map(|s| Arc::new(Signer::new(&s.service, &s.region)));
            let site = match &function.backend {
                Backend::InvokeApi(base) => Site::InvokeApi(base.clone(), signer()),
                Backend::Http(url) => Site::Http(url.clone(), signer()),
                Backend::Emulator(base) => {
                    Site::Emulator(base.clone(), shared.gate(function, base, limits, metrics, previous))
                }
                Backend::RuntimeApi(address) => {
                    Site::RuntimeApi(shared.runtime_api(function, *address, limits, metrics, handle, previous)?)
                }
            };
            shared.sites.push(site);
            let concurrency = function.concurrency.map(|most| shared.concurrency(function, most, metrics, previous));
            shared.own_bounds.push(OwnBounds { timeout: function.timeout, concurrency });
        }
        Ok(shared)
    }

    /// Calls that go on behind an answered request.
    pub(crate) fn background(&self) -> usize {
        self.background.count()
    }

    /// Where runtimes connect: function by function, in the configuration's order.
    pub(crate) fn runtime_addresses(&self) -> impl Iterator<Item = (usize, SocketAddr)> {
        self.sites.iter().enumerate().filter_map(|(i, site)| match site {
            Site::RuntimeApi(api) => Some((i, api.local_addr())),
            _ => None,
        })
    }

    /// Tells the functions' extensions that this is the end, all at once: one that hangs holds up no other.
    pub(crate) async fn shut_down(&self) {
        let tell = |api: &Arc<RuntimeApi>| {
            let api = api.clone();
            async move { api.hub().extensions.shut_down(GOODBYE).await }
        };
        let told: JoinSet<()> = self.runtime_apis.values().map(tell).collect();
        told.join_all().await;
    }

    /// The calls that run go on counting over a reload.
    fn concurrency(
        &mut self,
        function: &Function,
        most: usize,
        metrics: &Metrics,
        previous: Option<&Shared>,
    ) -> Arc<Concurrency> {
        let known = previous.and_then(|p| p.concurrencies.get(&function.name)).cloned();
        let new = || Arc::new(Concurrency::new(most, metrics.concurrent_executions(&function.name)));
        let concurrency = known.unwrap_or_else(new);
        concurrency.set_most(most);
        self.concurrencies.insert(function.name.clone(), concurrency.clone());
        concurrency
    }

    /// One gate per emulator, also when several functions name the same one.
    fn gate(
        &mut self,
        function: &Function,
        base: &Url,
        limits: &Limits,
        metrics: &Metrics,
        previous: Option<&Shared>,
    ) -> Arc<Gate> {
        if let Some(gate) = self.gates.get(base) {
            return gate.clone();
        }
        let known = previous.and_then(|p| p.gates.get(base)).cloned();
        let gate = known.unwrap_or_else(|| Arc::new(Gate::new(limits.emulator_queue, metrics.queued(&function.name))));
        self.gates.insert(base.clone(), gate.clone());
        gate
    }

    /// One listener per address, also when several functions name the same one.
    fn runtime_api(
        &mut self,
        function: &Function,
        address: SocketAddr,
        limits: &Limits,
        metrics: &Metrics,
        handle: &Handle,
        previous: Option<&Shared>,
    ) -> Result<Arc<RuntimeApi>, OpenError> {
        let key = (address, if address.port() == 0 { function.name.clone() } else { String::new() });
        if let Some(api) = self.runtime_apis.get(&key) {
            return Ok(api.clone());
        }
        let api = match previous.and_then(|p| p.runtime_apis.get(&key)) {
            Some(api) => api.clone(),
            None => {
                let name = function.name.split(':').next().unwrap_or_default().to_owned();
                let extensions = Extensions::new(About { name, account: self.account.clone() });
                let hub = Hub::new(limits.runtime_queue, metrics.queued(&function.name), extensions);
                let api = RuntimeApi::listen(address, hub, self.background.clone(), handle);
                let bind = |error| OpenError { function: function.name.clone(), address, error };
                Arc::new(api.map_err(bind)?)
            }
        };
        self.runtime_apis.insert(key, api.clone());
        Ok(api)
    }
}
