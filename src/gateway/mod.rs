//! The life of one request: [`gateway`] has its steps in order, each other file is one of them.

pub mod compression;
pub mod content_handling;
mod counters;
#[allow(clippy::module_inception)]
pub mod gateway;
pub mod gateway_response;
mod http_reply;
mod http_request;
mod ids;
pub mod integration_request;
pub mod integration_response;
mod json_scanner;
mod json_string;
mod log;
pub mod method_request;
pub mod mock;
mod payload;
mod protection;
pub mod proxy_event;
pub mod proxy_reply;
mod rendering;
pub mod router;
mod served;
mod service_request;
mod signature;
mod throttle;
mod validation;

pub use gateway::{Gateway, Limits};
