//! The API and the stage as written, and what every source of them reads in the same way.
//!
//! These types keep what a finding needs (places, the author's own spelling) and resolve nothing: which function a uri means, what
//! a template parses to and whether a status is declared is `compile`'s to say, once for all sources.

mod api;
pub(crate) mod authorizer;
pub(crate) mod dialect;
pub(crate) mod fill;
pub(crate) mod gateway_response;
pub(crate) mod http_api;
pub(crate) mod integration;
pub(crate) mod intrinsic;
mod keys;
mod stage;
mod text;
pub(crate) mod validator;

pub(crate) use api::*;
pub(crate) use authorizer::{AuthorizerKind, Policy};
pub(crate) use http_api::HttpRoute;
pub(crate) use keys::*;
pub(crate) use stage::*;
pub(crate) use text::Text;
