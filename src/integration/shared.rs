//! What the threads share of the backends: where they are, gates before emulators, Runtime API listeners. Made at each load.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::background::Background;
use super::gate::Gate;
use super::runtime_api::RuntimeApi;
use super::runtime_hub::Hub;
use super::sign::Signer;
use crate::config::settings::{Backend, Function, Limits};
use crate::config::url::Url;
use crate::metrics::Metrics;

/// What the threads share.
pub(crate) struct Shared {
    pub(super) sites: Vec<Site>,
    pub(super) background: Background,
    pub(super) upstream_idle: usize,
    pub(super) response_body: usize,
    pub(super) longest_event: usize,
    pub(super) stream_idle: Duration,
    gates: HashMap<Url, Arc<Gate>>,
    /// By address; where the system chooses the port, by the function's name too.
    runtime_apis: HashMap<(SocketAddr, String), Arc<RuntimeApi>>,
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
    /// Opens what the functions need. Gates and listeners of `previous` that are still needed are taken over.
    pub(crate) fn open(
        functions: &[Function],
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
            gates: HashMap::new(),
            runtime_apis: HashMap::new(),
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
                let hub = Hub::new(limits.runtime_queue, metrics.queued(&function.name));
                let api = RuntimeApi::listen(address, hub, self.background.clone(), handle);
                let bind = |error| OpenError { function: function.name.clone(), address, error };
                Arc::new(api.map_err(bind)?)
            }
        };
        self.runtime_apis.insert(key, api.clone());
        Ok(api)
    }
}
