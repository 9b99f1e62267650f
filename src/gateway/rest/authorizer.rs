//! A Lambda authorizer: what it is asked, what its answer means, and how long that counts.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde_json::Value;

use super::access::{self, note, note_start};
use super::proxy_event::EventTemplate;
use crate::api::{Authorizer, IdentityOf, RestApi, masked};
use crate::authorization::identity_source::{self, CacheKey, CallerValues};
use crate::authorization::lambda_answer::{PolicyAnswer, read_rest};
use crate::authorization::policy::Outcome as Decided;
use crate::authorization::workflow::Authorized;
use crate::exchange::call::{IntegrationCall, IntegrationReply, InvocationType, Purpose, Target};
use crate::exchange::caller::{AuthorizerContext, LambdaContext};
use crate::exchange::decisions::{AuthorizerCheck, outcome};
use crate::exchange::exchange::Exchange;
use crate::exchange::masking::cut;
use crate::failure::Failure;
use crate::gateway::authorizer_cache::{AuthorizerCache, Kept};
use crate::http1::message::Headers;
use crate::integration::Payload;
use crate::json_text::{Ahead, escape_str};
use crate::mapping::client::ClientParameters;
use crate::mapping::{time, variables};
use crate::metrics::{AuthorizerResult, Outcome};

/// The call of the function; `None` when an answer that still counts lets the caller by.
pub(crate) fn ask(
    api: &RestApi,
    authorizer: &Authorizer,
    event: &EventTemplate,
    exchange: &mut Exchange,
    cache: &AuthorizerCache<PolicyAnswer<String>>,
    longest: usize,
) -> Result<Option<IntegrationCall>, Failure> {
    exchange.decisions.authorizer = Some(AuthorizerCheck::default());
    note_start(exchange, &authorizer.name);
    let function = match &authorizer.function {
        Ok(function) => function,
        Err(why) => return Err(failed(exchange, AuthorizerResult::Error, Failure::Authorizer(why.clone()))),
    };
    let values = match identify(authorizer, api, exchange) {
        Ok(values) => values,
        Err(why) => {
            note(exchange, || format!("Unauthorized: {why}; the authorizer is not called"));
            return Err(failed(exchange, AuthorizerResult::Unauthorized, Failure::Unauthorized));
        }
    };
    note(exchange, || {
        let values: Vec<String> = values.iter().map(|value| masked(value)).collect();
        format!("Incoming identity: {}", values.join(", "))
    });
    // Without anything that tells callers apart an answer would count for all of them.
    let is_kept = !authorizer.ttl.is_zero() && !values.is_empty();
    let key = is_kept.then(|| CacheKey::new(&authorizer.name, &api.stage, &values));
    if let Some(kept) = key.as_ref().and_then(|key| cache.get(key, exchange.request.time)) {
        return known(api, exchange, &kept).map(|()| None);
    }
    let arn = access::method_arn(api, exchange)?;
    let body = match &authorizer.identity {
        IdentityOf::Token { .. } => token_event(&arn, values.first().map_or("", String::as_str)),
        IdentityOf::Request(_) => event.render_for_authorizer(api, exchange, &arn, longest)?,
    };
    let function = function.clone();
    let target = Target::Function {
        backend: function.backend,
        name: function.name,
        qualifier: function.qualifier,
        arn: function.arn,
        invocation: InvocationType::RequestResponse,
        headers: Headers::default(),
    };
    exchange.caller_key = key.clone();
    Ok(Some(IntegrationCall {
        streamed: false,
        read_ahead: Ahead::No,
        target,
        body,
        timeout: authorizer.timeout,
        trace_id: exchange.ids.trace_id.clone(),
        purpose: Purpose::Authorizer(key),
    }))
}

