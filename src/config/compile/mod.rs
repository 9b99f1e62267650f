//! As written → `RestApi`: parsed, resolved, checked; collects every problem and stops at none.

mod endpoint;
mod integration;
mod model;
mod parameter;
mod path;
mod rest_api;
mod surroundings;
mod template;

pub use rest_api::compile;
pub use surroundings::Surroundings;
