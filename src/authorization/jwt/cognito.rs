//! `UserPools`: the Cognito authorizer of REST APIs: tokens of any app client of the pools.

use std::fmt::{self, Display};

use super::claims::Claims;
use super::fault::ClaimFault;
use crate::pattern::{Outcome, Pattern};

/// A `COGNITO_USER_POOLS` authorizer.
#[derive(Debug, Clone)]
pub struct UserPools {
    /// `providerARNs`
    pub pools: Vec<UserPool>,
    /// `identityValidationExpression`: here it is about `aud` (documented).
    pub expression: Option<Pattern>,
}

/// A pool, as its ARN names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPool {
    /// Its ARN.
    pub arn: String,
    /// What `iss` must be.
    pub issuer: String,
}

/// What is no ARN of a user pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAUserPool(pub String);

impl Display for NotAUserPool {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let form = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEf123";
        write!(f, "`{}` is no ARN of a user pool: expected one like `{form}`", self.0)
    }
}

impl UserPool {
    /// Reads a provider's ARN.
    pub fn from_arn(arn: &str) -> Result<UserPool, NotAUserPool> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let pool = match &parts[..] {
            &["arn", _, "cognito-idp", region, _, resource] if !region.is_empty() => {
                resource.strip_prefix("userpool/").filter(|id| !id.is_empty()).map(|id| (region, id))
            }
            _ => None,
        };
        let (region, id) = pool.ok_or_else(|| NotAUserPool(arn.to_owned()))?;
        let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
        Ok(UserPool { arn: arn.to_owned(), issuer: format!("https://cognito-idp.{region}.amazonaws.com{suffix}/{id}") })
    }
}

impl UserPools {
    /// Without scopes on the method an ID token is needed, with scopes an access token.
    pub(super) fn check(&self, claims: &Claims, scopes: &[String], now: i64) -> Result<(), ClaimFault> {
        claims.check_expiry(now)?;
        claims.check_begun("nbf", now)?;
        claims.issuer(self.pools.iter().map(|pool| pool.issuer.as_str()))?;
        let expected = if scopes.is_empty() { "id" } else { "access" };
        let found = claims.text("token_use")?.ok_or_else(|| ClaimFault::Missing("token_use".to_owned()))?;
        if found != expected {
            return Err(ClaimFault::TokenUse { found: found.to_owned(), expected });
        }
        match &self.expression {
            Some(expression) => check_expression(expression, claims),
            None => Ok(()),
        }
    }
}

/// An access token has its app client's id in `client_id`, where an ID token has it in `aud`.
fn check_expression(expression: &Pattern, claims: &Claims) -> Result<(), ClaimFault> {
    let found = match claims.text("aud")? {
        Some(audience) => audience,
        None => claims.text("client_id")?.unwrap_or_default(),
    };
    if expression.matches(found) == Outcome::Match {
        return Ok(());
    }
    Err(ClaimFault::Expression { found: found.to_owned(), expression: expression.source().to_owned() })
}
