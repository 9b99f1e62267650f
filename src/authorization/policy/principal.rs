//! `Principals`: whom a statement of a resource policy is about.

use serde_json::Value;

use super::error::{Fault, PolicyError};
use super::values::text_list;
use crate::authorization::identity::{Identity, last_segment};

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone)]
pub(super) struct Principals {
    negated: bool,
    listed: Vec<Principal>,
}

#[derive(Debug, Clone)]
enum Principal {
    /// `*`: also who does not say who they are.
    Everyone,
    /// Everyone in that account.
    Account(Box<str>),
    /// A role: whoever has taken it.
    Role { account: Box<str>, name: Box<str> },
    /// That user, that session.
    Arn(Box<str>),
    /// A service or an identity provider: nobody who calls an API.
    Elsewhere,
}

impl Principals {
    pub(super) fn read(value: &Value, negated: bool, place: &str) -> Result<Principals, PolicyError> {
        let mut listed = Vec::new();
        match value {
            Value::String(all) if all == "*" => listed.push(Principal::Everyone),
            Value::Object(kinds) => {
                for (kind, names) in kinds {
                    let place = format!("{place}.{kind}");
                    for name in text_list(names, &place)? {
                        listed.push(principal(kind, name, &place)?);
                    }
                }
            }
            _ => return Err(PolicyError::new(place, Fault::Expected("`*` or an object"))),
        }
        if listed.is_empty() {
            return Err(PolicyError::new(place, Fault::Empty));
        }
        Ok(Principals { negated, listed })
    }

    /// Whether the statement is about that caller; without a signature nobody says who they are.
    pub(super) fn include(&self, caller: Option<&Identity>) -> bool {
        self.listed.iter().any(|principal| principal.is(caller)) != self.negated
    }
}

fn principal(kind: &str, name: &str, place: &str) -> Result<Principal, PolicyError> {
    match kind {
        "AWS" => aws(name).ok_or_else(|| PolicyError::new(place, Fault::Principal(name.to_owned()))),
        "Service" | "Federated" | "CanonicalUser" => Ok(Principal::Elsewhere),
        _ => Err(PolicyError::new(place, Fault::UnknownElement)),
    }
}

/// An account's number, the ARN of an account's root, a role, or whoever that is.
fn aws(name: &str) -> Option<Principal> {
    if name == "*" {
        return Some(Principal::Everyone);
    }
    if name.len() == 12 && name.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Principal::Account(name.into()));
    }
    // Who was deleted stands here with an id instead of an ARN: it matches nobody.
    if !name.starts_with("arn:") {
        return name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric())
            .then_some(Principal::Elsewhere)
            .filter(|_| !name.is_empty());
    }
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    let &["arn", _, "iam" | "sts", "", account, resource] = &parts[..] else { return None };
    Some(match resource.split_once('/') {
        None if resource == "root" => Principal::Account(account.into()),
        Some(("role", role)) => Principal::Role { account: account.into(), name: last_segment(role).into() },
        _ => Principal::Arn(name.into()),
    })
}

impl Principal {
    fn is(&self, caller: Option<&Identity>) -> bool {
        match (self, caller) {
            (Principal::Everyone, _) => true,
            (_, None) | (Principal::Elsewhere, _) => false,
            (Principal::Account(account), Some(caller)) => caller.account() == &**account,
            (Principal::Arn(arn), Some(caller)) => caller.arn() == &**arn,
            // A session's ARN does not have its role's path.
            (Principal::Role { account, name }, Some(caller)) => {
                caller.account() == &**account && caller.role() == Some(name)
            }
        }
    }
}
