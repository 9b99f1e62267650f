//! The process's settings, resolved: addresses, limits, timeouts, functions, log format.

use std::net::SocketAddr;
use std::time::Duration;

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
    /// Bounds.
    pub limits: Limits,
    /// Longest time for in-flight requests after SIGTERM.
    pub drain: Duration,
    /// Logging.
    pub log: Log,
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
    InvokeApi(String),
    /// Base url of the Runtime Interface Emulator.
    Emulator(String),
    /// Url of an HTTP endpoint that takes the event and returns the payload.
    Http(String),
    /// Address on which the function's own runtime finds the Runtime API.
    RuntimeApi(SocketAddr),
}

/// Bounds, each with a default (`Limits::default()`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest time for an integration; the definition may say less (or more, as with a raised quota).
    pub integration_timeout: Duration,
    /// Bytes of a request body.
    pub request_body: usize,
    /// Bytes of an event for a function: Lambda's 6 MB.
    pub event: usize,
    /// Bytes of a backend's answer.
    pub response_body: usize,
    /// Requests without an answer yet; one more is answered 503.
    pub in_flight: usize,
    /// Open client connections.
    pub connections: usize,
    /// Bytes of all header lines of a request.
    pub header_bytes: usize,
    /// Bytes of the request target.
    pub uri_bytes: usize,
    /// Time for a client to send its request's head.
    pub header_timeout: Duration,
    /// Time for a client to send its request's body.
    pub body_timeout: Duration,
    /// Time that an idle client connection is kept.
    pub idle_timeout: Duration,
    /// Calls that wait for a free runtime (`runtime_api`) of a function.
    pub runtime_queue: usize,
    /// Calls that wait for the emulator, of a function.
    pub emulator_queue: usize,
    /// Idle upstream connections kept per backend and thread.
    pub upstream_idle: usize,
    /// Exchanges that the inspector keeps.
    pub inspector_exchanges: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            integration_timeout: Duration::from_secs(29),
            request_body: 10_485_760,
            event: 6_291_456,
            response_body: 10_485_760,
            in_flight: 10_000,
            connections: 10_000,
            header_bytes: 10_240,
            uri_bytes: 10_240,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(60),
            runtime_queue: 1_000,
            emulator_queue: 100,
            upstream_idle: 256,
            inspector_exchanges: 200,
        }
    }
}

/// Logging.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// `text` or `json`; `None`: text on a terminal, JSON otherwise.
    pub format: Option<LogFormat>,
    /// Least level that is printed.
    pub level: LogLevel,
    /// The access log's format, with `$context` variables; `None`: no access log.
    pub access: Option<String>,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum LogFormat {
    Text,
    Json,
}

/// Least level that is printed; `debug` prints each request's trace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum LogLevel {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
}
