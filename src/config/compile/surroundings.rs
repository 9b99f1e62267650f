//! What a definition is compiled against: the stage, the functions, the services, and the report.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use indexmap::IndexMap;

use super::patterns::Patterns;
use super::template::Compiled;
use super::texts::Texts;
use crate::config::definition::written::WrittenStage;
use crate::config::document::Report;
use crate::config::lint::Probes;
use crate::config::settings::{Function, Limits};

/// The surroundings of one copy of the API.
pub(crate) struct Surroundings<'a> {
    /// The stage.
    pub stage: &'a WrittenStage,
    /// The stage variables of this copy.
    pub variables: &'a IndexMap<String, String>,
    /// Whether it is the canary's copy; `None` without a canary.
    pub canary: Option<bool>,
    /// Where functions are.
    pub functions: &'a [Function],
    /// The other names of a template's functions.
    pub names: &'a IndexMap<String, Vec<String>>,
    /// What a template names and nothing here has a value for.
    pub unknown: &'a BTreeSet<String>,
    /// Where services are.
    pub services: &'a IndexMap<String, String>,
    /// Whether a service without an address is taken to be at AWS.
    pub offline: bool,
    /// Longest time of an integration that does not say.
    pub timeout: Duration,
    /// Names of secrets: `log.redact`.
    pub redact: &'a [String],
    /// Where findings go.
    pub report: &'a Report,
    /// Functions and services that are reported as missing: once is enough.
    pub missing: RefCell<HashSet<String>>,
    /// Selection patterns that are compiled.
    pub patterns: Patterns,
    /// Mapping templates that are compiled.
    pub templates: Compiled,
    /// What templates print for texts that have to be escaped.
    pub probes: Probes,
    /// Names that many methods share.
    pub texts: Texts,
}

/// The time of an HTTP API's integration that does not say (documented).
const HTTP_TIMEOUT: Duration = Duration::from_secs(30);

impl Surroundings<'_> {
    /// Longest time of an HTTP API's integration that does not say: a second more than a REST API's, unless it is configured.
    pub(crate) fn http_timeout(&self) -> Duration {
        if self.timeout == Limits::default().integration_timeout { HTTP_TIMEOUT } else { self.timeout }
    }

    /// Whether this name is reported as missing for the first time.
    pub(crate) fn is_first_missing(&self, name: &str) -> bool {
        self.missing.borrow_mut().insert(name.to_owned())
    }
}

/// What becomes of requests to what has a protection that is not evaluated.
pub(crate) fn unevaluated(is_skipped: bool) -> &'static str {
    match is_skipped {
        true => "everybody is served, as `api.skip_authorization` says",
        false => "every request is refused unless `api.skip_authorization` is set",
    }
}
