//! What guards a route: who may call, or which authorizer is to be asked. What cannot be evaluated refuses.

use std::sync::Arc;
use std::time::SystemTime;

use super::access::{facts, note, route_arn};
use super::integration_request::source;
use super::lambda_authorizer::{HttpAnswer, cache_key, identity, question, read};
use super::values::Values;
use super::{iam, jwt, refusal};
use crate::api::http::HttpLambdaAuthorizer;
use crate::api::{HttpApi, HttpAuthorization, HttpRoute, masked};
use crate::authorization::policy::Outcome as Decided;
use crate::exchange::call::{IntegrationCall, IntegrationReply, InvocationType, Purpose, Target};
use crate::exchange::decisions::{AuthorizerCheck, outcome};
use crate::exchange::exchange::Exchange;
use crate::exchange::masking::cut;
use crate::failure::Failure;
use crate::gateway::authorizer_cache::{AuthorizerCache, Kept};
use crate::gateway::key_store::KeyStore;
use crate::gateway::step::Asked;
use crate::http1::message::Headers;
use crate::integration::Payload;
use crate::json_text::Ahead;
use crate::mapping::time;
use crate::metrics::{AuthorizerResult, Outcome};

/// What earlier requests have found out.
pub(crate) struct Remembered<'a> {
    /// Lambda authorizers' answers.
    pub answers: &'a AuthorizerCache<HttpAnswer>,
    /// The keys of issuers.
    pub keys: &'a KeyStore,
}

/// Refuses a request to a guarded route, or says what is to be asked; `None`: the caller may.
pub(crate) fn check(
    api: &HttpApi,
    route: &HttpRoute,
    exchange: &mut Exchange,
    known: &Remembered<'_>,
    longest: usize,
) -> Result<Option<Asked>, Failure> {
    if api.skips(&route.authorization) {
        return Ok(None);
    }
    match &route.authorization {
        HttpAuthorization::None => Ok(None),
        // A signature that nobody checks grants nothing.
        HttpAuthorization::AwsIam if api.access_keys.is_empty() => {
            Err(Failure::AccessDenied("signatures are not checked here".to_owned()))
        }
        HttpAuthorization::AwsIam => iam::check(api, exchange).map(|()| None),
        HttpAuthorization::Authorizer { name, .. } => match api.authorizers.get(name) {
            Some(authorizer) => {
                let call = ask(api, route, authorizer, exchange, known.answers, longest)?;
                Ok(call.map(Asked::Authorizer))
            }
            None if api.jwt_authorizers.contains_key(name) => check_token(api, route, exchange, known.keys),
            None => match exchange.request.headers.last("authorization") {
                Some(token) if !token.trim().is_empty() => Err(unknown(name)),
                _ => Err(Failure::Unauthorized),
            },
        },
    }
}

/// Refuses a request whose token is not good, or says what is to be fetched to know.
pub(crate) fn check_token(
    api: &HttpApi,
    route: &HttpRoute,
    exchange: &mut Exchange,
    keys: &KeyStore,
) -> Result<Option<Asked>, Failure> {
    let HttpAuthorization::Authorizer { name, scopes } = &route.authorization else { return Ok(None) };
    let authorizer = api.jwt_authorizers.get(name).ok_or_else(|| unknown(name))?;
    let fetch = jwt::check(api, route, authorizer, scopes, exchange, keys)?;
    Ok(fetch.map(|(request, call)| Asked::Keys(request, call)))
}

/// The call of the function; `None` when an answer that still counts lets the caller by.
fn ask(
    api: &HttpApi,
    route: &HttpRoute,
    authorizer: &HttpLambdaAuthorizer,
    exchange: &mut Exchange,
    cache: &AuthorizerCache<HttpAnswer>,
    longest: usize,
) -> Result<Option<IntegrationCall>, Failure> {
    exchange.decisions.authorizer = Some(AuthorizerCheck::default());
    note(exchange, || format!("Authorizer: {}", authorizer.name));
    let identity = identity(authorizer, &Values::new(source(api, route, exchange))).map_err(|why| {
        note(exchange, || format!("Unauthorized: {why}; the authorizer is not called"));
        failed(exchange, AuthorizerResult::Unauthorized, Failure::Unauthorized)
    })?;
    note(exchange, || {
        let values: Vec<String> = identity.iter().map(|value| masked(value)).collect();
        format!("Identity: {}", values.join(", "))
    });
    let function = match &authorizer.function {
        Ok(function) => function.clone(),
        Err(why) => return Err(failed(exchange, AuthorizerResult::Error, Failure::Authorizer(why.clone()))),
    };
    let key = cache_key(authorizer, &api.stage, &identity);
    if let Some(kept) = key.as_ref().and_then(|key| cache.get(key, exchange.request.time)) {
        return known_answer(api, exchange, &kept).map(|()| None);
    }
    let arn = route_arn(api, exchange)?;
    let body = question(authorizer, &source(api, route, exchange), &arn, &identity, longest)?;
    exchange.caller_key.clone_from(&key);
    Ok(Some(IntegrationCall {
        target: Target::Function {
            backend: function.backend,
            name: function.name,
            qualifier: function.qualifier,
            arn: function.arn,
            invocation: InvocationType::RequestResponse,
            headers: Headers::default(),
        },
        body,
        timeout: authorizer.timeout,
        streamed: false,
        read_ahead: Ahead::No,
        trace_id: exchange.ids.trace_id.clone(),
        purpose: Purpose::Authorizer(key),
    }))
}

