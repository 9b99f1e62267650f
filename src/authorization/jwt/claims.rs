//! The checks that several kinds of authorizers make of a token's claims.

use serde_json::{Map, Value};

use super::fault::ClaimFault;

/// A token's claims.
pub(super) struct Claims<'t>(pub(super) &'t Map<String, Value>);

impl<'t> Claims<'t> {
    /// A claim that is a text.
    pub(super) fn text(&self, name: &str) -> Result<Option<&'t str>, ClaimFault> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ClaimFault::Malformed(name.to_owned())),
        }
    }

    /// A claim that is a text or a list of texts.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<&'t str>>, ClaimFault> {
        match self.0.get(name) {
            Some(Value::Array(list)) => {
                let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
                texts.map(Some).ok_or_else(|| ClaimFault::Malformed(name.to_owned()))
            }
            _ => Ok(self.text(name)?.map(|text| vec![text])),
        }
    }

    /// A moment, in seconds since 1970, rounded down.
    fn moment(&self, name: &str) -> Result<Option<i64>, ClaimFault> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
                (Some(seconds), _) => Ok(Some(seconds)),
                (None, Some(seconds)) => Ok(Some(seconds.floor() as i64)),
                _ => Err(ClaimFault::Malformed(name.to_owned())),
            },
            Some(_) => Err(ClaimFault::Malformed(name.to_owned())),
        }
    }

    /// `exp` must be there and to come.
    pub(super) fn check_expiry(&self, now: i64) -> Result<(), ClaimFault> {
        let expires = self.moment("exp")?.ok_or_else(|| ClaimFault::Missing("exp".to_owned()))?;
        if expires <= now { Err(ClaimFault::Expired { expires, now }) } else { Ok(()) }
    }

    /// `nbf` or `iat` must not be to come.
    pub(super) fn check_begun(&self, claim: &'static str, now: i64) -> Result<(), ClaimFault> {
        match self.moment(claim)? {
            Some(from) if from > now => Err(ClaimFault::NotYet { claim, from, now }),
            _ => Ok(()),
        }
    }

    /// The issuer, one of those.
    pub(super) fn issuer<'e>(&self, expected: impl Iterator<Item = &'e str> + Clone) -> Result<&'e str, ClaimFault> {
        let found = self.text("iss")?.ok_or_else(|| ClaimFault::Missing("iss".to_owned()))?;
        expected.clone().find(|issuer| *issuer == found).ok_or_else(|| ClaimFault::Issuer {
            found: found.to_owned(),
            expected: expected.map(str::to_owned).collect(),
        })
    }

    /// The claim must have one of those values.
    pub(super) fn check_audience(&self, claim: &'static str, expected: &[String]) -> Result<(), ClaimFault> {
        let found = self.texts(claim)?.ok_or_else(|| ClaimFault::Missing(claim.to_owned()))?;
        if found.iter().any(|audience| expected.iter().any(|own| own == audience)) {
            return Ok(());
        }
        let found = found.into_iter().map(str::to_owned).collect();
        Err(ClaimFault::Audience { claim, found, expected: expected.to_vec() })
    }

    /// The scopes of `scope` and `scp`: words, or a list of them.
    pub(super) fn scopes(&self) -> Result<Vec<String>, ClaimFault> {
        let mut scopes = Vec::new();
        for name in ["scope", "scp"] {
            let texts = self.texts(name)?.unwrap_or_default();
            scopes.extend(texts.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned));
        }
        Ok(scopes)
    }

    /// The scopes of `scp`, or without that claim those of `scope` (fact `jwt-scopes`).
    pub(super) fn preferred_scopes(&self) -> Result<Vec<String>, ClaimFault> {
        let texts = match self.texts("scp")? {
            Some(texts) => texts,
            None => self.texts("scope")?.unwrap_or_default(),
        };
        Ok(texts.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect())
    }

    /// One of the method's scopes must be among the token's, when the method has any.
    pub(super) fn check_scopes(&self, needed: &[String]) -> Result<Vec<String>, ClaimFault> {
        let found = self.scopes()?;
        if needed.is_empty() || needed.iter().any(|scope| found.contains(scope)) {
            return Ok(found);
        }
        Err(ClaimFault::Scope { found, expected: needed.to_vec() })
    }
}
