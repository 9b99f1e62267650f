//! stagegate answers as Amazon API Gateway would, in front of a backend that returns Lambda-style payloads.

pub mod value;

pub mod jsonpath;
pub mod pattern;
pub mod vtl;
