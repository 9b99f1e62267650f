//! `Identity`: the IAM user or role that a signature stands for.

use std::fmt::{self, Display};

/// Who signs, as an ARN says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    arn: String,
    account: String,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Account,
    User(String),
    /// A role, or its session: then with the role's own ARN as far as the session's says it.
    Role {
        arn: String,
        name: String,
    },
    FederatedUser,
    Other,
}

/// What is no ARN of an IAM user or role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnIdentity(pub String);

impl Display for NotAnIdentity {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let forms = "`arn:aws:iam::123456789012:user/NAME` or `arn:aws:sts::123456789012:assumed-role/ROLE/SESSION`";
        write!(f, "`{}` is no ARN of a caller: expected {forms}", self.0)
    }
}

impl Identity {
    /// Reads the ARN of a caller.
    pub fn from_arn(arn: &str) -> Result<Identity, NotAnIdentity> {
        let refused = || NotAnIdentity(arn.to_owned());
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let &["arn", partition, service @ ("iam" | "sts"), "", account, resource] = &parts[..] else {
            return Err(refused());
        };
        if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) || resource.is_empty() {
            return Err(refused());
        }
        let kind = match (service, resource.split_once('/')) {
            ("iam", None) if resource == "root" => Kind::Account,
            ("iam", Some(("user", name))) => Kind::User(last_segment(name).to_owned()),
            ("sts", Some(("assumed-role", rest))) => {
                let role = rest.split_once('/').ok_or_else(refused)?.0.to_owned();
                Kind::Role { arn: format!("arn:{partition}:iam::{account}:role/{role}"), name: role }
            }
            ("iam", Some(("role", name))) => Kind::Role { arn: arn.to_owned(), name: last_segment(name).to_owned() },
            ("sts", Some(("federated-user", _))) => Kind::FederatedUser,
            _ => Kind::Other,
        };
        Ok(Identity { arn: arn.to_owned(), account: account.to_owned(), kind })
    }

    /// The caller's own ARN: `userArn`.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The caller's account: `accountId`.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// `aws:PrincipalArn`: of a role's session, the role's.
    pub(super) fn principal_arn(&self) -> &str {
        match &self.kind {
            Kind::Role { arn, .. } => arn,
            _ => &self.arn,
        }
    }

    /// `aws:PrincipalType`
    pub(super) fn principal_type(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Account => Some("Account"),
            Kind::User(_) => Some("User"),
            Kind::Role { .. } => Some("AssumedRole"),
            Kind::FederatedUser => Some("FederatedUser"),
            Kind::Other => None,
        }
    }

    /// `aws:username`: only an IAM user has one.
    pub(super) fn user_name(&self) -> Option<&str> {
        match &self.kind {
            Kind::User(name) => Some(name),
            _ => None,
        }
    }

    /// The role whose session calls.
    pub(super) fn role(&self) -> Option<&str> {
        match &self.kind {
            Kind::Role { name, .. } => Some(name),
            _ => None,
        }
    }
}

/// What stands behind a path.
pub(super) fn last_segment(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
