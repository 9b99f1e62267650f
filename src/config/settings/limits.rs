//! `Limits`: every bound of the process, with its default.

use std::time::Duration;

use crate::authorization::policy::Network;

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
    /// Bytes of all bodies that are being read, kept or written; a request over that is answered 503.
    pub memory: usize,
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
    /// Time that a backend may send nothing of an answer that is streamed.
    pub stream_idle: Duration,
    /// Calls that wait for a free runtime (`runtime_api`) of a function.
    pub runtime_queue: usize,
    /// Calls that wait for the emulator, of a function.
    pub emulator_queue: usize,
    /// Idle upstream connections kept per backend and thread.
    pub upstream_idle: usize,
    /// Proxies that are believed when they say in `X-Forwarded-For` whose request it is.
    pub trusted_proxies: Vec<Network>,
    /// Steps that checking a body against its model may take: about one for each value in it and each schema that looks at it.
    pub validation_steps: usize,
    /// Time that it may take.
    pub validation_time: Duration,
    /// Errors of a body that are told.
    pub validation_errors: usize,
    /// Exchanges that the inspector keeps.
    pub inspector_exchanges: usize,
}

/// API Gateway's own bounds where it has one: 29 s and 10 MB are its documented quotas, the 10,240 bytes of headers and of a
/// regional API's url too; 6 MB is what Lambda takes of an event (larger bodies were seen to be answered 413). The others guard
/// this process.
impl Default for Limits {
    fn default() -> Limits {
        Limits {
            integration_timeout: Duration::from_secs(29),
            request_body: 10_485_760,
            event: 6_291_456,
            response_body: 10_485_760,
            in_flight: 10_000,
            memory: 268_435_456,
            connections: 10_000,
            header_bytes: 10_240,
            uri_bytes: 10_240,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(60),
            stream_idle: Duration::from_secs(300),
            runtime_queue: 1_000,
            emulator_queue: 100,
            upstream_idle: 256,
            trusted_proxies: Vec::new(),
            validation_steps: 20_000_000,
            validation_time: Duration::from_millis(400),
            validation_errors: 100,
            inspector_exchanges: 200,
        }
    }
}