/// What an answer means that came to another request with the same identity, after this one was told to call.
pub(crate) fn recall(
    api: &RestApi,
    exchange: &mut Exchange,
    cache: &AuthorizerCache<PolicyAnswer<String>>,
) -> Option<Result<(), Failure>> {
    let kept = cache.get(exchange.caller_key.as_ref()?, exchange.request.time)?;
    exchange.caller_key = None;
    Some(known(api, exchange, &kept))
}

/// Lets a caller by whose authorizer's answer still counts, or refuses.
fn known(api: &RestApi, exchange: &mut Exchange, kept: &Kept<PolicyAnswer<String>>) -> Result<(), Failure> {
    set_check(exchange, |check| check.cached = true);
    let since = kept.since;
    note(exchange, || {
        let since = time::request_time(since);
        format!("Authorizer answer: cached at {since} for this identity; the function is not called")
    });
    admit(api, exchange, &kept.answer, Duration::ZERO, Some(since))
}

/// What the function's answer means: the caller is let by, or refused.
pub(crate) fn answered(
    api: &RestApi,
    authorizer: &Authorizer,
    exchange: &mut Exchange,
    cache: &AuthorizerCache<PolicyAnswer<String>>,
    reply: Result<IntegrationReply, Failure>,
) -> Result<(), Failure> {
    let latency = exchange.authorizer_latency.unwrap_or_default();
    set_check(exchange, |check| check.answered(&reply));
    let answer = match read(exchange, reply) {
        Ok(answer) => Arc::new(answer),
        Err(Failure::Unauthorized) => {
            return Err(failed(exchange, AuthorizerResult::Unauthorized, Failure::Unauthorized));
        }
        Err(failure) => return Err(failed(exchange, AuthorizerResult::Error, failure)),
    };
    if let Some(key) = exchange.caller_key.take() {
        cache.keep(key, answer.clone(), exchange.request.time, authorizer.ttl);
    }
    note(exchange, || "Authorizer answer: called".to_owned());
    note(exchange, || {
        let principal = answer.principal_id.as_deref().map(masked).unwrap_or_default();
        format!("Using valid authorizer policy for principal: {principal}\nSuccessfully completed authorizer execution")
    });
    admit(api, exchange, &answer, latency, None)
}

/// The answer, or why there is none. An error of the function has an answer of its own (fact `authorizer-null`).
fn read(exchange: &mut Exchange, reply: Result<IntegrationReply, Failure>) -> Result<PolicyAnswer<String>, Failure> {
    let configuration = |why: String| Failure::Authorizer(why);
    let reply = match reply {
        Ok(reply) => reply,
        Err(failure) => {
            set_outcome(exchange, outcome(&failure));
            return Err(configuration(super::refusal::sentence(&failure)));
        }
    };
    let result = |exchange: &mut Exchange, text: String| {
        note(exchange, || format!("Authorizer result body before parsing: {text}"));
    };
    if reply.function_error {
        set_outcome(exchange, Outcome::FunctionError);
        let message = Payload::read_error(reply.body.whole()).selection_text().into_owned();
        result(exchange, format!("error {message:?}"));
        return Err(match message == "Unauthorized" {
            true => Failure::Unauthorized,
            false => Failure::AuthorizerFunction(message),
        });
    }
    if exchange.sample.is_some() {
        result(exchange, cut(without_key(reply.body.whole())));
    }
    match read_rest(reply.body.whole()) {
        Ok(answer) => {
            set_outcome(exchange, Outcome::Success);
            Ok(answer)
        }
        Err(fault) => {
            set_outcome(exchange, Outcome::Malformed);
            Err(configuration(fault.to_string()))
        }
    }
}

/// An answer as people may see it, even one that cannot be read: its API key is a secret.
fn without_key(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body).into_owned();
    let answer: Option<Value> = serde_json::from_slice(body).ok();
    match answer.as_ref().and_then(|answer| answer["usageIdentifierKey"].as_str()) {
        Some(key) if !key.is_empty() => {
            let quoted = |key: &str| Value::from(key).to_string();
            text.replace(&quoted(key), &quoted(&masked(key)))
        }
        _ => text,
    }
}

