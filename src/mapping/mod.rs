//! API Gateway's words on top of VTL: `$input`, `$util`, `$context`, parameter mappings.

pub(crate) mod client;
pub(crate) mod context;
pub(crate) mod document;
pub(crate) mod header;
pub(crate) mod http_variables;
pub(crate) mod input;
pub(crate) mod parameter;
pub(crate) mod phases;
pub(crate) mod template;
pub(crate) mod time;
pub(crate) mod util;
pub(crate) mod variables;

pub(crate) use client::shown_name;
pub(crate) use context::overrides;
pub use input::Parameters;
pub(crate) use template::render_noted;
pub use template::{Variables, render};
