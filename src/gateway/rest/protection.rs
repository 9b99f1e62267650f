//! What guards a method, up to the call of an authorizer. What cannot be evaluated here refuses, as API Gateway refuses a client
//! without credentials.

use super::deployment::Route;
use super::{access, authorizer, iam, signature};
use crate::api::{Authorization, Method, RestApi};
use crate::authorization::lambda_answer::PolicyAnswer;
use crate::authorization::workflow::{Authorized, refused_before_authorizer};
use crate::exchange::call::IntegrationCall;
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;
use crate::gateway::authorizer_cache::AuthorizerCache;
use crate::http1::message::Request;

/// Refuses a request to a protected method, or says which authorizer is to be called; `None`: the caller may.
pub(crate) fn check(
    api: &RestApi,
    method: &Method,
    route: &Route,
    exchange: &mut Exchange,
    cache: &AuthorizerCache<PolicyAnswer<String>>,
    longest: usize,
) -> Result<Option<IntegrationCall>, Failure> {
    if api.skip_authorization {
        return Ok(None);
    }
    if api.resource_policy.is_some() && method.authorization != Authorization::AwsIam {
        let arn = access::method_arn(api, exchange)?;
        exchange.decisions.resource_policy = access::resource_policy(api, exchange, None, &arn);
        let own = exchange.decisions.resource_policy;
        match &method.authorization {
            Authorization::None => return access::decide(api, own, Authorized::Open, &arn).map(|()| None),
            Authorization::CognitoUserPools(_) | Authorization::Custom { .. } if refused_before_authorizer(own) => {
                return access::decide(api, own, Authorized::Open, &arn).map(|()| None);
            }
            // Whom the policy means is only known from a signature, which is looked at first.
            Authorization::AwsIam | Authorization::CognitoUserPools(_) | Authorization::Custom { .. } => {}
        }
    }
    match &method.authorization {
        Authorization::None => Ok(None),
        Authorization::AwsIam if api.access_keys.is_empty() => {
            Err(unsigned(&exchange.request).unwrap_or_else(not_evaluated))
        }
        Authorization::AwsIam => iam::check(api, exchange).map(|()| None),
        Authorization::CognitoUserPools(name) => Err(without_token(&exchange.request, "Authorization", name)),
        Authorization::Custom { name, token_header } => match (api.authorizers.get(name), token_header) {
            (Some(found), _) => authorizer::ask(api, found, &route.event, exchange, cache, longest),
            (None, Some(header)) => Err(without_token(&exchange.request, header, name)),
            (None, None) => Err(unknown(name)),
        },
    }
}

/// A signature that nobody checks grants nothing.
fn not_evaluated() -> Failure {
    Failure::AccessDenied("User is not authorized to access this resource".to_owned())
}

fn unsigned(request: &Request) -> Option<Failure> {
    if request.query.as_deref().is_some_and(|query| query.contains("X-Amz-Signature=")) {
        return None;
    }
    let absent = request.headers.first("authorization").is_none_or(|header| header.trim().is_empty());
    let signature = signature::problem(&request.headers);
    (absent || signature.is_some()).then_some(Failure::Unsigned { signature })
}

fn without_token(request: &Request, header: &str, name: &str) -> Failure {
    match request.headers.last(header) {
        Some(token) if !token.trim().is_empty() => unknown(name),
        _ => Failure::Unauthorized,
    }
}

fn unknown(name: &str) -> Failure {
    Failure::Authorizer(format!("authorizer `{name}` cannot be asked here"))
}
