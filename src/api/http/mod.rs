//! What an HTTP API has that a REST API has not: payload formats, CORS, mappings that append and overwrite, first-class
//! integrations.
//!
//! Values of a request are named by [`Expression`]s, in mappings and in parameters of first-class integrations alike.

mod authorizer;
mod cors;
mod expression;
mod mapping;
mod payload_format;
mod service_integration;

pub(crate) use authorizer::HttpLambdaAuthorizer;
pub(crate) use cors::Cors;
pub(crate) use expression::{Expression, Piece, ValueSource};
pub(crate) use mapping::{Action, Mapping, MappingFault, Target, status_code};
pub(crate) use payload_format::PayloadFormat;
pub(crate) use service_integration::{ServiceIntegration, Subtype};
