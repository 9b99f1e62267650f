//! An OpenAPI 3 or Swagger 2 document with API Gateway's extensions, told as if it were native.
//!
//! Lenient, as an import by API Gateway is: it takes the keys of an integration in any letter case, leaves out what it does not
//! understand, and imports the rest. So nearly all findings here are warnings or notes. Why no OpenAPI library: the meaning is in the
//! `x-amazon-apigateway-` extensions, and documents that API Gateway imports are often not valid OpenAPI.

mod http_api;
mod operation;
mod pointer;
mod root;
mod schema;
mod security;

pub(crate) use http_api::{is_http_api, read_http_api};
pub(crate) use root::read;
pub(crate) use schema::schema;
