//! `AccessKey`: a key that callers sign with, and whose it is.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use ring::hmac;

use crate::authorization::identity::Identity;
use crate::authorization::policy::Policy;

/// A text that is never printed.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes it in.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// Compares in a time that does not tell where the texts differ.
    pub(super) fn is(&self, other: &str) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"session token");
        hmac::verify(&key, other.as_bytes(), hmac::sign(&key, self.0.as_bytes()).as_ref()).is_ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A key that callers sign with.
#[derive(Debug, Clone)]
pub struct AccessKey {
    /// Its id: `AKIA…`.
    pub id: String,
    /// Its secret.
    pub secret: Secret,
    /// Whose it is.
    pub identity: Identity,
    /// The identity's own policy.
    pub policy: Option<Policy>,
    /// What must come along with a temporary key.
    pub session_token: Option<Secret>,
    /// Until when a temporary key is good.
    pub expires: Option<SystemTime>,
}

/// Every key, by its id.
#[derive(Debug, Clone, Default)]
pub struct AccessKeys(BTreeMap<String, AccessKey>);

impl AccessKeys {
    /// The key with that id.
    pub fn get(&self, id: &str) -> Option<&AccessKey> {
        self.0.get(id)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<AccessKey> for AccessKeys {
    fn from_iter<I: IntoIterator<Item = AccessKey>>(keys: I) -> AccessKeys {
        AccessKeys(keys.into_iter().map(|key| (key.id.clone(), key)).collect())
    }
}
