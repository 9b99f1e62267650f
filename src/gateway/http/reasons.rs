//! Why an exchange of an HTTP API went as it did, for who looks: what API Gateway decides and never says.

use super::integration_request::source;
use super::integration_response::unmapped;
use super::malformed;
use super::values::{LONGEST_SEARCHED, Values};
use crate::api::http::{Action, Expression, Mapping, Piece, Target, ValueSource, status_code};
use crate::api::{HttpApi, HttpCall, HttpRoute};
use crate::exchange::call::IntegrationReply;
use crate::exchange::exchange::Exchange;
use crate::exchange::masking::Masking;
use crate::exchange::query;
use crate::exchange::sample::Sample;
use crate::failure::Failure;
use crate::gateway::nearest_route::nearest_route;
use crate::gateway::reasons::Reasons;
use crate::http1::message::Response;

/// All of an exchange so far.
pub(crate) fn reasons(api: &HttpApi, exchange: &Exchange, masking: &Masking<'_>) -> Reasons {
    let Some(sample) = &exchange.sample else { return Reasons::default() };
    let route = exchange.matched.as_ref().and_then(|matched| api.routes.get(matched.resource));
    let called = route.filter(|_| sample.call.is_some());
    let answer = match &exchange.failure {
        Some(Failure::NoRoute { .. }) => vec![nearest(api, exchange)],
        Some(Failure::UnknownStage) => vec![format!("The path does not begin with the base path `{}`", api.base_path)],
        Some(Failure::MalformedResponse(_)) => route.map(|route| wrong_members(route, sample)).unwrap_or_default(),
        _ => Vec::new(),
    };
    let answered = called.filter(|_| exchange.failure.is_none()).zip(sample.reply.as_ref());
    Reasons {
        request: called.map(|route| mapped(api, route, exchange, masking)).unwrap_or_default(),
        response: answered.map(|(route, reply)| changed(api, route, exchange, reply, masking)).unwrap_or_default(),
        answer,
        ..Reasons::default()
    }
}

fn wrong_members(route: &HttpRoute, sample: &Sample) -> Vec<String> {
    match (&route.integration.call, &sample.reply) {
        (HttpCall::Function { format, .. }, Some(reply)) => malformed::faults(*format, reply.body.whole()),
        _ => Vec::new(),
    }
}

fn nearest(api: &HttpApi, exchange: &Exchange) -> String {
    let routes = api.routes.iter().map(|route| (route.method_name(), route.path.as_str()));
    let path = exchange.request.path.as_str();
    nearest_route(
        routes,
        &exchange.request.method,
        path.strip_prefix(api.base_path.as_str()).unwrap_or(path),
        &api.stage,
    )
}

/// From where each mapped value of the request came, or why there is none.
fn mapped(api: &HttpApi, route: &HttpRoute, exchange: &Exchange, masking: &Masking<'_>) -> Vec<String> {
    let values = Values::new(source(api, route, exchange));
    let told = |mapping| told("Request", mapping, &values, exchange, None, masking);
    route.integration.request_parameters.iter().map(told).collect()
}

/// The same of the answer, whose mappings go by the backend's status.
fn changed(
    api: &HttpApi,
    route: &HttpRoute,
    exchange: &Exchange,
    reply: &IntegrationReply,
    masking: &Masking<'_>,
) -> Vec<String> {
    let by_status = &route.integration.response_parameters;
    let Some(response) = Some(by_status).filter(|all| !all.is_empty()).and_then(|_| unmapped(route, reply)) else {
        return Vec::new();
    };
    let Some((_, mappings)) = by_status.iter().find(|(status, _)| *status == response.status) else {
        let known: Vec<String> = by_status.iter().map(|(status, _)| status.to_string()).collect();
        return vec![format!(
            "No response parameter is mapped: the backend's status is {}, there are mappings for {}",
            response.status,
            known.join(", ")
        )];
    };
    let body = response.body.whole();
    let values = Values::with_reply(source(api, route, exchange), response.headers.clone(), body);
    mappings.iter().map(|mapping| told("Response", mapping, &values, exchange, Some(&response), masking)).collect()
}

fn told(
    of: &str,
    mapping: &Mapping,
    values: &Values<'_>,
    exchange: &Exchange,
    response: Option<&Response>,
    masking: &Masking<'_>,
) -> String {
    let (place, name) = match &mapping.target {
        Target::Header(name) => (format!("header.{name}"), name.as_str()),
        Target::QueryString(name) => (format!("querystring.{name}"), name.as_str()),
        Target::Path => ("path".to_owned(), ""),
        Target::StatusCode => ("statuscode".to_owned(), ""),
    };
    let Some(value) = mapping.value.as_ref().filter(|_| mapping.action != Action::Remove) else {
        return format!("{of} parameter {place} is removed");
    };
    let origin = if value.literal().is_some() { "a text of the definition" } else { &*value.written };
    match values.text(value) {
        Some(text) if mapping.target == Target::StatusCode && status_code(&text).is_none() => {
            let text = masking.value(name, &text);
            format!("{of} parameter {place} is left as it was: {text:?}, from {origin}, is no status")
        }
        Some(text) => format!("{of} parameter {place} is {:?}, from {origin}", masking.value(name, &text)),
        None => {
            format!("{of} parameter {place} is left as it was: {origin}: {}", absent(value, exchange, response))
        }
    }
}

/// Why an expression, which is a single value, has none.
fn absent(value: &Expression, exchange: &Exchange, response: Option<&Response>) -> String {
    let response_body = response.map(|response| response.body.whole().as_ref()).unwrap_or_default();
    let Some(Piece::Value(value)) = value.pieces.first() else { return "it has no value".to_owned() };
    match value {
        ValueSource::Header(name) => format!("the request has no header `{name}`"),
        ValueSource::QueryString(name) => {
            let sent = query::parse(exchange.request.query.as_deref().unwrap_or_default());
            match sent.iter().find(|own| own.name.eq_ignore_ascii_case(name)) {
                Some(own) => format!("there is `{}`, and letter case counts", own.name),
                None => format!("the request has no query parameter `{name}`"),
            }
        }
        ValueSource::PathVariable(name) => format!("the route has no path variable `{name}`"),
        ValueSource::Body => "the request has no body of text".to_owned(),
        ValueSource::BodyPath(_) => nothing_there("request's body", &exchange.request.body),
        ValueSource::ResponseHeader(name) => format!("the backend's answer has no header `{name}`"),
        ValueSource::ResponseBody => "the backend's answer has no body of text".to_owned(),
        ValueSource::ResponseBodyPath(_) => nothing_there("body of the backend's answer", response_body),
        ValueSource::StageVariable(name) => format!("the stage has no variable `{name}`"),
        ValueSource::Path | ValueSource::Context(_) => "it has no value in this request".to_owned(),
    }
}

fn nothing_there(of: &str, body: &[u8]) -> String {
    if body.len() > LONGEST_SEARCHED {
        return format!("the {of} has {} bytes, of which only the first {LONGEST_SEARCHED} are searched", body.len());
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(body) {
        Ok(_) => format!("the {of} has nothing there"),
        Err(_) if body.is_empty() => format!("the {of} is empty"),
        Err(_) => format!("the {of} is no JSON"),
    }
}
