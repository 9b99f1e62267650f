//! The life of one request: [`gateway`] has its steps in order, each other file is one of them.

mod base64;
pub mod compression;
mod counters;
mod deployment;
#[allow(clippy::module_inception)]
pub mod gateway;
mod ids;
mod json_scanner;
mod log;
pub mod rest;
pub mod router;
mod throttle;

pub use gateway::{Gateway, Limits};
