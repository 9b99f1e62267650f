//! The API and the stage as written, and what every source of them reads in the same way.
//!
//! These types keep what a finding needs (places, the author's own spelling) and resolve nothing: which function a uri means, what
//! a template parses to and whether a status is declared is `compile`'s to say, once for all sources.

mod api;
pub mod authorizer;
pub mod dialect;
pub mod fill;
pub mod gateway_response;
pub mod integration;
pub mod intrinsic;
mod stage;
pub(crate) mod validator;

pub use api::*;
pub use authorizer::{AuthorizerKind, Policy};
pub use stage::*;
