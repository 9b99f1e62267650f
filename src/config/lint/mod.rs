//! What loads but will surprise.

mod api;
mod method;
mod pattern;
mod response;
mod template;

pub use api::api;
pub use method::{method, templates_of_bytes};