/// What an answer decides that came to another request with the same identity, after this one was told to call.
pub(crate) fn recall(
    api: &HttpApi,
    exchange: &mut Exchange,
    cache: &AuthorizerCache<HttpAnswer>,
) -> Option<Result<(), Failure>> {
    let kept = cache.get(exchange.caller_key.as_ref()?, exchange.request.time)?;
    exchange.caller_key = None;
    Some(known_answer(api, exchange, &kept))
}

fn known_answer(api: &HttpApi, exchange: &mut Exchange, kept: &Kept<HttpAnswer>) -> Result<(), Failure> {
    set_check(exchange, |check| check.cached = true);
    let since = kept.since;
    note(exchange, || {
        let since = time::request_time(since);
        format!("Authorizer answer: kept since {since} for this identity, whatever the route")
    });
    admit(api, exchange, &kept.answer, Some(since))
}

/// What an authorizer's answer decides.
pub(crate) fn answered(
    api: &HttpApi,
    route: &HttpRoute,
    exchange: &mut Exchange,
    cache: &AuthorizerCache<HttpAnswer>,
    reply: Result<IntegrationReply, Failure>,
) -> Result<(), Failure> {
    let found = match &route.authorization {
        HttpAuthorization::Authorizer { name, .. } => api.authorizers.get(name),
        HttpAuthorization::None | HttpAuthorization::AwsIam => None,
    };
    let lost = || Failure::Internal("an authorizer's answer to a request that asked none".to_owned());
    let authorizer = found.ok_or_else(lost)?;
    let answer = match read_reply(authorizer, exchange, reply) {
        Ok(answer) => Arc::new(answer),
        Err(why) => return Err(failed(exchange, AuthorizerResult::Error, Failure::Authorizer(why))),
    };
    if let Some(key) = exchange.caller_key.take() {
        cache.keep(key, answer.clone(), exchange.request.time, authorizer.ttl);
    }
    admit(api, exchange, &answer, None)
}

/// The answer, or why there is none: unlike a REST API's, an error of the function has no answer of its own (documented).
fn read_reply(
    authorizer: &HttpLambdaAuthorizer,
    exchange: &mut Exchange,
    reply: Result<IntegrationReply, Failure>,
) -> Result<HttpAnswer, String> {
    let reply = reply.map_err(|failure| {
        set_check(exchange, |check| check.outcome = Some(outcome(&failure)));
        refusal::sentence(&failure)
    })?;
    if reply.function_error {
        set_check(exchange, |check| check.outcome = Some(Outcome::FunctionError));
        let message = Payload::read_error(reply.body.whole()).selection_text().into_owned();
        return Err(format!("its function failed: {message}"));
    }
    if exchange.sample.is_some() {
        let text = cut(String::from_utf8_lossy(reply.body.whole()).into_owned());
        note(exchange, || format!("Authorizer answer: {text}"));
    }
    let answer = read(authorizer, reply.body.whole());
    let ended = if answer.is_ok() { Outcome::Success } else { Outcome::Malformed };
    set_check(exchange, |check| check.outcome = Some(ended));
    answer.map_err(|fault| fault.to_string())
}

/// Lets the caller by whom the answer lets by on this route.
fn admit(
    api: &HttpApi,
    exchange: &mut Exchange,
    answer: &HttpAnswer,
    cached: Option<SystemTime>,
) -> Result<(), Failure> {
    let arn = route_arn(api, exchange)?;
    let facts = facts(exchange);
    let decided = answer.decide(&arn, &facts);
    let why = exchange.sample.is_some().then(|| answer.explain(&arn, &facts)).flatten();
    if let Some(why) = why {
        note(exchange, || format!("Authorizer policy: {why}"));
    }
    if let Some(since) = cached
        && decided == Decided::Neither
    {
        let since = time::request_time(since);
        note(exchange, || format!("The policy cached at {since} for this identity does not cover {arn}"));
    }
    note(exchange, || match answer {
        HttpAnswer::Simple(_) => format!("Authorizer decision: {decided:?}"),
        HttpAnswer::Policy(_) => format!("Authorizer decision: {decided:?} for {arn}"),
    });
    let result = match decided {
        Decided::Allow => AuthorizerResult::Allow,
        Decided::Deny => AuthorizerResult::Deny,
        Decided::Neither => AuthorizerResult::ImplicitDeny,
    };
    set_check(exchange, |check| check.result = Some(result));
    exchange.caller.http = Some(answer.caller().into());
    match decided {
        Decided::Allow => Ok(()),
        Decided::Deny | Decided::Neither => {
            Err(Failure::AccessDenied("the authorizer does not let the caller by".to_owned()))
        }
    }
}

fn failed(exchange: &mut Exchange, result: AuthorizerResult, failure: Failure) -> Failure {
    set_check(exchange, |check| check.result = Some(result));
    failure
}

fn set_check(exchange: &mut Exchange, set: impl FnOnce(&mut AuthorizerCheck)) {
    if let Some(check) = &mut exchange.decisions.authorizer {
        set(check);
    }
}

fn unknown(name: &str) -> Failure {
    Failure::Authorizer(format!("authorizer `{name}` cannot be asked here"))
}
