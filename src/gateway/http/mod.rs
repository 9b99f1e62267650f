//! The steps of an HTTP API's request and answer: what differs from a REST API.

pub(crate) mod cors;
pub(crate) mod event;
pub(crate) mod event_v1;
pub(crate) mod event_v2;
pub(crate) mod jwt;
pub(crate) mod lambda_authorizer;
pub(crate) mod parameter_mapping;
mod percent;
pub(crate) mod reply;
#[cfg(test)]
mod sample;
pub(crate) mod service_request;
pub(crate) mod spelling;
pub(crate) mod values;
