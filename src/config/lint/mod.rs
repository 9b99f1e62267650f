//! What loads but will surprise.
//!
//! These are the mistakes that API Gateway accepts in silence and that show only when a request takes that way: a pattern that
//! matches nothing, a status that no method response declares, a template that nobody reads. A finding says what a client would
//! see, not which rule was broken. Lints see both sides, as written and as compiled, and change neither.

mod api;
mod method;
mod pattern;
mod response;
mod rules;
mod template;

pub(crate) use api::api;
pub(crate) use method::{method, templates_of_bytes};
pub use rules::{Rule, rule, rules};
