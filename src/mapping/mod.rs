//! API Gateway's words on top of VTL: `$input`, `$util`, `$context`, parameter mappings.

pub mod exchange;
pub mod header;
pub mod query;
pub mod time;
pub mod trace;
