//! Definitions: from whatever source, each becomes the API and the stage as written.

mod cloudformation;
mod kind;
mod native;
mod openapi;
mod section;
mod source;
mod stage;
mod throttle;
mod usage_plan;
pub mod written;

pub use section::read;
pub use usage_plan::check_keys;
