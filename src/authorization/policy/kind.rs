//! `PolicyKind`: the three places where a policy stands.

use crate::authorization::api_arn::ApiArn;

/// Where a policy stands, which says what may be in it.
#[derive(Debug, Clone, Copy)]
pub enum PolicyKind<'a> {
    /// In a Lambda authorizer's answer.
    Authorizer,
    /// On an API: says whom it is about, and may shorten ARNs to `execute-api:/stage/METHOD/path`.
    Resource(&'a ApiArn),
    /// With an IAM identity: says nothing of principals.
    Identity,
}
