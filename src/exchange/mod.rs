//! One request in flight: what came in, what it matched, what was sent and what came back.

pub mod call;
#[allow(clippy::module_inception)]
pub mod exchange;
pub mod ids;
pub mod trace;
