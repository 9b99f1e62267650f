//! What loads but will surprise.

mod method;
mod pattern;
mod template;

pub use method::{api, method, templates_of_bytes};
