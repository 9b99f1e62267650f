//! A failure, rendered as its gateway response.

use std::borrow::Cow;

use super::refusal;
use crate::api::{GatewayResponse, GatewayResponseType, RestApi, media_type};
use crate::exchange::exchange::Exchange;
use crate::exchange::ids;
use crate::failure::{Failure, Place};
use crate::http1::message::{Headers, Response};
use crate::mapping::client::ClientParameters;
use crate::mapping::document::BodyDocument;
use crate::mapping::header::fate_when_mapped;
use crate::mapping::parameter::{Sources, map_response};
use crate::mapping::variables;
use crate::metrics::Outcome;

const JSON: &str = "application/json";

/// The answer for a failure, which the exchange knows from now on: `$context.error` shows it.
pub(crate) fn refuse(api: &RestApi, exchange: &mut Exchange, failure: Failure) -> Response {
    exchange.error_message = refusal::message(&failure);
    if matches!(failure, Failure::MalformedResponse(_)) && exchange.outcome == Some(Outcome::Success) {
        // A reply that came well and cannot be read was no success.
        exchange.outcome = Some(Outcome::Malformed);
    }
    exchange.failure = Some(failure.clone());
    let mut response = render(api, exchange, &failure);
    let row = failure.row();
    if row.place != Place::Front {
        ids::stamp(&mut response, &exchange.ids, row.has_trace_id);
    }
    response
}

fn render(api: &RestApi, exchange: &Exchange, failure: &Failure) -> Response {
    let row = failure.row();
    if row.place == Place::Front {
        return in_front(failure, row.status, exchange);
    }
    let mut headers = Headers::default();
    let mut body = builtin_body(failure, row.place, exchange);
    let mut content_type = JSON;
    if let Some(custom) = customized(api, failure) {
        headers = mapped(api, exchange, &custom);
        if let Some((media_type, template)) = template(&custom, exchange) {
            content_type = media_type;
            body = substitute(template, api, exchange);
        }
    }
    if !headers.contains("content-type") {
        headers.push("Content-Type", content_type.to_owned());
    }
    headers.set("x-amzn-ErrorType", row.error_type);
    Response { status: status(api, failure), headers, body: body.into() }
}

/// The status that a failure gives with an API's gateway responses.
pub(crate) fn status(api: &RestApi, failure: &Failure) -> u16 {
    let status = failure.row().status;
    match customized(api, failure) {
        // Recorded on AWS: a refused invocation is a 500, but 504 once its own type is customised without a status.
        Some(Custom { response, own: Some(_) }) if matches!(failure, Failure::FunctionError { .. }) => {
            response.status.unwrap_or(status)
        }
        Some(Custom { response, own: Some(kind) }) => response.status.or(kind.default_status()).unwrap_or(status),
        Some(Custom { response, own: None }) => response.status.unwrap_or(status),
        None => status,
    }
}

/// What customises the answer: the failure's own type, or else the fallback of its class.
struct Custom<'a> {
    response: &'a GatewayResponse,
    own: Option<GatewayResponseType>,
}

fn customized<'a>(api: &'a RestApi, failure: &Failure) -> Option<Custom<'a>> {
    let row = failure.row();
    if !row.customizable {
        return None;
    }
    let kind = row.gateway_response;
    if let Some(response) = api.gateway_responses.get(kind) {
        return Some(Custom { response, own: Some(kind) });
    }
    api.gateway_responses.get(class(failure)).map(|response| Custom { response, own: None })
}

/// The fallback of a failure's class.
fn class(failure: &Failure) -> GatewayResponseType {
    if failure.row().status < 500 { GatewayResponseType::Default4xx } else { GatewayResponseType::Default5xx }
}

/// The type of the customised response that answers a failure: its own, or the fallback of its class.
pub(crate) fn customized_type(api: &RestApi, failure: &Failure) -> Option<GatewayResponseType> {
    customized(api, failure).map(|custom| custom.own.unwrap_or_else(|| class(failure)))
}

/// The answers of the front end, which knows nothing of APIs: no ids, no definition.
fn in_front(failure: &Failure, status: u16, exchange: &Exchange) -> Response {
    let mut response = Response { status, ..Response::default() };
    let Some(message) = &exchange.error_message else {
        // A client that broke off or stalled has made no request that could be answered.
        response.headers.push("Connection", "close");
        return response;
    };
    if *failure == Failure::Overloaded {
        response.headers.push("Content-Type", JSON);
        response.body = builtin_body(failure, Place::Front, exchange).into();
    } else {
        // A content type that is odd but literal (recorded on AWS).
        response.headers.push("Content-Type", "text; charset=utf-8");
        response.body = message.clone().into_owned().into();
    }
    response
}

