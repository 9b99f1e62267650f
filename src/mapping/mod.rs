//! API Gateway's words on top of VTL: `$input`, `$util`, `$context`, parameter mappings.

pub mod exchange;
pub mod header;
pub mod trace;
