//! `JwtAuthorizer`: whose tokens let a caller by, as loaded; `KeySource`: where the keys are that sign them.

use std::sync::Arc;

use crate::authorization::identity_source::IdentitySource;
use crate::authorization::jwt::{Jwks, TokenAuthorizer};

/// A user pool or JWT authorizer.
#[derive(Debug, Clone)]
pub struct JwtAuthorizer {
    /// Its name in the definition.
    pub name: String,
    /// Where the token stands.
    pub source: IdentitySource,
    /// What a token must be; `Err` says why no token can be checked: whoever needs it is answered 500.
    pub tokens: Result<TokenAuthorizer, String>,
    /// Whose keys are where: an index into the API's key sources for each issuer.
    pub keys: Vec<(String, usize)>,
}

/// Where the keys of an issuer are.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// In a file, read at load.
    File {
        /// Its name.
        name: String,
        /// The keys.
        keys: Arc<Jwks>,
    },
    /// At that url.
    Url(String),
    /// Where the discovery document says that is found at an issuer's address.
    Discovery {
        /// The address.
        address: String,
        /// Whose document it may be.
        issuers: Vec<String>,
    },
}

impl KeySource {
    /// Whether what was fetched from one is what would be fetched from the other.
    pub(crate) fn is_same_place(&self, other: &KeySource) -> bool {
        match (self, other) {
            (KeySource::Url(own), KeySource::Url(other)) => own == other,
            (
                KeySource::Discovery { address: own, issuers: own_issuers },
                KeySource::Discovery { address, issuers },
            ) => own == address && own_issuers == issuers,
            _ => false,
        }
    }
}
