//! API Gateway's words on top of VTL: `$input`, `$util`, `$context`, parameter mappings.

pub mod client;
pub mod context;
pub mod document;
pub mod header;
pub mod input;
pub mod parameter;
pub mod query;
pub mod template;
pub mod time;
pub mod util;
pub mod variables;

pub use context::{Overrides, overrides};
pub use template::{Variables, render};
