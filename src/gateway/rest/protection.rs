//! What guards a method, up to the call of an authorizer. What cannot be evaluated here refuses, as API Gateway refuses a client
//! without credentials.

use super::deployment::Route;
use super::{access, authorizer, iam, jwt_authorizer, signature};
use crate::api::{Authorization, Method, RestApi};
use crate::authorization::lambda_answer::PolicyAnswer;
use crate::authorization::workflow::{Authorized, refused_before_authorizer};
use crate::exchange::call::{IntegrationCall, KeyRequest};
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;
use crate::gateway::authorizer_cache::AuthorizerCache;
use crate::gateway::key_store::KeyStore;
use crate::http1::message::Request;

/// What earlier requests have found out.
pub(crate) struct Remembered<'a> {
    /// Lambda authorizers' answers.
    pub answers: &'a AuthorizerCache<PolicyAnswer<String>>,
    /// The keys of issuers.
    pub keys: &'a KeyStore,
}

/// What has to be asked to know whether the caller may.
pub(crate) enum Asked {
    /// A Lambda authorizer.
    Authorizer(IntegrationCall),
    /// Who knows an issuer's keys.
    Keys(KeyRequest, IntegrationCall),
}

/// Refuses a request to a protected method, or says what is to be asked; `None`: the caller may.
pub(crate) fn check(
    api: &RestApi,
    method: &Method,
    route: &Route,
    exchange: &mut Exchange,
    known: &Remembered<'_>,
    longest: usize,
) -> Result<Option<Asked>, Failure> {
    let is_skipped = api.skipped.skips(&method.authorization);
    let authorization = if is_skipped { &Authorization::None } else { &method.authorization };
    // Whom the policy means is only known from a signature, which is looked at first.
    if *authorization != Authorization::AwsIam && access::has_policy(api) {
        let arn = access::method_arn(api, exchange)?;
        let own = access::resource_policy(api, exchange, None, &arn);
        exchange.decisions.resource_policy = own;
        if *authorization == Authorization::None || refused_before_authorizer(own) {
            return access::decide(api, own, Authorized::Open, &arn).map(|()| None);
        }
    }
    match authorization {
        Authorization::None => Ok(None),
        Authorization::AwsIam if api.access_keys.is_empty() => {
            Err(unsigned(&exchange.request).unwrap_or_else(not_evaluated))
        }
        Authorization::AwsIam => iam::check(api, exchange).map(|()| None),
        Authorization::CognitoUserPools(_) | Authorization::Jwt(_) => check_token(api, method, exchange, known.keys),
        Authorization::Custom { name, token_header } => match (api.authorizers.get(name), token_header) {
            (Some(found), _) => {
                let call = authorizer::ask(api, found, &route.event, exchange, known.answers, longest)?;
                Ok(call.map(Asked::Authorizer))
            }
            (None, Some(header)) => Err(without_token(&exchange.request, header, name)),
            (None, None) => Err(unknown(name)),
        },
    }
}

/// Refuses a request whose token is not good, or says what is to be fetched to know.
pub(crate) fn check_token(
    api: &RestApi,
    method: &Method,
    exchange: &mut Exchange,
    keys: &KeyStore,
) -> Result<Option<Asked>, Failure> {
    let (Authorization::CognitoUserPools(name) | Authorization::Jwt(name)) = &method.authorization else {
        return Ok(None);
    };
    let Some(authorizer) = api.jwt_authorizers.get(name) else {
        return Err(without_token(&exchange.request, "Authorization", name));
    };
    let fetch = jwt_authorizer::check(api, authorizer, method, exchange, keys)?;
    Ok(fetch.map(|(request, call)| Asked::Keys(request, call)))
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
