//! As written → `RestApi`: parsed, resolved, checked; collects every problem and stops at none.
//!
//! Whatever a request would need is made here: patterns, templates, JSON paths and schemas are compiled once for each load, and
//! stage variables are put in. A stage with a canary is compiled twice, as its variables may lead to other backends; findings that
//! come twice count once.
//!
//! What API Gateway deploys and then answers with 500 (an unset host, Lambda called with GET) is a warning and a method that is
//! `broken`; what it refuses to import, or what cannot be meant, is an error.

mod authorizer;
mod endpoint;
mod faults;
mod http_api;
mod http_authorizer;
mod http_integration;
mod integration;
mod jwt_authorizer;
mod jwt_configuration;
mod model;
mod parameter;
mod path;
mod patterns;
mod placeholder;
mod rest_api;
mod schema;
mod stage;
mod surroundings;
mod template;
mod texts;

pub(crate) use faults::faults;
pub(crate) use path::normalize;
pub(crate) use surroundings::Surroundings;
pub(crate) use template::mapping_template;

use super::definition::written::WrittenApi;
use crate::api::Api;

/// Compiles an API of either kind. What is wrong in one method or route makes it answer 500; the others are served.
pub(crate) fn compile(written: &WrittenApi, s: &Surroundings<'_>) -> Api {
    match &written.http {
        Some(http) => Api::Http(http_api::compile(http, s)),
        None => Api::Rest(rest_api::compile(written, s)),
    }
}
