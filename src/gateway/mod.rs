//! The life of one request. `rest/gateway.rs` and `http/gateway.rs` have its steps in order, each other file is one of them.
//!
//! What every kind of API needs stands here; how a REST API reads a request and says an answer is in [`rest`], how an HTTP API
//! does in [`http`].

mod address;
mod authorizer_cache;
mod base64;
pub(crate) mod compression;
mod counters;
mod cross_origin;
mod faults;
mod fragment;
#[allow(clippy::module_inception)]
mod gateway;
pub(crate) mod http;
mod json_scanner;
mod key_store;
mod messages;
mod nearest_route;
#[cfg(test)]
mod random_steps;
mod reasons;
mod request_size;
pub(crate) mod rest;
mod step;
mod throttle;
mod token_check;

pub(crate) use counters::Tally;
pub(crate) use cross_origin::kept_from_page;
pub use gateway::Gateway;
pub(crate) use reasons::Reasons;
pub(crate) use rest::validation::BodyCheck;
pub use rest::validation::check as check_body;
pub(crate) use step::{Answer, Step};
