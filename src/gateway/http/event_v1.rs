//! The event of payload format 1.0, which is a REST API's but for order and a few members.

use bytes::Bytes;

use super::event::{
    EventSource, Line, header_lines, is_binary, member, raw, text, write_body, write_list, write_map, write_values,
};
use super::event_v2::write_scopes;
use crate::exchange::http_caller::HttpCaller;
use crate::exchange::query;
use crate::failure::Failure;
use crate::gateway::address::write_ip;
use crate::json_text::escape;
use crate::mapping::{time, variables};

/// The event of a request; one over `limit` bytes is refused, as Lambda would.
pub(crate) fn render(source: &EventSource, limit: usize) -> Result<Bytes, Failure> {
    let request = &source.exchange.request;
    if request.body.len() > limit {
        return Err(Failure::EventTooLarge);
    }
    let mut out = Vec::with_capacity(3_072 + request.path.len() + request.body.len() + request.body.len() / 3);
    text(&mut out, br#"{"version":"1.0""#);
    write_request(&mut out, source);
    write_context(&mut out, source);
    nullable_map(&mut out, br#","pathParameters":"#, pairs(source.path_parameters));
    write_stage_variables(&mut out, source);
    text(&mut out, br#","body":"#);
    match request.body.is_empty() {
        true => text(&mut out, b"null"),
        false => write_body(&mut out, request),
    }
    let encoded = !request.body.is_empty() && is_binary(request);
    raw(&mut out, br#","isBase64Encoded":"#, encoded);
    text(&mut out, b"}");
    if out.len() > limit { Err(Failure::EventTooLarge) } else { Ok(Bytes::from(out)) }
}

/// What a Lambda authorizer is asked in format 1.0: no body, and `pathParameters` is an object even when empty (documented).
pub(crate) fn render_for_authorizer(
    source: &EventSource,
    method_arn: &str,
    identity: &[String],
    limit: usize,
) -> Result<Bytes, Failure> {
    let identity = identity.join(",");
    let mut out = Vec::with_capacity(3_072 + source.exchange.request.path.len());
    member(&mut out, br#"{"version":"1.0","type":"REQUEST","methodArn":""#, method_arn);
    member(&mut out, br#"","identitySource":""#, &identity);
    member(&mut out, br#"","authorizationToken":""#, &identity);
    text(&mut out, b"\"");
    write_request(&mut out, source);
    text(&mut out, br#","pathParameters":"#);
    write_map(&mut out, pairs(source.path_parameters));
    write_stage_variables(&mut out, source);
    write_context(&mut out, source);
    text(&mut out, b"}");
    if out.len() > limit { Err(Failure::EventTooLarge) } else { Ok(Bytes::from(out)) }
}

/// From `resource` to the query string.
fn write_request(out: &mut Vec<u8>, source: &EventSource) {
    let request = &source.exchange.request;
    member(out, br#","resource":""#, &source.route.path);
    member(out, br#"","path":""#, &request.path);
    member(out, br#"","httpMethod":""#, &request.method);
    text(out, b"\"");
    write_headers(out, header_lines(request, &source.exchange.ids.trace_id));
    write_query(out, request.query.as_deref().unwrap_or_default());
}

fn pairs(list: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    list.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

fn write_stage_variables(out: &mut Vec<u8>, source: &EventSource) {
    let variables = source.api.stage_variables.iter();
    nullable_map(out, br#","stageVariables":"#, variables.map(|(name, value)| (name.as_str(), value.as_str())));
}

/// An object of strings; null when it would be empty.
fn nullable_map<'a>(out: &mut Vec<u8>, before: &[u8], entries: impl Iterator<Item = (&'a str, &'a str)>) {
    text(out, before);
    let mut entries = entries.peekable();
    match entries.peek() {
        Some(_) => write_map(out, entries),
        None => text(out, b"null"),
    }
}

/// The names that API Gateway spells its own way, whatever the client sent (fact `http-header-spelling`).
const SPELLED: [&[u8]; 4] = [b"Content-Length", b"Content-Type", b"Host", b"User-Agent"];

fn spelling(name: &[u8]) -> &[u8] {
    SPELLED.into_iter().find(|known| known.eq_ignore_ascii_case(name)).unwrap_or(name)
}

/// `headers`, where the last line of a name counts, and `multiValueHeaders`; sorted by the spelling, capitals first.
fn write_headers(out: &mut Vec<u8>, lines: Vec<Line>) {
    let mut names: Vec<(&[u8], Vec<&[u8]>)> = Vec::with_capacity(lines.len());
    for line in &lines {
        match names.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(line.name)) {
            Some((_, values)) => values.push(&line.value),
            None => names.push((spelling(line.name), vec![&*line.value])),
        }
    }
    names.sort_by_key(|(name, _)| *name);
    text(out, br#","headers":{"#);
    let mut before: &[u8] = b"\"";
    for (name, values) in &names {
        text(out, before);
        escape(out, name);
        text(out, b"\":\"");
        escape(out, values.last().copied().unwrap_or_default());
        before = b"\",\"";
    }
    text(out, br#""},"multiValueHeaders":{"#);
    before = b"\"";
    for (name, values) in &names {
        text(out, before);
        escape(out, name);
        text(out, b"\":");
        write_list(out, values.iter().copied());
        before = b",\"";
    }
    text(out, b"}");
}

fn write_query(out: &mut Vec<u8>, query: &str) {
    let mut parameters = query::parse(query);
    parameters.sort_by(|a, b| a.name.cmp(&b.name));
    let last = parameters.iter().map(|parameter| (parameter.name.as_ref(), parameter.last()));
    nullable_map(out, br#","queryStringParameters":"#, last);
    text(out, br#","multiValueQueryStringParameters":"#);
    if parameters.is_empty() {
        return text(out, b"null");
    }
    for (i, parameter) in parameters.iter().enumerate() {
        member(out, if i == 0 { b"{\"" } else { b",\"" }, &parameter.name);
        text(out, b"\":");
        write_list(out, parameter.values.iter().map(|value| value.as_bytes()));
    }
    text(out, b"}");
}

fn write_context(out: &mut Vec<u8>, source: &EventSource) {
    let EventSource { api, exchange, route, .. } = source;
    let request = &exchange.request;
    member(out, br#","requestContext":{"accountId":""#, &api.account_id);
    member(out, br#"","apiId":""#, &api.id);
    text(out, b"\"");
    write_authorizer(out, source.caller);
    member(out, br#","domainName":""#, variables::domain_name(api, exchange).unwrap_or_default());
    member(out, br#"","domainPrefix":""#, variables::domain_prefix(api, exchange).unwrap_or_default());
    member(out, br#"","extendedRequestId":""#, source.apigw_request_id());
    member(out, br#"","httpMethod":""#, &request.method);
    text(out, b"\"");
    write_identity(out, source);
    member(out, br#","path":""#, &source.path());
    member(out, br#"","protocol":"HTTP/1.1","requestId":""#, source.apigw_request_id());
    member(out, br#"","requestTime":""#, &time::request_time(request.time));
    raw(out, br#"","requestTimeEpoch":"#, time::epoch_millis(request.time));
    member(out, br#","resourceId":""#, &route.key);
    member(out, br#"","resourcePath":""#, &route.path);
    member(out, br#"","stage":""#, &api.stage);
    text(out, br#""}"#);
}

/// Claims and scopes stand there for every authorizer but IAM's (fact `http-authorizer-1.0`).
fn write_authorizer(out: &mut Vec<u8>, caller: Option<&HttpCaller>) {
    match caller {
        None | Some(HttpCaller::Iam(_)) => return,
        Some(HttpCaller::Jwt { claims, scopes }) => {
            text(out, br#","authorizer":{"claims":"#);
            write_map(out, pairs(claims));
            text(out, br#","scopes":"#);
            write_scopes(out, scopes.as_deref());
        }
        Some(HttpCaller::Lambda { context, .. }) => {
            text(out, br#","authorizer":{"claims":null,"scopes":null"#);
            write_values(out, context, b",");
        }
    }
    text(out, b"}");
}

fn write_identity(out: &mut Vec<u8>, source: &EventSource) {
    let signer = match source.caller {
        Some(HttpCaller::Iam(signer)) => Some(signer),
        _ => None,
    };
    let known = |name: &str| signer.and_then(|signer| signer.get(name));
    nullable(out, br#","identity":{"accessKey":"#, known("accessKey"));
    nullable(out, br#","accountId":"#, known("accountId"));
    nullable(out, br#","caller":"#, known("caller"));
    text(out, br#","cognitoAmr":null,"cognitoAuthenticationProvider":null,"cognitoAuthenticationType":null"#);
    text(out, br#","cognitoIdentityId":null,"cognitoIdentityPoolId":null,"principalOrgId":null,"sourceIp":""#);
    write_ip(out, source.exchange.source_ip);
    nullable(out, br#"","user":"#, known("user"));
    member(out, br#","userAgent":""#, source.user_agent());
    nullable(out, br#"","userArn":"#, known("userArn"));
    text(out, b"}");
}

/// A text, or null.
fn nullable(out: &mut Vec<u8>, before: &[u8], value: Option<&str>) {
    text(out, before);
    match value {
        Some(value) => {
            member(out, b"\"", value);
            text(out, b"\"");
        }
        None => text(out, b"null"),
    }
}