/// Recorded on AWS: `Message` with a capital for refused access only, and a space behind the colon only where the method is
/// executed.
fn builtin_body(failure: &Failure, place: Place, exchange: &Exchange) -> String {
    let key = if matches!(failure, Failure::AccessDenied(_)) { "Message" } else { "message" };
    // An authorizer that cannot be asked is told as the API's own configuration error is (fact `authorizer-configuration`).
    let spaced = place == Place::Method || matches!(failure, Failure::Authorizer(_));
    let space = if spaced { " " } else { "" };
    format!("{{\"{key}\":{space}{}}}", variables::quoted_error_message(exchange))
}

fn mapped(api: &RestApi, exchange: &Exchange, custom: &Custom) -> Headers {
    let client = ClientParameters::new(exchange);
    let body = BodyDocument::new(&exchange.request.body);
    let sources = Sources { api, exchange, client: &client, body: &body, reply: None };
    let mut headers = Headers::default();
    // A source that has no value sets nothing; one that cannot be read is left out, as an error cannot be answered twice.
    for mapping in &custom.response.parameters {
        let lines = map_response(std::slice::from_ref(mapping), &sources).unwrap_or_default().0;
        for line in lines.into_iter().filter_map(|line| fate_when_mapped(&line.name).apply(line)) {
            headers.set(line.name, line.value);
        }
    }
    headers
}

/// The template for the client's first accepted media type, or for JSON, or the first.
fn template<'a>(custom: &Custom<'a>, exchange: &Exchange) -> Option<(&'a str, &'a str)> {
    let templates = &custom.response.templates;
    let accept = exchange.request.headers.first("accept").map_or(JSON, media_type);
    let of = |wanted: &str| templates.iter().find(|(media_type, _)| media_type.eq_ignore_ascii_case(wanted));
    let (media_type, template) = of(accept).or_else(|| of(JSON)).or_else(|| templates.first())?;
    Some((media_type, template))
}

/// Puts `$context.…`, `$stageVariables.…` and `$method.request.…` in. This is no VTL: nothing else means anything, and a
/// reference to nothing is empty.
fn substitute(template: &str, api: &RestApi, exchange: &Exchange) -> String {
    let client = ClientParameters::new(exchange);
    let mut out = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        match reference(after) {
            Some((name, further)) => {
                out.push_str(&value(name, api, exchange, &client));
                rest = further;
            }
            None => {
                out.push('$');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The reference that the text begins with, behind its `$`, and what follows it.
fn reference(text: &str) -> Option<(&str, &str)> {
    let (inside, formal) = match text.strip_prefix('{') {
        Some(inside) => (inside, true),
        None => (text, false),
    };
    let room = ["context.", "stageVariables.", "method.request."].into_iter().find(|room| inside.starts_with(room))?;
    // `$context.stage-name` is a variable and text; names of headers and stage variables have hyphens.
    let hyphens = room != "context.";
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.' || (hyphens && c == '-');
    let end = inside.find(|c| !is_name(c)).unwrap_or(inside.len());
    let name = inside[..end].trim_end_matches(['.', '-']);
    let further = &inside[name.len()..];
    if formal { further.strip_prefix('}').map(|further| (name, further)) } else { Some((name, further)) }
}

fn value<'a>(name: &str, api: &'a RestApi, exchange: &'a Exchange, client: &'a ClientParameters) -> Cow<'a, str> {
    let found = match name.split_once('.') {
        Some(("context", name)) => variables::lookup(api, exchange, name),
        Some(("stageVariables", name)) => api.stage_variables.get(name).map(|value| Cow::Borrowed(value.as_str())),
        Some(("method", name)) => match name.strip_prefix("request.").and_then(|name| name.split_once('.')) {
            Some(("header", name)) => client.header(name),
            Some(("querystring", name)) => client.query(name).map(Cow::Borrowed),
            Some(("path", name)) => client.path(name).map(Cow::Borrowed),
            _ => None,
        },
        _ => None,
    };
    found.unwrap_or_default()
}
