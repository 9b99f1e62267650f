//! User pools and JWT authorizers: whether the request's token is good, and what it says of the caller.

use super::access::{self, note, note_start};
use crate::api::{JwtAuthorizer, Method, RestApi};
use crate::authorization::identity_source::{IdentitySource, Unidentified};
use crate::authorization::jwt::{ClaimFault, JwtFault, Token, TokenAuthorizer, bearer};
use crate::authorization::workflow::Authorized;
use crate::exchange::call::{IntegrationCall, KeyRequest};
use crate::exchange::caller::AuthorizerContext;
use crate::exchange::decisions::AuthorizerCheck;
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;
use crate::gateway::key_store::KeyStore;
use crate::gateway::token_check::{self, Checked, Refused};
use crate::metrics::AuthorizerResult;

/// Lets a caller by whose token is good; or says what is to be fetched to know.
pub(crate) fn check(
    api: &RestApi,
    authorizer: &JwtAuthorizer,
    method: &Method,
    exchange: &mut Exchange,
    store: &KeyStore,
) -> Result<Option<(KeyRequest, IntegrationCall)>, Failure> {
    // After a fetch it is the same check again.
    if exchange.decisions.authorizer.is_none() {
        note_start(exchange, &authorizer.name);
    }
    exchange.decisions.authorizer = Some(AuthorizerCheck::default());
    let (result, failure) = match admit(authorizer, method, exchange, store) {
        Ok(Checked::Fetch(request, call)) => return Ok(Some((request, call))),
        Ok(Checked::Admitted(admitted)) => {
            set_result(exchange, AuthorizerResult::Allow);
            note(exchange, || format!("Token: good, with the scopes [{}]", admitted.scopes.join(", ")));
            exchange.caller.authorizer = Some(AuthorizerContext::Claims(admitted.claims));
            let Some(own) = exchange.decisions.resource_policy else { return Ok(None) };
            let arn = access::method_arn(api, exchange)?;
            return access::decide(api, Some(own), Authorized::Token, &arn).map(|()| None);
        }
        Err(Why::Missing(why)) => {
            note(exchange, || format!("Unauthorized: {why}"));
            (AuthorizerResult::Unauthorized, Failure::Unauthorized)
        }
        Err(Why::Refused(Refused::Token(fault))) => {
            note(exchange, || format!("Unauthorized: {fault}"));
            let error = fault.error_description();
            exchange.decisions.authorizer = Some(AuthorizerCheck { error: Some(error), ..AuthorizerCheck::default() });
            of_fault(authorizer, &fault)
        }
        Err(Why::Refused(Refused::NoKeys(why))) => (AuthorizerResult::Error, Failure::Authorizer(why)),
    };
    set_result(exchange, result);
    Err(failure)
}

/// Why nobody is let by.
enum Why {
    Missing(Unidentified),
    Refused(Refused),
}

fn admit(
    authorizer: &JwtAuthorizer,
    method: &Method,
    exchange: &mut Exchange,
    store: &KeyStore,
) -> Result<Checked, Why> {
    let header = match &authorizer.source {
        IdentitySource::Header(name) => exchange.request.headers.last(name),
        _ => None,
    };
    let value = header.map(bearer).filter(|value| !value.is_empty());
    let value = value.ok_or_else(|| Why::Missing(Unidentified::Missing(authorizer.source.clone())))?;
    let token = Token::parse(value).map_err(JwtFault::from);
    token_check::admit(authorizer, token, &method.scopes, exchange, store).map_err(Why::Refused)
}

/// What the client is told. A token that is over has a text of its own; a scope that is missing is a user pool's 401 (observed),
/// and a JWT authorizer's 403 (inferred: fact `rest-jwt-answers`).
fn of_fault(authorizer: &JwtAuthorizer, fault: &JwtFault) -> (AuthorizerResult, Failure) {
    let is_pool = matches!(authorizer.tokens, Ok(TokenAuthorizer::Cognito(_)));
    match fault {
        JwtFault::Claim(ClaimFault::Expired { .. }) => (AuthorizerResult::Unauthorized, Failure::TokenExpired),
        JwtFault::Claim(ClaimFault::Scope { .. }) if !is_pool => {
            let denied = "User is not authorized to access this resource";
            (AuthorizerResult::Deny, Failure::AccessDenied(denied.to_owned()))
        }
        _ => (AuthorizerResult::Unauthorized, Failure::Unauthorized),
    }
}

fn set_result(exchange: &mut Exchange, result: AuthorizerResult) {
    if let Some(check) = &mut exchange.decisions.authorizer {
        check.result = Some(result);
    }
}
