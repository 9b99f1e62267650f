//! The API and the stage as written, and what every source of them reads in the same way.

mod api;
pub mod authorizer;
pub mod dialect;
pub mod gateway_response;
pub mod integration;
pub mod intrinsic;
mod stage;
pub mod validator;

pub use api::*;
pub use authorizer::{AuthorizerKind, Policy};
pub use stage::*;
