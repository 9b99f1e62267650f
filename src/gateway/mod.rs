//! The life of one request: [`gateway`] has its steps in order, each other file is one of them.
//!
//! What every kind of API needs stands here; how a REST API reads a request and says an answer is in [`rest`].

mod authorizer_cache;
mod base64;
pub(crate) mod compression;
mod counters;
mod deployment;
#[allow(clippy::module_inception)]
pub(crate) mod gateway;
mod json_scanner;
mod key_store;
mod request_size;
pub(crate) mod rest;
pub(crate) mod router;
mod throttle;

pub(crate) use counters::Tally;
pub use gateway::Gateway;
pub(crate) use gateway::{Answer, Step};
pub use rest::validation::check as check_body;
