//! The life of one request: [`gateway`] has its steps in order, each other file is one of them.
//!
//! What every kind of API needs stands here; how a REST API reads a request and says an answer is in [`rest`].

mod authorizer_cache;
mod base64;
pub(crate) mod compression;
mod counters;
#[allow(dead_code, reason = "the HTTP APIs that use it are not served yet")]
pub(crate) mod http;
mod json_scanner;
mod request_size;
pub(crate) mod rest;
mod step;
mod throttle;

pub(crate) use counters::Tally;
pub use rest::gateway::Gateway;
pub use rest::validation::check as check_body;
pub(crate) use step::{Answer, Step};
