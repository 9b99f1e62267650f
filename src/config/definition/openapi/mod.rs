//! An OpenAPI 3 or Swagger 2 document with API Gateway's extensions, told as if it were native.

mod operation;
mod pointer;
mod root;
mod schema;
mod security;

pub use root::read;
pub use schema::schema;
