//! What loads but will surprise.
//!
//! These are the mistakes that API Gateway accepts in silence and that show only when a request takes that way: a pattern that
//! matches nothing, a status that no method response declares, a template that nobody reads. A finding says what a client would
//! see, not which rule was broken. Lints see both sides, as written and as compiled, and change neither.

mod access_log;
mod api;
mod body;
mod condition;
mod escaping;
mod gateway_response;
mod http_api;
mod http_protection;
mod method;
mod names;
mod pattern;
mod policy;
mod probe;
mod protection;
mod quiet;
mod reference;
mod response;
mod route;
mod rules;
mod template;

pub(crate) use access_log::access_log;
pub(crate) use api::api;
pub(crate) use gateway_response::gateway_response;
pub(crate) use http_api::http_api;
pub(crate) use method::{method, templates_of_bytes};
pub(crate) use probe::Probes;
pub(crate) use protection::protection;
pub(crate) use route::routes;
pub use rules::{Rule, rule, rules};
