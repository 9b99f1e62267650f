//! stagegate answers as Amazon API Gateway would, in front of a backend that returns Lambda-style payloads.

pub mod value;

pub mod jsonpath;
pub mod log;
pub mod message;
pub mod metrics;
pub mod pattern;
pub mod vtl;

pub mod api;
pub mod config;
pub mod failure;

pub mod integration;
pub mod mapping;

pub mod gateway;

pub mod case;
pub mod server;

pub mod cli;
