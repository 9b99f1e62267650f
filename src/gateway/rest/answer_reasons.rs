//! Why the client gets the answer that it gets, where the sentence of the execution log leaves the cause open.

use super::malformed;
use crate::api::{Method, RestApi};
use crate::exchange::exchange::Exchange;
use crate::exchange::sample::Sample;
use crate::failure::Failure;
use crate::gateway::nearest_route::nearest_route;
use crate::integration::has_prelude;
use crate::metrics::MaskedKind;

/// One sentence each.
pub(super) fn of_answer(api: &RestApi, method: Option<&Method>, exchange: &Exchange, sample: &Sample) -> Vec<String> {
    match &exchange.failure {
        Some(Failure::NoRoute { .. }) => vec![nearest(api, exchange)],
        Some(Failure::UnknownStage) => {
            vec![format!("The path does not begin with the base path `{}`", api.base_path)]
        }
        Some(Failure::MalformedResponse(_)) => wrong_members(sample),
        Some(Failure::ApiKey) => vec![of_key(api, exchange)],
        Some(Failure::Unsigned { signature: None }) => vec![
            "The request is not signed: AWS_IAM expects a Signature Version 4, in `Authorization` or in the query"
                .to_owned(),
        ],
        Some(Failure::UndeclaredStatus(status)) => {
            method.map(|method| undeclared(*status, method)).into_iter().collect()
        }
        Some(Failure::InvalidEvent(sentence)) => event_line(sentence, sample).into_iter().collect(),
        None => {
            exchange.decisions.masked.zip(method).and_then(|(kind, method)| hidden(kind, method)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn nearest(api: &RestApi, exchange: &Exchange) -> String {
    let routes = api.resources.iter().flat_map(|resource| {
        resource.methods.iter().map(|method| (method.http_method.as_str(), resource.path.as_str()))
    });
    let path = exchange.request.path.as_str();
    let path = path.strip_prefix(api.base_path.as_str()).unwrap_or(path);
    // A slash at the end changes nothing.
    let path = path.strip_suffix('/').unwrap_or(path);
    nearest_route(routes, &exchange.request.method, path, &api.stage)
}

/// What a function streams is no answer of this shape: its own sentence says all.
fn wrong_members(sample: &Sample) -> Vec<String> {
    let reply = sample.reply.as_ref();
    let whole = reply.filter(|reply| reply.metadata.is_none() && !has_prelude(reply.body.whole(), &reply.ahead));
    let streams = sample.call.iter().any(|call| call.streamed);
    whole.filter(|_| !streams).map(|reply| malformed::faults(reply.body.whole())).unwrap_or_default()
}

/// Why a key does not open the method. Keys that an authorizer names are its own to tell.
fn of_key(api: &RestApi, exchange: &Exchange) -> String {
    let from_authorizer = api.api_key_source == crate::api::ApiKeySource::Authorizer;
    let shown = match from_authorizer {
        true => exchange.caller.usage_identifier_key.as_deref(),
        false => exchange.request.headers.last("x-api-key"),
    };
    let Some(shown) = shown.filter(|shown| !shown.is_empty()) else {
        return match from_authorizer {
            true => "The authorizer's answer has no `usageIdentifierKey`, and the method needs an API key",
            false => "The request has no `X-Api-Key`, and the method needs an API key",
        }
        .to_owned();
    };
    match api.api_keys.iter().find(|(_, key)| key.value == shown) {
        None => "No API key of this stage has this value".to_owned(),
        Some((name, key)) if !key.enabled => format!("API key `{name}` is disabled"),
        Some((name, _)) => format!("API key `{name}` is in no usage plan of this stage"),
    }
}

fn undeclared(status: u16, method: &Method) -> String {
    let declared: Vec<String> = method.responses.iter().map(|response| response.status.to_string()).collect();
    let declared = if declared.is_empty() { "no status".to_owned() } else { declared.join(", ") };
    format!("The method's responses declare {declared}, but not {status}")
}

/// Why a failure of the backend could hide, where no pattern that was tried tells it.
fn hidden(kind: MaskedKind, method: &Method) -> Option<String> {
    if kind == MaskedKind::StatusCode {
        let why = "Only a proxy integration (AWS_PROXY) takes its status from the payload's `statusCode`; here the rule alone decides";
        return Some(why.to_owned());
    }
    let responses = &method.integration.responses;
    let without = !responses.is_empty() && responses.iter().all(|response| response.selection_pattern.is_none());
    without.then(|| {
        "No integration response has a selection pattern: whatever fails is answered by the default".to_owned()
    })
}

/// The line of the event that is no JSON. Lambda's sentence ends with its place.
fn event_line(sentence: &str, sample: &Sample) -> Option<String> {
    let (_, place) = sentence.rsplit_once("line: ")?;
    let (line, column) = place.trim_end_matches(']').split_once(", column: ")?;
    let (line, column): (usize, usize) = (line.parse().ok()?, column.parse().ok()?);
    let event = std::str::from_utf8(&sample.unsent.as_ref()?.body).ok()?;
    let text = event.lines().nth(line.checked_sub(1)?)?;
    // It may be long: what stands around the place is enough.
    let (before, after) = (column.saturating_sub(1), 20);
    let shown: String = text.chars().skip(before.saturating_sub(30)).take(before.min(30) + after).collect();
    Some(format!("The event is no JSON at line {line}, column {column}: `{}`", shown.trim()))
}
