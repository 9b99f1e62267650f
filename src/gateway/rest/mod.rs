//! The steps of a REST API's request and answer.

pub mod content_handling;
pub mod execution_log;
pub mod gateway_response;
pub mod http_reply;
pub mod http_request;
pub mod integration_request;
pub mod integration_response;
pub mod method_request;
pub mod mock;
pub mod protection;
pub mod proxy_event;
pub mod proxy_reply;
pub mod refusal;
pub mod rendering;
pub mod service_request;
pub mod signature;
pub mod validation;
