//! What guards a route: who may call, or which authorizer is to be asked. What cannot be evaluated refuses.

use crate::api::{HttpApi, HttpAuthorization, HttpRoute};
use crate::exchange::call::{IntegrationCall, IntegrationReply};
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;

/// Refuses a request to a guarded route, or says which authorizer is to be called; `None`: the caller may.
pub(crate) fn check(
    api: &HttpApi,
    route: &HttpRoute,
    exchange: &mut Exchange,
) -> Result<Option<IntegrationCall>, Failure> {
    if api.skip_authorization {
        return Ok(None);
    }
    match &route.authorization {
        HttpAuthorization::None => Ok(None),
        // A signature that nobody checks grants nothing.
        HttpAuthorization::AwsIam => Err(Failure::AccessDenied("signatures are not checked here".to_owned())),
        HttpAuthorization::Authorizer { name, .. } => match exchange.request.headers.last("authorization") {
            Some(token) if !token.trim().is_empty() => Err(unknown(name)),
            _ => Err(Failure::Unauthorized),
        },
    }
}

/// What an authorizer's answer decides.
pub(crate) fn answered(
    _: &HttpApi,
    route: &HttpRoute,
    _: &mut Exchange,
    _: Result<IntegrationReply, Failure>,
) -> Result<(), Failure> {
    match &route.authorization {
        HttpAuthorization::Authorizer { name, .. } => Err(unknown(name)),
        HttpAuthorization::None | HttpAuthorization::AwsIam => {
            Err(Failure::Internal("an authorizer's answer to a request that asked none".to_owned()))
        }
    }
}

fn unknown(name: &str) -> Failure {
    Failure::Authorizer(format!("authorizer `{name}` cannot be asked here"))
}
