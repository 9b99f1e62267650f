//! One request in flight, as facts: what came in, what it matched, what was decided, what was sent and what came back.
//!
//! Nothing here is a sentence. The execution log, the access log, the inspector and `explain` each word these facts by
//! themselves, so that a request that nobody looks at pays for no text.

pub(crate) mod call;
pub(crate) mod caller;
pub(crate) mod client_address;
pub(crate) mod decisions;
#[allow(clippy::module_inception)]
pub(crate) mod exchange;
pub(crate) mod fault;
pub(crate) mod http_caller;
pub(crate) mod ids;
pub(crate) mod masking;
pub(crate) mod query;
pub(crate) mod sample;
pub(crate) mod signer;
