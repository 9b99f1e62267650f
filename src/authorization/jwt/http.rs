//! `HttpJwt`: the JWT authorizer of HTTP APIs: one issuer, RSA only.

use super::claims::Claims;
use super::fault::ClaimFault;

/// An HTTP API's JWT authorizer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpJwt {
    /// Of which `iss` must be one: the definition's, and the one under which it is reached here.
    pub issuers: Vec<String>,
    /// Of which `aud`, or without one `client_id`, must be one.
    pub audience: Vec<String>,
}

impl HttpJwt {
    /// `nbf` and `iat` only when they are there: Cognito's tokens have no `nbf`.
    pub(super) fn check(&self, claims: &Claims, now: i64) -> Result<(), ClaimFault> {
        claims.check_expiry(now)?;
        claims.check_begun("nbf", now)?;
        claims.check_begun("iat", now)?;
        claims.issuer(self.issuers.iter().map(String::as_str))?;
        let claim = match claims.texts("aud")? {
            None if claims.text("client_id")?.is_some() => "client_id",
            _ => "aud",
        };
        claims.check_audience(claim, &self.audience)
    }
}
