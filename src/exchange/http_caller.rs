//! `HttpCaller`: who calls an HTTP API, as far as the route's authorizer told.

use serde_json::Value;

use super::caller::Signer;

/// `requestContext.authorizer`; a route without an authorizer has none.
#[derive(Debug, Clone)]
pub(crate) enum HttpCaller {
    /// A JWT authorizer took a token.
    Jwt {
        /// Its claims: texts, in the token's order.
        claims: Vec<(String, String)>,
        /// All scopes of the token; `None` for a route that asks for none (fact `jwt-scopes`).
        scopes: Option<Vec<String>>,
    },
    /// A Lambda authorizer's `context`, its values as they are.
    Lambda {
        /// `principalId` of a policy answer.
        principal_id: Option<String>,
        /// `context`
        context: Vec<(String, Value)>,
    },
    /// Somebody signed.
    Iam(Signer),
}
