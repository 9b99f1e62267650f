//! The gateways that cases run on: one for each configuration, loaded once where files can share it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use super::coverage::{Counters, Coverage};
use super::unreadable::Unreadable;
use crate::api::{Api, ApiStage};
use crate::config::{self, Loaded, Node, Sources};
use crate::gateway::Gateway;
use crate::metrics::Metrics;

/// A gateway to run cases on.
pub(crate) struct Deployed {
    /// The gateway.
    pub(super) gateway: Gateway,
    /// `limits.stream_idle`
    pub(super) stream_idle: Duration,
    /// What counts coverage.
    pub(super) counters: Option<Counters>,
}

/// All that were loaded so far.
#[derive(Default)]
pub(crate) struct Gateways {
    /// By configuration file: those without a state that would go from one file of cases to the next.
    shared: HashMap<PathBuf, Rc<Deployed>>,
    /// What is counted of all of them.
    coverage: Option<Coverage>,
    /// Whether a case may leave out what it expects.
    pub(crate) takes_bare_cases: bool,
    /// Everything that was read.
    files: Vec<PathBuf>,
}

impl Gateways {
    /// The same, and coverage is counted.
    pub(crate) fn counted() -> Gateways {
        Gateways { coverage: Some(Coverage::default()), ..Gateways::default() }
    }

    /// What was counted.
    pub(crate) fn coverage(&self) -> Option<&Coverage> {
        self.coverage.as_ref()
    }

    /// The files of all configurations that were loaded, or could not be.
    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The gateway of a configuration file.
    pub(super) fn of_file(&mut self, config: &Path) -> Result<Rc<Deployed>, Unreadable> {
        if let Some(shared) = self.shared.get(config) {
            return Ok(shared.clone());
        }
        let (deployed, is_shared) = self.load(Sources { config: Some(config.to_owned()), ..Sources::default() })?;
        if is_shared {
            self.shared.insert(config.to_owned(), deployed.clone());
        }
        Ok(deployed)
    }

    /// The gateway of a configuration that stands in a file of cases.
    pub(super) fn of_document(&mut self, document: Node) -> Result<Rc<Deployed>, Unreadable> {
        self.load(Sources { embedded: Some(document), ..Sources::default() }).map(|(deployed, _)| deployed)
    }

    fn load(&mut self, sources: Sources) -> Result<(Rc<Deployed>, bool), Unreadable> {
        let sources = Sources { offline: true, ..sources };
        self.files.extend(sources.config.clone());
        let mut loaded = config::load(&sources).map_err(|problems| {
            self.files.extend(problems.iter().map(|problem| problem.file.clone()).filter(|file| file.is_file()));
            Unreadable(problems.iter().map(ToString::to_string).collect())
        })?;
        self.files.extend(loaded.files.iter().cloned());
        let counters = self.coverage.as_mut().map(|coverage| coverage.count(&mut loaded));
        let is_shared = !has_state(&loaded.api) && loaded.settings.faults.is_empty();
        Ok((Rc::new(deployed(loaded, counters)?), is_shared))
    }
}

fn deployed(loaded: Loaded, counters: Option<Counters>) -> Result<Deployed, Unreadable> {
    let metrics = Metrics::new("test", "").map_err(|error| Unreadable(vec![error.to_string()]))?;
    let stream_idle = loaded.settings.limits.stream_idle;
    let gateway = Gateway::new(loaded.api, loaded.canary, loaded.settings.limits, &metrics);
    let gateway = gateway.failing(&loaded.settings.faults, false, &metrics);
    Ok(Deployed { gateway, stream_idle, counters })
}

/// Whether a request may change what the next one is answered: by throttles, quotas, and what authorizers said before.
fn has_state(api: &Api) -> bool {
    let ApiStage { throttle, jwt_authorizers, .. } = &**api;
    let own = match api {
        Api::Rest(api) => {
            let mut methods = api.resources.iter().flat_map(|resource| &resource.methods);
            !api.usage_plans.is_empty()
                || !api.authorizers.is_empty()
                || methods.any(|method| method.throttle.is_some())
        }
        Api::Http(api) => !api.authorizers.is_empty() || api.routes.iter().any(|route| route.throttle.is_some()),
    };
    own || throttle.is_some() || !jwt_authorizers.is_empty()
}

/// The gateway of a configuration file, for cases that were recorded before another one. `open`: whoever calls may call.
pub(crate) fn gateway_of(config: Option<&Path>, open: bool) -> Result<Rc<Deployed>, Unreadable> {
    let flags = if open { vec![("api.skip_authorization".to_owned(), "true".to_owned())] } else { Vec::new() };
    let sources = Sources { config: config.map(Path::to_owned), flags, ..Sources::default() };
    Gateways::default().load(sources).map(|(deployed, _)| deployed)
}
