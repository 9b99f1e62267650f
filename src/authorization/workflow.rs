//! What a resource policy and an authorizer say together: API Gateway's "How resource policies affect authorization workflow".

use super::policy::Outcome;

/// How far the method's own authorization went. Who was refused by it (no signature, no good token) never comes here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authorized {
    /// The method asks for nothing.
    Open,
    /// A signature was good: what the identity's own policy says.
    Iam {
        /// What it says.
        policy: Outcome,
        /// Whether the identity is of the API's own account.
        same_account: bool,
    },
    /// A Lambda authorizer answered: what its policy says.
    Lambda(Outcome),
    /// A token was good, for a user pool or a JWT authorizer.
    Token,
}

/// Whether the caller may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Allow,
    /// A statement denies it.
    ExplicitDeny(By),
    /// Nothing allows it.
    ImplicitDeny(By),
}

/// Whose word it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The API's.
    ResourcePolicy,
    /// The IAM identity's, or the Lambda authorizer's answer.
    IdentityPolicy,
}

/// Whether the resource policy refuses before a Lambda authorizer is called: only by an explicit Deny.
pub fn refused_before_authorizer(resource_policy: Option<Outcome>) -> bool {
    resource_policy == Some(Outcome::Deny)
}

/// What both say together; `None` when the API has no resource policy.
pub fn verdict(resource_policy: Option<Outcome>, authorized: Authorized) -> Verdict {
    match (authorized, resource_policy) {
        (_, Some(Outcome::Deny)) => Verdict::ExplicitDeny(By::ResourcePolicy),
        (Authorized::Iam { policy: own, .. } | Authorized::Lambda(own), _) if own == Outcome::Deny => {
            Verdict::ExplicitDeny(By::IdentityPolicy)
        }
        (Authorized::Open | Authorized::Token, None) => Verdict::Allow,
        // With a user pool the text asks for an explicit Allow, although table A reads otherwise; the text is what is seen.
        (Authorized::Open | Authorized::Token, Some(outcome)) => {
            allowed_if(outcome == Outcome::Allow, By::ResourcePolicy)
        }
        (Authorized::Iam { policy, same_account: false }, resource) => table_b(policy, resource),
        (Authorized::Iam { policy, same_account: true } | Authorized::Lambda(policy), resource) => {
            table_a(policy, resource)
        }
    }
}

/// Table A, one account: either may allow.
fn table_a(own: Outcome, resource: Option<Outcome>) -> Verdict {
    allowed_if(own == Outcome::Allow || resource == Some(Outcome::Allow), By::IdentityPolicy)
}

/// Table B, two accounts: both must allow.
fn table_b(own: Outcome, resource: Option<Outcome>) -> Verdict {
    match (own, resource) {
        (Outcome::Allow, resource) => allowed_if(resource == Some(Outcome::Allow), By::ResourcePolicy),
        _ => Verdict::ImplicitDeny(By::IdentityPolicy),
    }
}

fn allowed_if(allowed: bool, silent: By) -> Verdict {
    if allowed { Verdict::Allow } else { Verdict::ImplicitDeny(silent) }
}
