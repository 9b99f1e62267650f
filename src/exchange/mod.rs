//! One request in flight, as facts: what came in, what it matched, what was decided, what was sent and what came back.
//!
//! Nothing here is a sentence. The execution log, the access log, the inspector and `explain` each word these facts by
//! themselves, so that a request that nobody looks at pays for no text.

pub mod call;
pub mod decisions;
#[allow(clippy::module_inception)]
pub mod exchange;
pub mod ids;
pub mod masking;
pub mod sample;
