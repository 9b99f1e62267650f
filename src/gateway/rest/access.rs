//! What policies say of a call: the facts that they may ask about, the ARN, and how a refusal is worded.

use crate::api::{Compat, ResourcePolicy, RestApi};
use crate::authorization::policy::{Outcome, RequestFacts};
use crate::authorization::workflow::{Authorized, By, Verdict, verdict};
use crate::authorization::{ApiArn, Identity, masked};
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;

/// The ARN of the method as it is called; one that is too long is answered 414 (documented).
pub(crate) fn method_arn(api: &RestApi, exchange: &Exchange) -> Result<String, Failure> {
    let path = exchange.matched.as_ref().map_or("", |matched| &matched.path);
    let arn = ApiArn::new(&api.region, &api.account_id, &api.id);
    arn.method(&api.stage, &exchange.request.method, path).map_err(|_| Failure::UriTooLong)
}

/// What a policy may ask about a request.
pub(crate) fn facts<'a>(api: &'a RestApi, exchange: &'a Exchange) -> RequestFacts<'a> {
    let request = &exchange.request;
    let RestApi { source_vpc, source_vpce, .. } = api;
    let is_private = source_vpc.is_some() || source_vpce.is_some();
    RequestFacts {
        source_ip: (!is_private).then_some(exchange.source_ip),
        vpc_source_ip: is_private.then_some(exchange.source_ip),
        source_vpc: source_vpc.as_deref(),
        source_vpce: source_vpce.as_deref(),
        user_agent: request.headers.last("user-agent"),
        referer: request.headers.last("referer"),
        ..RequestFacts::at(request.time)
    }
}

/// Whether there is a resource policy to ask.
pub(crate) fn has_policy(api: &RestApi) -> bool {
    api.resource_policy.is_some() && !api.skipped.resource_policy
}

/// What the resource policy says; one that cannot be read denies. `None` without one.
pub(crate) fn resource_policy(
    api: &RestApi,
    exchange: &mut Exchange,
    caller: Option<&Identity>,
    arn: &str,
) -> Option<Outcome> {
    let policy = match api.resource_policy.as_ref().filter(|_| has_policy(api))? {
        ResourcePolicy::Unreadable => return Some(Outcome::Deny),
        ResourcePolicy::Policy(policy) => policy,
    };
    let facts = RequestFacts { caller, ..facts(api, exchange) };
    let outcome = policy.decide(arn, &facts).outcome;
    let why = exchange.sample.is_some().then(|| policy.explain(arn, &facts).to_string());
    note(exchange, || format!("Resource policy: {}", why.unwrap_or_default()));
    Some(outcome)
}

/// A line of the execution log about who may call, when somebody looks.
pub(crate) fn note(exchange: &mut Exchange, line: impl FnOnce() -> String) {
    if let Some(sample) = &mut exchange.sample {
        sample.authorization.extend(line().lines().map(str::to_owned));
    }
}

/// The line with which an authorizer begins.
pub(crate) fn note_start(exchange: &mut Exchange, authorizer: &str) {
    if let Some(sample) = &mut exchange.sample {
        let id = &exchange.ids.request_id;
        sample.authorization.push(format!("Starting authorizer: {authorizer} for request: {id}"));
    }
}

/// Lets the caller by, or refuses as resource policy and authorizer say together.
pub(crate) fn decide(
    api: &RestApi,
    resource_policy: Option<Outcome>,
    authorized: Authorized,
    arn: &str,
) -> Result<(), Failure> {
    match verdict(resource_policy, authorized) {
        Verdict::Allow => Ok(()),
        refused => Err(Failure::AccessDenied(refusal(api.compat, refused, arn))),
    }
}

/// The texts of API Gateway: today's say whose policy it was (seen since 2025).
fn refusal(compat: Compat, verdict: Verdict, arn: &str) -> String {
    let user = "User is not authorized to access this resource";
    let anonymous =
        || format!("User: anonymous is not authorized to perform: execute-api:Invoke on resource: {}", masked(arn));
    let newer = |text| if compat == Compat::Now { text } else { "" };
    match verdict {
        Verdict::ExplicitDeny(By::IdentityPolicy) => {
            format!("{user} with an explicit deny{}", newer(" in an identity-based policy"))
        }
        Verdict::ExplicitDeny(By::ResourcePolicy) => {
            format!("{} with an explicit deny{}", anonymous(), newer(" in a resource-based policy"))
        }
        Verdict::ImplicitDeny(By::ResourcePolicy) => {
            let why = " because no resource-based policy allows the execute-api:Invoke action";
            format!("{}{}", anonymous(), newer(why))
        }
        Verdict::ImplicitDeny(By::IdentityPolicy) | Verdict::Allow => user.to_owned(),
    }
}