/// Evaluates an answer for the method that is called, together with the resource policy.
fn admit(
    api: &RestApi,
    exchange: &mut Exchange,
    answer: &Arc<PolicyAnswer<String>>,
    latency: Duration,
    cached: Option<SystemTime>,
) -> Result<(), Failure> {
    let arn = access::method_arn(api, exchange)?;
    let facts = access::facts(api, exchange);
    let decided = answer.policy.decide(&arn, &facts).outcome;
    let why = exchange.sample.is_some().then(|| answer.policy.explain(&arn, &facts).to_string());
    note(exchange, || format!("Authorizer policy: {}", why.unwrap_or_default()));
    if let Some(since) = cached
        && decided == Decided::Neither
    {
        let since = time::request_time(since);
        note(exchange, || format!("The policy cached at {since} for this identity does not cover {arn}"));
    }
    set_result(
        exchange,
        match decided {
            Decided::Allow => AuthorizerResult::Allow,
            Decided::Deny => AuthorizerResult::Deny,
            Decided::Neither => AuthorizerResult::ImplicitDeny,
        },
    );
    let caller = &mut exchange.caller;
    caller.usage_identifier_key = answer.usage_identifier_key.clone();
    caller.authorizer = Some(AuthorizerContext::Lambda(LambdaContext { answer: answer.clone(), latency }));
    access::decide(api, exchange.decisions.resource_policy, Authorized::Lambda(decided), &arn)
}

fn identify(
    authorizer: &Authorizer,
    api: &RestApi,
    exchange: &Exchange,
) -> Result<Vec<String>, identity_source::Unidentified> {
    let values = Values { api, exchange, client: ClientParameters::new(exchange) };
    match &authorizer.identity {
        IdentityOf::Token { source, expression } => {
            identity_source::token(source, expression.as_ref(), &values).map(|token| vec![token])
        }
        // Nothing is asked of a request whose answer is not kept (documented).
        IdentityOf::Request(sources) if authorizer.ttl.is_zero() => {
            Ok(sources.iter().filter_map(|source| source.read(&values).map(Cow::into_owned)).collect())
        }
        IdentityOf::Request(sources) => identity_source::identify(sources, &values),
    }
}

struct Values<'a> {
    api: &'a RestApi,
    exchange: &'a Exchange,
    client: ClientParameters<'a>,
}

impl CallerValues for Values<'_> {
    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.exchange.request.headers.last(name).map(Cow::Borrowed)
    }

    fn query_string(&self, name: &str) -> Option<Cow<'_, str>> {
        self.client.query(name).map(Cow::Borrowed)
    }

    fn stage_variable(&self, name: &str) -> Option<Cow<'_, str>> {
        self.api.stage_variables.get(name).map(|value| Cow::Borrowed(value.as_str()))
    }

    fn context(&self, name: &str) -> Option<Cow<'_, str>> {
        variables::lookup(self.api, self.exchange, name)
    }
}

fn token_event(arn: &str, token: &str) -> Bytes {
    let mut out = br#"{"type":"TOKEN","methodArn":""#.to_vec();
    escape_str(&mut out, arn);
    out.extend_from_slice(br#"","authorizationToken":""#);
    escape_str(&mut out, token);
    out.extend_from_slice(br#""}"#);
    out.into()
}

fn failed(exchange: &mut Exchange, result: AuthorizerResult, failure: Failure) -> Failure {
    set_result(exchange, result);
    failure
}

fn set_result(exchange: &mut Exchange, result: AuthorizerResult) {
    set_check(exchange, |check| check.result = Some(result));
}

fn set_outcome(exchange: &mut Exchange, outcome: Outcome) {
    set_check(exchange, |check| check.outcome = Some(outcome));
}

fn set_check(exchange: &mut Exchange, set: impl FnOnce(&mut AuthorizerCheck)) {
    if let Some(check) = &mut exchange.decisions.authorizer {
        set(check);
    }
}
