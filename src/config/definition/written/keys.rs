//! Where the keys of user pools and JWT authorizers are, as the configuration says: `authorizers.NAME`.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::authorization::jwt::Jwks;
use crate::config::document::Place;

/// What the configuration says of an authorizer, or of one of its issuers.
#[derive(Debug)]
pub(crate) struct WrittenKeys {
    /// Where it stands.
    pub place: Place,
    /// `jwks`
    pub jwks: Option<WrittenJwks>,
    /// `issuer`: what tokens may name beside the definition's, and where without `jwks` keys are discovered.
    pub issuer: Option<String>,
    /// `issuers`: the same for single ones of the definition's.
    pub issuers: IndexMap<String, WrittenKeys>,
}

/// `jwks`
#[derive(Debug)]
pub(crate) enum WrittenJwks {
    /// A file's name; without keys when it cannot be read, which is told.
    File(String, Option<Arc<Jwks>>),
    /// Where it is fetched.
    Url(String),
}

impl WrittenKeys {
    /// What is said of that issuer.
    pub(crate) fn of(&self, issuer: &str) -> &WrittenKeys {
        self.issuers.get(issuer).unwrap_or(self)
    }
}
