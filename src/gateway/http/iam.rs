//! `AWS_IAM` of an HTTP API: whose signature the request bears, and what the policy of that identity says of the route.

use super::access::{facts, note, route_arn};
use crate::api::HttpApi;
use crate::authorization::policy::{Outcome, RequestFacts};
use crate::authorization::signature::{Scope, SentRequest, SignatureFault, verify};
use crate::exchange::exchange::Exchange;
use crate::exchange::http_caller::HttpCaller;
use crate::exchange::signer::Signer;
use crate::failure::Failure;

/// Lets a caller by whose signature is good and whom its own policy allows; a key without one may call everything.
pub(crate) fn check(api: &HttpApi, exchange: &mut Exchange) -> Result<(), Failure> {
    let request = &exchange.request;
    let sent = SentRequest {
        method: &request.method,
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
    let arn = route_arn(api, exchange)?;
    let policy = key.policy.as_ref();
    let facts = RequestFacts { caller: Some(&key.identity), ..facts(exchange) };
    let outcome = policy.map_or(Outcome::Allow, |policy| policy.decide(&arn, &facts).outcome);
    let why = policy.filter(|_| exchange.sample.is_some()).map(|policy| policy.explain(&arn, &facts).to_string());
    if let Some(why) = why {
        note(exchange, || format!("Identity policy: {why}"));
    }
    let signer = Signer::of(key);
    exchange.caller.signer = Some(signer.clone().into());
    exchange.caller.http = Some(HttpCaller::Iam(signer).into());
    match outcome {
        Outcome::Allow => Ok(()),
        Outcome::Deny | Outcome::Neither => {
            Err(Failure::AccessDenied(format!("{} may not call {arn}", key.identity.arn())))
        }
    }
}
