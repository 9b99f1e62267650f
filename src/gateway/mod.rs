//! The life of one request.

pub mod content_handling;
mod http_reply;
mod http_request;
pub mod integration_request;
pub mod integration_response;
pub mod method_request;
pub mod mock;
mod overrides;
mod payload;
mod rendering;
mod validation;
