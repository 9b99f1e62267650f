//! `AWS_IAM`: whose signature the request bears, and what policies say of that identity.

use super::access::{self, note};
use crate::api::{Compat, RestApi};
use crate::authorization::masked;
use crate::authorization::policy::{Outcome, RequestFacts};
use crate::authorization::signature::{AccessKey, Scope, SentRequest, SignatureFault, verify};
use crate::authorization::workflow::{Authorized, By, Verdict, verdict};
use crate::exchange::exchange::Exchange;
use crate::exchange::signer::Signer;
use crate::failure::Failure;

/// Lets a caller by whose signature is good and whom the policies allow.
pub(crate) fn check(api: &RestApi, exchange: &mut Exchange) -> Result<(), Failure> {
    let request = &exchange.request;
    let sent = SentRequest {
        method: exchange.sent_method.as_deref().unwrap_or(&request.method),
        path: &request.path,
        query: request.query.as_deref(),
        headers: &request.headers,
        body: &request.body,
    };
    let scope = Scope { region: &api.region, service: "execute-api" };
    let key = verify(&sent, &api.access_keys, scope, request.time).map_err(|fault| match fault {
        SignatureFault::Missing => Failure::Unsigned { signature: None },
        fault => Failure::Signature(fault),
    })?;
    let arn = access::method_arn(api, exchange)?;
    let resource_policy = access::resource_policy(api, exchange, Some(&key.identity), &arn);
    exchange.decisions.resource_policy = resource_policy;
    let policy = own_policy(api, key, exchange, &arn);
    exchange.caller.signer = Some(Signer::of(key).into());
    let same_account = key.identity.account() == api.account_id;
    match verdict(resource_policy, Authorized::Iam { policy, same_account }) {
        Verdict::Allow => Ok(()),
        refused => Err(Failure::AccessDenied(refusal(api.compat, refused, key, &arn))),
    }
}

/// What the identity's own policy says; a key without one may call everything.
fn own_policy(api: &RestApi, key: &AccessKey, exchange: &mut Exchange, arn: &str) -> Outcome {
    let Some(policy) = &key.policy else { return Outcome::Allow };
    let facts = RequestFacts { caller: Some(&key.identity), ..access::facts(api, exchange) };
    let outcome = policy.decide(arn, &facts).outcome;
    let why = exchange.sample.is_some().then(|| policy.explain(arn, &facts).to_string());
    note(exchange, || format!("Identity policy: {}", why.unwrap_or_default()));
    outcome
}

fn refusal(compat: Compat, verdict: Verdict, key: &AccessKey, arn: &str) -> String {
    let user = key.identity.arn();
    let refused = format!("User: {user} is not authorized to perform: execute-api:Invoke on resource: {}", masked(arn));
    match verdict {
        Verdict::ExplicitDeny(by) => {
            let whose = match (compat, by) {
                (Compat::Year2022, _) => "",
                (Compat::Now, By::ResourcePolicy) => " in a resource-based policy",
                (Compat::Now, By::IdentityPolicy) => " in an identity-based policy",
            };
            format!("{refused} with an explicit deny{whose}")
        }
        Verdict::ImplicitDeny(_) | Verdict::Allow => refused,
    }
}
