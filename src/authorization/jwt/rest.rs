//! `RestJwt`: the JWT authorizer of REST APIs (2026): several issuers, claims of the definition, RSA and elliptic keys.

use super::algorithm::Algorithm;
use super::claims::Claims;
use super::fault::ClaimFault;

/// A REST API's JWT authorizer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestJwt {
    /// Whose tokens it takes.
    pub issuers: Vec<RestIssuer>,
    /// `defaultAlgorithms`
    pub algorithms: Vec<Algorithm>,
}

/// One of its issuers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestIssuer {
    /// What `iss` must be, exactly.
    pub issuer: String,
    /// Of which `aud` must have one; here `client_id` does not stand in for it.
    pub audiences: Vec<String>,
    /// What else its tokens must say.
    pub additional_claims: Vec<AdditionalClaim>,
}

/// `additionalClaims[]`: a claim that is a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdditionalClaim {
    /// Its name.
    pub name: String,
    /// Whether it must be there.
    pub required: bool,
    /// What it may be; anything when empty.
    pub expected_values: Vec<String>,
}

impl RestJwt {
    pub(super) fn check(&self, claims: &Claims, now: i64) -> Result<(), ClaimFault> {
        claims.check_expiry(now)?;
        claims.check_begun("nbf", now)?;
        claims.check_begun("iat", now)?;
        let issuer = claims.issuer(self.issuers.iter().map(|issuer| issuer.issuer.as_str()))?;
        // Two entries may have one issuer: any of them will do, and the first says why not.
        let mut entries = self.issuers.iter().filter(|entry| entry.issuer == issuer).map(|entry| entry.check(claims));
        let first = entries.next().unwrap_or(Ok(()));
        if first.is_ok() || entries.any(|checked| checked.is_ok()) { Ok(()) } else { first }
    }
}

impl RestIssuer {
    fn check(&self, claims: &Claims) -> Result<(), ClaimFault> {
        claims.check_audience("aud", &self.audiences)?;
        self.additional_claims.iter().try_for_each(|claim| claim.check(claims))
    }
}

impl AdditionalClaim {
    fn check(&self, claims: &Claims) -> Result<(), ClaimFault> {
        match claims.text(&self.name)? {
            None if self.required => Err(ClaimFault::Missing(self.name.clone())),
            Some(found) if !self.expected_values.is_empty() && !self.expected_values.iter().any(|own| own == found) => {
                Err(ClaimFault::Value {
                    claim: self.name.clone(),
                    found: found.to_owned(),
                    expected: self.expected_values.clone(),
                })
            }
            _ => Ok(()),
        }
    }
}
