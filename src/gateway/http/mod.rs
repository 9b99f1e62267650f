//! The steps of an HTTP API's request and answer: what differs from a REST API.

mod access;
mod authorization;
pub(crate) mod cors;
pub(crate) mod event;
pub(crate) mod event_v1;
pub(crate) mod event_v2;
pub(crate) mod gateway;
mod http_request;
mod iam;
mod integration_request;
mod integration_response;
mod jwt;
pub(crate) mod lambda_authorizer;
mod malformed;
pub(crate) mod parameter_mapping;
mod percent;
pub(crate) mod reasons;
pub(crate) mod refusal;
pub(crate) mod reply;
mod router;
#[cfg(test)]
mod sample;
pub(crate) mod service_request;
pub(crate) mod spelling;
pub(crate) mod trace;
pub(crate) mod values;
