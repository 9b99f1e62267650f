//! The steps of a REST API's request and answer.

pub(crate) mod access;
pub(crate) mod authorizer;
pub(crate) mod content_handling;
mod deployment;
mod event_syntax;
pub(crate) mod execution_log;
pub(crate) mod gateway;
pub(crate) mod gateway_response;
pub(crate) mod http_reply;
pub(crate) mod http_request;
pub(crate) mod iam;
pub(crate) mod integration_request;
pub(crate) mod integration_response;
mod jwt_authorizer;
pub(crate) mod method_request;
pub(crate) mod mock;
pub(crate) mod protection;
pub(crate) mod proxy_event;
pub(crate) mod proxy_reply;
pub(crate) mod refusal;
pub(crate) mod rendering;
mod router;
pub(crate) mod service_request;
pub(crate) mod signature;
pub(crate) mod validation;
