//! What guards a method. Nothing of it can be evaluated here, so it refuses, as API Gateway refuses a client without credentials.

use super::signature;
use crate::api::{Authorization, Method, RestApi};
use crate::failure::Failure;
use crate::http1::message::Request;

/// Refuses a request to a protected method, unless the operator serves such methods all the same.
///
/// Without the credentials that are asked for, the answer is API Gateway's own. With them, an authorizer cannot be asked
/// (its configuration error, a 500), and a signature or a resource policy grants nothing (403).
pub(crate) fn check(api: &RestApi, method: &Method, request: &Request) -> Result<(), Failure> {
    if api.skip_authorization {
        return Ok(());
    }
    if api.resource_policy {
        return Err(Failure::AccessDenied);
    }
    match &method.authorization {
        Authorization::None => Ok(()),
        Authorization::AwsIam => Err(unsigned(request).unwrap_or(Failure::AccessDenied)),
        Authorization::CognitoUserPools(_) => Err(without_token(request, "Authorization")),
        Authorization::Custom { token_header: Some(header), .. } => Err(without_token(request, header)),
        Authorization::Custom { token_header: None, .. } => Err(Failure::Authorizer),
    }
}

fn unsigned(request: &Request) -> Option<Failure> {
    if request.query.as_deref().is_some_and(|query| query.contains("X-Amz-Signature=")) {
        return None;
    }
    let absent = request.headers.first("authorization").is_none_or(|header| header.trim().is_empty());
    let signature = signature::problem(&request.headers);
    (absent || signature.is_some()).then_some(Failure::Unsigned { signature })
}

fn without_token(request: &Request, header: &str) -> Failure {
    match request.headers.last(header) {
        Some(token) if !token.trim().is_empty() => Failure::Authorizer,
        _ => Failure::Unauthorized,
    }
}
