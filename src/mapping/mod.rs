//! API Gateway's words on top of VTL: `$input`, `$util`, `$context`, parameter mappings.

pub mod client;
pub mod document;
pub mod exchange;
pub mod header;
pub mod parameter;
pub mod query;
pub mod time;
pub mod trace;
pub mod variables;
