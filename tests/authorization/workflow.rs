//! Tables A and B of "How API Gateway resource policies affect authorization workflow", and what stands around them.

use stagegate::authorization::policy::Outcome::{self, Allow, Deny, Neither};
use stagegate::authorization::workflow::{Authorized, By, Verdict, refused_before_authorizer, verdict};

const EXPLICIT: &str = "explicit deny";
const IMPLICIT: &str = "implicit deny";

fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allow",
        Verdict::ExplicitDeny(_) => EXPLICIT,
        Verdict::ImplicitDeny(_) => IMPLICIT,
    }
}

/// The identity's or authorizer's policy, the resource policy, table A (one account), table B (two accounts).
const TABLES: [(Outcome, Outcome, &str, &str); 9] = [
    (Allow, Allow, "allow", "allow"),
    (Allow, Neither, "allow", IMPLICIT),
    (Allow, Deny, EXPLICIT, EXPLICIT),
    (Neither, Allow, "allow", IMPLICIT),
    (Neither, Neither, IMPLICIT, IMPLICIT),
    (Neither, Deny, EXPLICIT, EXPLICIT),
    (Deny, Allow, EXPLICIT, EXPLICIT),
    (Deny, Neither, EXPLICIT, EXPLICIT),
    (Deny, Deny, EXPLICIT, EXPLICIT),
];

#[test]
fn tables_a_and_b() {
    for (own, resource, a, b) in TABLES {
        let iam = |same_account| verdict(Some(resource), Authorized::Iam { policy: own, same_account });
        assert_eq!(words(iam(true)), a, "A: {own:?} {resource:?}");
        assert_eq!(words(verdict(Some(resource), Authorized::Lambda(own))), a, "A, Lambda: {own:?} {resource:?}");
        assert_eq!(words(iam(false)), b, "B: {own:?} {resource:?}");
    }
}

/// Without authorization, and behind a token, a resource policy must allow by itself.
#[test]
fn a_resource_policy_alone_must_allow() {
    for authorized in [Authorized::Open, Authorized::Token] {
        assert_eq!(verdict(None, authorized), Verdict::Allow);
        assert_eq!(verdict(Some(Allow), authorized), Verdict::Allow);
        assert_eq!(verdict(Some(Neither), authorized), Verdict::ImplicitDeny(By::ResourcePolicy));
        assert_eq!(verdict(Some(Deny), authorized), Verdict::ExplicitDeny(By::ResourcePolicy));
    }
}

#[test]
fn without_a_resource_policy_the_other_decides() {
    for (own, expected) in [
        (Allow, Verdict::Allow),
        (Neither, Verdict::ImplicitDeny(By::IdentityPolicy)),
        (Deny, Verdict::ExplicitDeny(By::IdentityPolicy)),
    ] {
        assert_eq!(verdict(None, Authorized::Lambda(own)), expected);
        assert_eq!(verdict(None, Authorized::Iam { policy: own, same_account: true }), expected);
    }
    let stranger = Authorized::Iam { policy: Allow, same_account: false };
    assert_eq!(verdict(None, stranger), Verdict::ImplicitDeny(By::ResourcePolicy));
}

#[test]
fn the_refusal_says_whose_it_is() {
    let lambda = |own| Authorized::Lambda(own);
    assert_eq!(verdict(Some(Deny), lambda(Deny)), Verdict::ExplicitDeny(By::ResourcePolicy));
    assert_eq!(verdict(Some(Allow), lambda(Deny)), Verdict::ExplicitDeny(By::IdentityPolicy));
    assert_eq!(verdict(Some(Neither), lambda(Neither)), Verdict::ImplicitDeny(By::IdentityPolicy));
    let stranger = |own| Authorized::Iam { policy: own, same_account: false };
    assert_eq!(verdict(Some(Neither), stranger(Allow)), Verdict::ImplicitDeny(By::ResourcePolicy));
    assert_eq!(verdict(Some(Allow), stranger(Neither)), Verdict::ImplicitDeny(By::IdentityPolicy));
}

/// Only an explicit Deny counts before a Lambda authorizer is called.
#[test]
fn before_a_lambda_authorizer_only_a_deny_counts() {
    let refused = [None, Some(Allow), Some(Neither), Some(Deny)].map(refused_before_authorizer);
    assert_eq!(refused, [false, false, false, true]);
}
