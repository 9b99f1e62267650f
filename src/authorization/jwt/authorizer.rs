//! `TokenAuthorizer`: the three kinds of authorizers that take tokens, asked in one way.

use std::time::SystemTime;

use serde_json::Value;

use super::algorithm::Algorithm;
use super::claims::Claims;
use super::cognito::UserPools;
use super::fault::{ClaimFault, JwtFault};
use super::http::HttpJwt;
use super::jwks::Jwks;
use super::rest::RestJwt;
use super::strings;
use super::token::Token;
use crate::authorization::calendar;

/// An authorizer that takes tokens.
#[derive(Debug, Clone)]
pub enum TokenAuthorizer {
    /// An HTTP API's `jwt`.
    Http(HttpJwt),
    /// A REST API's `JWT`.
    Rest(RestJwt),
    /// A REST API's `COGNITO_USER_POOLS`.
    Cognito(UserPools),
}

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// Its claims, as the API's kind prints them, in the token's order.
    pub claims: Vec<(String, String)>,
    /// Its scopes.
    pub scopes: Vec<String>,
}

impl TokenAuthorizer {
    /// Whose tokens it takes.
    pub fn issuers(&self) -> Vec<&str> {
        match self {
            TokenAuthorizer::Http(authorizer) => vec![&authorizer.issuer],
            TokenAuthorizer::Rest(authorizer) => authorizer.issuers.iter().map(|one| one.issuer.as_str()).collect(),
            TokenAuthorizer::Cognito(authorizer) => authorizer.pools.iter().map(|one| one.issuer.as_str()).collect(),
        }
    }

    /// Whose keys must have signed the token.
    pub fn issuer(&self, token: &Token) -> Result<&str, ClaimFault> {
        let claims = Claims(&token.claims);
        match self {
            TokenAuthorizer::Http(authorizer) => Ok(&authorizer.issuer),
            TokenAuthorizer::Rest(authorizer) => {
                claims.issuer(authorizer.issuers.iter().map(|issuer| issuer.issuer.as_str()))
            }
            TokenAuthorizer::Cognito(authorizer) => {
                claims.issuer(authorizer.pools.iter().map(|pool| pool.issuer.as_str()))
            }
        }
    }

    /// Whether the token is good: signed by one of its issuer's keys, and saying what is asked for. `scopes` are the
    /// method's.
    pub fn admit(&self, token: &Token, keys: &Jwks, scopes: &[String], now: SystemTime) -> Result<Admitted, JwtFault> {
        let now = calendar::epoch(now);
        keys.verify(token, self.algorithms())?;
        let claims = Claims(&token.claims);
        match self {
            TokenAuthorizer::Http(authorizer) => authorizer.check(&claims, now)?,
            TokenAuthorizer::Rest(authorizer) => authorizer.check(&claims, now)?,
            TokenAuthorizer::Cognito(authorizer) => authorizer.check(&claims, scopes, now)?,
        }
        let mut scopes = claims.check_scopes(scopes)?;
        let mut printed: Vec<&String> = token.claims.keys().collect();
        if let TokenAuthorizer::Http(_) = self {
            scopes = claims.preferred_scopes()?;
            printed.retain(|name| !token.claims[*name].is_null());
        }
        let claims = printed.into_iter().map(|name| (name.clone(), self.print(name, &token.claims[name]))).collect();
        Ok(Admitted { claims, scopes })
    }

    fn algorithms(&self) -> &[Algorithm] {
        match self {
            TokenAuthorizer::Http(_) => &Algorithm::RSA,
            TokenAuthorizer::Rest(authorizer) => &authorizer.algorithms,
            TokenAuthorizer::Cognito(_) => &[Algorithm::Rs256],
        }
    }

    fn print(&self, name: &str, value: &Value) -> String {
        match self {
            TokenAuthorizer::Http(_) => strings::http(value),
            TokenAuthorizer::Rest(_) => strings::rest(value),
            TokenAuthorizer::Cognito(_) => strings::cognito(name, value),
        }
    }
}
