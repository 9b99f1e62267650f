//! The life of one request: [`gateway`] has its steps in order, each other file is one of them.
//!
//! What every kind of API needs stands here; how a REST API reads a request and says an answer is in [`rest`].

pub mod compression;
mod counters;
mod deployment;
#[allow(clippy::module_inception)]
pub mod gateway;
mod json_scanner;
mod json_string;
mod request_size;
pub mod rest;
pub mod router;
mod throttle;

pub use counters::Tally;
pub use gateway::{Answer, Gateway, Step};
