//! Signature Version 4, from the side that checks: whose signature a request bears, and whether it is good.
//!
//! ```text
//! request ─► presented (header or query form) ─► verify (scope, key, date) ─► canonical ─► HMAC ─► AccessKey or SignatureFault
//! ```
//!
//! Why our own: what there is for Rust signs, or asks for a request type of its own; the check is one page. The order of the
//! checks and their words are those of AWS's services, as far as others have written them down.

mod canonical;
mod fault;
mod key;
mod presented;
mod request;
mod verify;

pub use fault::SignatureFault;
pub use key::{AccessKey, AccessKeys, Secret};
pub use presented::malformed_header;
pub use request::{SKEW, Scope, SentRequest};
pub use verify::verify;
