//! `HttpLambdaAuthorizer`: a function that says who may call an HTTP API's routes.

use std::time::Duration;

use super::payload_format::PayloadFormat;
use crate::api::integration::FunctionRef;
use crate::authorization::identity_source::IdentitySource;

/// A Lambda authorizer, ready to be asked.
#[derive(Debug, Clone)]
pub(crate) struct HttpLambdaAuthorizer {
    /// Its name in the definition.
    pub name: String,
    /// Which values of a request must be there, and identify its caller.
    pub sources: Vec<IdentitySource>,
    /// The function; `Err` says why it cannot be called: whoever needs it is answered 500.
    pub function: Result<FunctionRef, String>,
    /// `authorizerPayloadFormatVersion`
    pub format: PayloadFormat,
    /// `enableSimpleResponses`, which only format 2.0 has.
    pub simple: bool,
    /// How long an answer counts; zero: for its own request only.
    pub ttl: Duration,
    /// How long the function may take.
    pub timeout: Duration,
}

impl HttpLambdaAuthorizer {
    /// Whether an answer is one word for every route, not a policy.
    pub(crate) fn answers_simply(&self) -> bool {
        self.simple && self.format == PayloadFormat::V2
    }

    /// Whether answers are kept: without anything that tells callers apart one would count for all of them (documented).
    pub(crate) fn keeps_answers(&self) -> bool {
        !self.ttl.is_zero() && !self.sources.is_empty()
    }

    /// Whether one answer counts for all routes that a caller asks for.
    pub(crate) fn shares_answers_between_routes(&self) -> bool {
        let is_route = |source: &IdentitySource| matches!(source, IdentitySource::Context(name) if name == "routeKey");
        self.keeps_answers() && !self.sources.iter().any(is_route)
    }
}
