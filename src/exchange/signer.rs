//! `Signer`: who signed a request, as its key tells.

use crate::authorization::signature::AccessKey;

/// Who signed a request.
#[derive(Debug, Clone)]
pub struct Signer {
    /// `identity.accessKey`
    pub access_key: String,
    /// `identity.accountId`
    pub account_id: String,
    /// `identity.user` and `identity.caller`: its name, as nobody here knows the id that IAM gave it.
    pub user: String,
    /// `identity.userArn`
    pub user_arn: String,
}

impl Signer {
    /// Whose key it is.
    pub(crate) fn of(key: &AccessKey) -> Signer {
        let arn = key.identity.arn();
        Signer {
            access_key: key.id.clone(),
            account_id: key.identity.account().to_owned(),
            user: arn.rsplit(['/', ':']).next().unwrap_or(arn).to_owned(),
            user_arn: arn.to_owned(),
        }
    }

    /// `$context.identity.NAME`
    pub fn get(&self, name: &str) -> Option<&str> {
        Some(match name {
            "accessKey" => &self.access_key,
            "accountId" => &self.account_id,
            "user" | "caller" => &self.user,
            "userArn" => &self.user_arn,
            _ => return None,
        })
    }
}
