//! The process's settings, resolved: addresses, limits, timeouts, functions, log format.

use std::net::SocketAddr;
use std::time::Duration;

use indexmap::IndexMap;

use super::faults::FaultRule;
use super::limits::Limits;
use crate::config::document::url::Url;
use crate::log::Level;
use crate::metrics::Histograms;

/// Everything but the API itself.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The data port.
    pub listen: SocketAddr,
    /// Worker threads; at least 1.
    pub threads: usize,
    /// The admin port.
    pub admin: Admin,
    /// Where each function really is, in the file's order; `FunctionRef::backend` is an index into it.
    pub functions: Vec<Function>,
    /// `services`: base urls by service name.
    pub services: IndexMap<String, String>,
    /// Bounds.
    pub limits: Limits,
    /// Longest time for in-flight requests after SIGTERM.
    pub drain: Duration,
    /// How long after SIGTERM connections are still taken, while probes say not ready.
    pub drain_delay: Duration,
    /// Which histograms are kept.
    pub histograms: Histograms,
    /// Logging.
    pub log: Log,
    /// What fails on purpose.
    pub(crate) faults: Vec<FaultRule>,
    /// Where spans are sent; `None`: nowhere.
    pub otlp: Option<Otlp>,
}

/// The admin port's settings.
#[derive(Debug, Clone)]
pub struct Admin {
    /// Its address.
    pub listen: SocketAddr,
    /// Whether the last exchanges are kept for the page.
    pub inspector: bool,
    /// Whether everything is answered to other than loopback too.
    pub allow_remote: bool,
}

/// A function and its backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// The key: `name:alias`, `name` or `*`.
    pub name: String,
    /// Where it is.
    pub backend: Backend,
    /// How its calls are signed; only for the Invoke API and plain HTTP.
    pub sign: Option<Sign>,
    /// Its own time-out, which is a function error.
    pub timeout: Option<Duration>,
    /// How many of its calls may run at once; one more is refused as Lambda's 429 is.
    pub concurrency: Option<usize>,
}

impl Function {
    /// A function at that backend, without anything else of its own.
    pub fn at(name: &str, backend: Backend) -> Function {
        Function { name: name.to_owned(), backend, sign: None, timeout: None, concurrency: None }
    }
}

/// What AWS Signature Version 4 needs to know beside credentials, which come from the standard chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// The region, such as `eu-west-1`.
    pub region: String,
    /// The service, such as `lambda`.
    pub service: String,
}

/// Where a function is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backend {
    /// Base url of a Lambda Invoke API.
    InvokeApi(Url),
    /// Base url of the Runtime Interface Emulator.
    Emulator(Url),
    /// Url of an HTTP endpoint that takes the event and returns the payload.
    Http(Url),
    /// Address on which the function's own runtime finds the Runtime API.
    RuntimeApi(SocketAddr),
}

/// Logging.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// `text` or `json`; `None`: text on a terminal, JSON otherwise.
    pub format: Option<LogFormat>,
    /// Least level that is printed; `debug` prints each request's trace.
    pub level: Level,
    /// The access log's format, with `$context` variables; `None`: no access log.
    pub access: Option<String>,
    /// Headers and query parameters that are secret, beside those that always are.
    pub redact: Vec<String>,
}

/// An OpenTelemetry collector, and what it is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Otlp {
    /// Its base url, below which it takes `/v1/traces`.
    pub endpoint: Url,
    /// Header lines that are sent along.
    pub headers: Vec<(String, String)>,
    /// Which share of the traces that begin here is kept.
    pub sample: f64,
    /// `service.name`
    pub service_name: String,
    /// Further attributes of the resource.
    pub resource: Vec<(String, String)>,
    /// Longest time for one request to it.
    pub timeout: Duration,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum LogFormat {
    Text,
    Json,
}
