//! The steps of an HTTP API's request and answer: what differs from a REST API.

pub(crate) mod event;
pub(crate) mod event_v1;
pub(crate) mod event_v2;
#[cfg(test)]
mod sample;
