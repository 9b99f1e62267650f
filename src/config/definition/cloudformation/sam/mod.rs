//! What AWS's SAM translator makes of `AWS::Serverless::Api` and of the events of functions and state machines: a Swagger
//! document, edited step by step in the translator's own order, as that order decides what the result is.

mod api;
mod auth;
mod cors;
mod document;
mod event;
mod http_api;
mod integration;
mod policy;
mod request;

pub(crate) use api::expand;
pub(crate) use event::{IMPLICIT, IMPLICIT_HTTP, events};
pub(crate) use http_api::expand_http;
