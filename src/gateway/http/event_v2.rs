//! The event of payload format 2.0, written straight into one buffer.
//!
//! What is empty is absent, not null (measured by others: Powertools' validator refuses null).

use std::borrow::Cow;

use bytes::Bytes;

use super::event::{
    EventSource, Line, header_lines, member, raw, text, write_body, write_list, write_map, write_values,
};
use crate::exchange::http_caller::HttpCaller;
use crate::exchange::query;
use crate::exchange::signer::Signer;
use crate::failure::Failure;
use crate::gateway::address::write_ip;
use crate::http1::message::Headers;
use crate::json_text::escape;
use crate::mapping::{time, variables};

/// The event of a request; one over `limit` bytes is refused, as Lambda would.
pub(crate) fn render(source: &EventSource, limit: usize) -> Result<Bytes, Failure> {
    let request = &source.exchange.request;
    if request.body.len() > limit {
        return Err(Failure::EventTooLarge);
    }
    let mut out = Vec::with_capacity(2_048 + request.path.len() + request.body.len() + request.body.len() / 3);
    text(&mut out, br#"{"version":"2.0""#);
    write_request(&mut out, source);
    write_parameters(&mut out, source);
    if !request.body.is_empty() {
        text(&mut out, br#","body":"#);
        write_body(&mut out, request);
    }
    let encoded = !request.body.is_empty() && super::event::is_binary(request);
    raw(&mut out, br#","isBase64Encoded":"#, encoded);
    text(&mut out, b"}");
    if out.len() > limit { Err(Failure::EventTooLarge) } else { Ok(Bytes::from(out)) }
}

/// What a Lambda authorizer is asked in format 2.0: no body, but the values that identify the caller.
pub(crate) fn render_for_authorizer(
    source: &EventSource,
    route_arn: &str,
    identity: &[String],
    limit: usize,
) -> Result<Bytes, Failure> {
    let mut out = Vec::with_capacity(2_048 + source.exchange.request.path.len());
    member(&mut out, br#"{"version":"2.0","type":"REQUEST","routeArn":""#, route_arn);
    text(&mut out, br#"","identitySource":"#);
    match identity {
        [] => text(&mut out, b"null"),
        values => write_list(&mut out, values.iter().map(String::as_bytes)),
    }
    write_request(&mut out, source);
    write_parameters(&mut out, source);
    text(&mut out, b"}");
    if out.len() > limit { Err(Failure::EventTooLarge) } else { Ok(Bytes::from(out)) }
}

/// From `routeKey` to the end of `requestContext`.
fn write_request(out: &mut Vec<u8>, source: &EventSource) {
    let request = &source.exchange.request;
    let path = source.path();
    let query = request.query.as_deref().unwrap_or_default();
    member(out, br#","routeKey":""#, &source.route.key);
    member(out, br#"","rawPath":""#, &path);
    member(out, br#"","rawQueryString":""#, query);
    text(out, b"\"");
    write_cookies(out, &request.headers);
    write_headers(out, header_lines(request, &source.exchange.ids.trace_id));
    write_query(out, query);
    write_context(out, source, &path);
}

/// `pathParameters` and `stageVariables`.
fn write_parameters(out: &mut Vec<u8>, source: &EventSource) {
    if !source.path_parameters.is_empty() {
        text(out, br#","pathParameters":"#);
        write_map(out, source.path_parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    }
    if !source.api.stage_variables.is_empty() {
        text(out, br#","stageVariables":"#);
        write_map(out, source.api.stage_variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    }
}

/// Each cookie by itself, from every `Cookie` line.
fn write_cookies(out: &mut Vec<u8>, headers: &Headers) {
    let lines = headers.all("cookie").flat_map(|line| line.value.split(|byte| *byte == b';'));
    let mut cookies = lines.map(<[u8]>::trim_ascii).filter(|cookie| !cookie.is_empty()).peekable();
    if cookies.peek().is_some() {
        text(out, br#","cookies":"#);
        write_list(out, cookies);
    }
}

/// Names in lower case, several lines of a name joined by commas, without the cookies (recorded on AWS).
fn write_headers(out: &mut Vec<u8>, lines: Vec<Line>) {
    let mut lines: Vec<(Vec<u8>, Cow<[u8]>)> =
        lines.into_iter().map(|line| (line.name.to_ascii_lowercase(), line.value)).collect();
    lines.sort_by(|a, b| a.0.cmp(&b.0));
    text(out, br#","headers":{"#);
    let mut before: &[u8] = b"\"";
    for same in lines.chunk_by(|a, b| a.0 == b.0).filter(|same| same.first().is_some_and(|line| line.0 != b"cookie")) {
        for (i, (name, value)) in same.iter().enumerate() {
            if i == 0 {
                text(out, before);
                escape(out, name);
                text(out, b"\":\"");
            } else {
                text(out, b",");
            }
            escape(out, value);
        }
        before = b"\",\"";
    }
    text(out, b"\"}");
}

fn write_query(out: &mut Vec<u8>, query: &str) {
    let parameters = query::parse(query);
    if parameters.is_empty() {
        return;
    }
    let joined: Vec<(&str, String)> = parameters.iter().map(|p| (p.name.as_ref(), p.values.join(","))).collect();
    text(out, br#","queryStringParameters":"#);
    write_map(out, joined.iter().map(|(name, value)| (*name, value.as_str())));
}

fn write_context(out: &mut Vec<u8>, source: &EventSource, path: &str) {
    let EventSource { api, exchange, .. } = source;
    let request = &exchange.request;
    member(out, br#","requestContext":{"accountId":""#, &api.account_id);
    member(out, br#"","apiId":""#, &api.id);
    text(out, b"\"");
    if let Some(caller) = source.caller {
        write_caller(out, caller);
    }
    member(out, br#","domainName":""#, variables::domain_name(api, exchange).unwrap_or_default());
    member(out, br#"","domainPrefix":""#, variables::domain_prefix(api, exchange).unwrap_or_default());
    member(out, br#"","http":{"method":""#, &request.method);
    member(out, br#"","path":""#, path);
    text(out, br#"","protocol":"HTTP/1.1","sourceIp":""#);
    write_ip(out, exchange.source_ip);
    member(out, br#"","userAgent":""#, source.user_agent());
    member(out, br#""},"requestId":""#, source.apigw_request_id());
    member(out, br#"","routeKey":""#, &source.route.key);
    member(out, br#"","stage":""#, &api.stage);
    member(out, br#"","time":""#, &time::request_time(request.time));
    raw(out, br#"","timeEpoch":"#, time::epoch_millis(request.time));
    text(out, b"}");
}

fn write_caller(out: &mut Vec<u8>, caller: &HttpCaller) {
    match caller {
        HttpCaller::Jwt { claims, scopes } => {
            text(out, br#","authorizer":{"jwt":{"claims":"#);
            write_map(out, claims.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            text(out, br#","scopes":"#);
            write_scopes(out, scopes.as_deref());
            text(out, b"}}");
        }
        HttpCaller::Lambda { context, .. } => {
            text(out, br#","authorizer":{"lambda":{"#);
            write_values(out, context, b"");
            text(out, b"}}");
        }
        HttpCaller::Iam(signer) => write_signer(out, signer),
    }
}

/// The token's scopes; null for a route that asks for none (fact `jwt-scopes`).
pub(super) fn write_scopes(out: &mut Vec<u8>, scopes: Option<&[String]>) {
    match scopes {
        Some(scopes) => write_list(out, scopes.iter().map(String::as_bytes)),
        None => text(out, b"null"),
    }
}

/// Nobody here knows the id that IAM gave the caller: its name stands there. `principalOrgId` is as AWS was seen to write it
/// (fact `http-iam-caller`).
fn write_signer(out: &mut Vec<u8>, signer: &Signer) {
    member(out, br#","authorizer":{"iam":{"accessKey":""#, &signer.access_key);
    member(out, br#"","accountId":""#, &signer.account_id);
    member(out, br#"","callerId":""#, &signer.user);
    text(out, br#"","cognitoIdentity":null,"principalOrgId":"aws:PrincipalOrgID","#);
    member(out, br#""userArn":""#, &signer.user_arn);
    member(out, br#"","userId":""#, &signer.user);
    text(out, br#""}}"#);
}
