//! An API as loaded: compiled, immutable, inert (no IO, no request in sight).
//!
//! Whatever depends on the definition alone is resolved before it comes here, so that a request finds patterns, templates and
//! addresses ready. Types and names are API Gateway's own.

mod authorizer;
mod either;
mod gateway_response;
pub(crate) mod http;
mod http_api;
mod http_method;
mod integration;
mod jwt_authorizer;
mod media_type;
mod method;
mod parameter;
mod rest_api;
mod schema;
mod secret;
mod stage;
mod usage_plan;

pub(crate) use authorizer::*;
pub use either::*;
pub(crate) use gateway_response::*;
pub use http_api::*;
pub(crate) use http_method::*;
pub use integration::*;
pub(crate) use jwt_authorizer::*;
pub(crate) use media_type::*;
pub(crate) use method::*;
pub(crate) use parameter::*;
pub use rest_api::*;
pub(crate) use schema::*;
pub(crate) use secret::*;
pub use stage::*;
pub(crate) use usage_plan::*;
