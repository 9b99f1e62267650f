//! The phases in which a caller is checked, as access logs name them: `$context.authenticate` (a signature), `$context.authorizer`
//! and `$context.authorize` (the policies). Templates know none of this: there `$context.authorizer.status` is a key of the
//! authorizer's own context, which in a log has to give way (fact `phase-names`).

use std::borrow::Cow;

use super::variables::method;
use crate::api::{Authorization, RestApi};
use crate::exchange::caller::AuthorizerContext;
use crate::exchange::decisions::AuthorizerCheck;
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;

/// A phase's variable of a REST API; the outer `None`: it is another one. What no phase has reached is unset, and so is how long
/// a signature took to check: that is not timed.
pub(crate) fn lookup<'a>(api: &RestApi, exchange: &'a Exchange, name: &str) -> Option<Option<Cow<'a, str>>> {
    let (phase, member) = name.split_once('.')?;
    match (phase, member) {
        ("authenticate", "latency") => Some(None),
        ("authenticate", _) => Some(authenticated(api, exchange).and_then(|outcome| outcome.member(member))),
        // What policies say is known within microseconds.
        ("authorize", "latency") => Some(authorized(api, exchange).map(|_| "0".into())),
        ("authorize", _) => Some(authorized(api, exchange).and_then(|outcome| outcome.member(member))),
        ("authorizer", "status") => Some(authorizer_status(exchange).map(text)),
        ("authorizer", "error") => Some(authorizer_error(exchange)),
        ("authorizer", "integrationStatus") => Some(check(exchange).and_then(|check| check.status).map(text)),
        ("authorizer", "requestId") => Some(check(exchange).and_then(request_id).map(Cow::Borrowed)),
        ("authorizer", "latency") => Some(latency(exchange)),
        ("authorizer", "integrationLatency") => Some(integration_latency(api, exchange)),
        _ => None,
    }
}

/// How a phase ended: its status, and what the client was told when that is no 200.
struct Outcome<'a> {
    status: u16,
    error: Option<&'a str>,
}

impl<'a> Outcome<'a> {
    const GOOD: Outcome<'static> = Outcome { status: 200, error: None };

    fn refused(exchange: &'a Exchange, failure: &Failure) -> Outcome<'a> {
        Outcome { status: failure.row().status, error: exchange.error_message.as_deref() }
    }

    fn member(&self, name: &str) -> Option<Cow<'a, str>> {
        match name {
            "status" => Some(text(self.status)),
            "error" => self.error.map(Cow::Borrowed),
            _ => None,
        }
    }
}

/// Whether the signature is good; only methods with `AWS_IAM` have one (documented).
fn authenticated<'a>(api: &RestApi, exchange: &'a Exchange) -> Option<Outcome<'a>> {
    let authorization = &method(api, exchange)?.authorization;
    if *authorization != Authorization::AwsIam || api.skipped.skips(authorization) {
        return None;
    }
    match &exchange.failure {
        _ if exchange.caller.signer.is_some() => Some(Outcome::GOOD),
        Some(refused @ (Failure::Unsigned { .. } | Failure::Signature(_) | Failure::AccessDenied(_))) => {
            Some(Outcome::refused(exchange, refused))
        }
        _ => None,
    }
}

/// What the policies say together, of who was found to call; only where a Lambda authorizer or a signature told (documented).
fn authorized<'a>(api: &RestApi, exchange: &'a Exchange) -> Option<Outcome<'a>> {
    let is_reached = match &method(api, exchange)?.authorization {
        Authorization::AwsIam => exchange.caller.signer.is_some(),
        Authorization::Custom { .. } => check(exchange)?.has_decided(),
        _ => false,
    };
    match &exchange.failure {
        _ if !is_reached => None,
        Some(refused @ Failure::AccessDenied(_)) => Some(Outcome::refused(exchange, refused)),
        _ => Some(Outcome::GOOD),
    }
}

fn check(exchange: &Exchange) -> Option<&AuthorizerCheck> {
    exchange.decisions.authorizer.as_ref()
}

/// A policy that denies is an authorizer's good answer: to refuse is the next phase's. A token's scope is the authorizer's own.
fn authorizer_status(exchange: &Exchange) -> Option<u16> {
    let check = check(exchange)?;
    check.result?;
    if check.has_decided() { Some(200) } else { Some(exchange.failure.as_ref()?.row().status) }
}

/// Why an authorizer tells nothing of the caller, or what is wrong with the token.
pub(super) fn authorizer_error(exchange: &Exchange) -> Option<Cow<'_, str>> {
    match (&exchange.failure, check(exchange)) {
        (Some(Failure::Authorizer(why) | Failure::AuthorizerFunction(why)), _) => Some(Cow::Borrowed(why)),
        (Some(_), Some(AuthorizerCheck { error: Some(error), .. })) => Some(Cow::Borrowed(error)),
        (Some(Failure::Unauthorized), _) => exchange.error_message.as_deref().map(Cow::Borrowed),
        _ => None,
    }
}

fn request_id(check: &AuthorizerCheck) -> Option<&str> {
    std::str::from_utf8(check.request_id.as_deref()?).ok()
}

/// How long the request waited to be known: no time at all where the answer was there.
fn latency<'a>(exchange: &Exchange) -> Option<Cow<'a, str>> {
    check(exchange)?.result?;
    Some(exchange.authorizer_latency.unwrap_or_default().as_millis().to_string().into())
}

fn integration_latency<'a>(api: &RestApi, exchange: &Exchange) -> Option<Cow<'a, str>> {
    if let Some(AuthorizerContext::Lambda(context)) = &exchange.caller.authorizer {
        return Some(context.latency.as_millis().to_string().into());
    }
    let Authorization::Custom { .. } = &method(api, exchange)?.authorization else { return None };
    Some(exchange.authorizer_latency?.as_millis().to_string().into())
}

fn text<'a>(status: u16) -> Cow<'a, str> {
    status.to_string().into()
}
