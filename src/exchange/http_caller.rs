//! `HttpCaller`: who calls an HTTP API, as far as the route's authorizer told.

use serde_json::Value;

use super::signer::Signer;

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

impl HttpCaller {
    /// `$context.authorizer.NAME` as text: `claims.sub`, a value of a Lambda authorizer's context.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        match self {
            HttpCaller::Jwt { claims, .. } => {
                let name = name.strip_prefix("claims.")?;
                claims.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
            }
            HttpCaller::Lambda { principal_id: Some(principal), .. } if name == "principalId" => {
                Some(principal.clone())
            }
            HttpCaller::Lambda { context, .. } => match &context.iter().find(|(own, _)| own == name)?.1 {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                other => Some(other.to_string()),
            },
            HttpCaller::Iam(_) => None,
        }
    }
}
