//! The event that a proxy integration hands to the function (payload format 1.0), written straight into one buffer.

use std::cell::Cell;
use std::cmp::Ordering;
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;

use crate::api::{Method, Resource, RestApi};
use crate::exchange::caller::{AuthorizerContext, LambdaContext};
use crate::exchange::exchange::Exchange;
use crate::exchange::ids;
use crate::exchange::query;
use crate::failure::Failure;
use crate::gateway::address::write_ip;
use crate::gateway::base64;
use crate::http1::message::{Headers, Request};
use crate::http1::spare;
use crate::json_text::{escape, escape_str};
use crate::mapping::{header, time, variables};

/// What every event of an API has in common, rendered at load.
#[derive(Debug)]
pub(crate) struct StageEvent {
    /// From `stageVariables` to the value of `requestContext.resourceId`.
    variables: Box<[u8]>,
    /// From `requestContext.accountId` to the value of `domainPrefix`.
    stage: Box<[u8]>,
    /// From `requestContext.deploymentId` to its end.
    tail: Box<[u8]>,
}

impl StageEvent {
    /// The parts of an API's events that no method changes.
    pub(crate) fn new(api: &RestApi) -> StageEvent {
        let mut variables = Vec::new();
        text(&mut variables, br#","stageVariables":"#);
        stage_variables(&mut variables, api);
        text(&mut variables, br#","requestContext":{"resourceId":""#);
        let mut stage = Vec::new();
        member(&mut stage, br#"","accountId":""#, &api.account_id);
        member(&mut stage, br#"","protocol":"HTTP/1.1","stage":""#, &api.stage);
        text(&mut stage, br#"","domainPrefix":""#);
        let mut tail = Vec::new();
        member(&mut tail, br#"","deploymentId":""#, &api.deployment_id);
        member(&mut tail, br#"","apiId":""#, &api.id);
        text(&mut tail, b"\"");
        if let Some(canary) = api.canary {
            text(&mut tail, if canary { br#","isCanaryRequest":true"# } else { br#","isCanaryRequest":false"# });
        }
        text(&mut tail, b"}");
        StageEvent { variables: variables.into(), stage: stage.into(), tail: tail.into() }
    }
}

/// What every event of a method has in common, rendered at load: in one piece, as there may be thousands.
#[derive(Debug)]
pub(crate) struct EventTemplate {
    of_stage: Arc<StageEvent>,
    /// From the opening brace to the value of `path`; the value of `requestContext.resourceId`; from there to the value of
    /// `requestContext.httpMethod`.
    text: Box<[u8]>,
    /// Where the second part begins, and the third.
    starts: (u32, u32),
}

impl EventTemplate {
    /// The parts of a method's events that no request changes.
    pub(crate) fn new(of_stage: &Arc<StageEvent>, resource: &Resource, method: &Method) -> EventTemplate {
        let mut out = Vec::with_capacity(128 + 2 * resource.path.len() + resource.id.len());
        member(&mut out, br#"{"resource":""#, &resource.path);
        text(&mut out, br#"","path":""#);
        let id = out.len() as u32;
        member(&mut out, b"", &resource.id);
        text(&mut out, b"\"");
        let path = out.len() as u32;
        member(&mut out, br#","resourcePath":""#, &resource.path);
        if let Some(name) = &method.operation_name {
            member(&mut out, br#"","operationName":""#, name);
        }
        text(&mut out, br#"","httpMethod":""#);
        EventTemplate { of_stage: of_stage.clone(), text: out.into(), starts: (id, path) }
    }

    fn head(&self) -> &[u8] {
        &self.text[..self.starts.0 as usize]
    }

    fn resource_id(&self) -> &[u8] {
        &self.text[self.starts.0 as usize..self.starts.1 as usize]
    }

    fn resource_path(&self) -> &[u8] {
        &self.text[self.starts.1 as usize..]
    }

    /// The event of a request; one over `limit` bytes is refused, as Lambda would.
    pub(crate) fn render(&self, api: &RestApi, exchange: &Exchange, limit: usize) -> Result<Bytes, Failure> {
        let request = &exchange.request;
        if request.body.len() > limit {
            return Err(Failure::EventTooLarge);
        }
        let mut out = spare::take(2_560 + request.path.len() + request.body.len() + request.body.len() / 3);
        self.write_request(&mut out, api, exchange);
        text(&mut out, BODY);
        write_body(&mut out, api, request);
        if out.len() > limit { Err(Failure::EventTooLarge) } else { Ok(Bytes::from(out)) }
    }

    /// What a REQUEST authorizer is asked: the same request, but for its body.
    pub(crate) fn render_for_authorizer(
        &self,
        api: &RestApi,
        exchange: &Exchange,
        arn: &str,
        limit: usize,
    ) -> Result<Bytes, Failure> {
        let mut event = Vec::with_capacity(2_560 + exchange.request.path.len());
        self.write_request(&mut event, api, exchange);
        let mut out = Vec::with_capacity(event.len() + arn.len() + 64);
        member(&mut out, br#"{"type":"REQUEST","methodArn":""#, arn);
        text(&mut out, br#"","#);
        text(&mut out, event.strip_prefix(b"{").unwrap_or(&event));
        text(&mut out, b"}");
        if out.len() > limit { Err(Failure::EventTooLarge) } else { Ok(Bytes::from(out)) }
    }

    /// The event up to the end of `requestContext`.
    fn write_request(&self, out: &mut Vec<u8>, api: &RestApi, exchange: &Exchange) {
        let request = &exchange.request;
        let (path, path_parameters) =
            exchange.matched.as_ref().map_or(("", &[][..]), |matched| (&matched.path, &matched.path_parameters));
        text(out, self.head());
        member(out, b"", path);
        // Methods are tokens, and ids and times the gateway's own: nothing in them needs an escape.
        text(out, br#"","httpMethod":""#);
        text(out, request.method.as_bytes());
        text(out, br#"","headers":{"#);
        write_headers(out, request, &exchange.ids.trace_id);
        write_query(out, request.query.as_deref().unwrap_or_default());
        write_path_parameters(out, path_parameters);
        text(out, &self.of_stage.variables);
        text(out, self.resource_id());
        if let Some(authorizer) = &exchange.caller.authorizer {
            write_authorizer(out, authorizer);
        }
        text(out, self.resource_path());
        self.write_context(out, api, exchange);
        text(out, &self.of_stage.tail);
    }

    fn write_context(&self, out: &mut Vec<u8>, api: &RestApi, exchange: &Exchange) {
        let request = &exchange.request;
        text(out, request.method.as_bytes());
        text(out, br#"","extendedRequestId":""#);
        text(out, exchange.ids.extended_request_id.as_bytes());
        text(out, br#"","requestTime":""#);
        write_time(out, request.time);
        text(out, br#"","path":""#);
        write_path(out, api, exchange);
        text(out, &self.of_stage.stage);
        let domain_name = variables::domain_name(api, exchange).unwrap_or_default();
        member(out, b"", variables::first_label(domain_name));
        text(out, br#"","requestTimeEpoch":"#);
        text(out, itoa::Buffer::new().format(time::epoch_millis(request.time)).as_bytes());
        text(out, br#","requestId":""#);
        text(out, exchange.ids.request_id.as_bytes());
        text(out, br#"","identity":{"cognitoIdentityPoolId":null,"accountId":"#);
        let signer = exchange.caller.signer.as_ref();
        nullable(out, signer.map(|signer| signer.account_id.as_str()));
        text(out, br#","cognitoIdentityId":null,"caller":"#);
        nullable(out, signer.map(|signer| signer.user.as_str()));
        text(out, b",");
        if let Some(key) = &exchange.api_key {
            member(out, br#""apiKey":""#, &key.value);
            member(out, br#"","apiKeyId":""#, &key.id);
            text(out, br#"","#);
        }
        text(out, br#""sourceIp":""#);
        write_ip(out, exchange.source_ip);
        text(out, br#"","principalOrgId":null,"accessKey":"#);
        nullable(out, signer.map(|signer| signer.access_key.as_str()));
        text(out, br#","cognitoAuthenticationType":null,"cognitoAuthenticationProvider":null,"userArn":"#);
        nullable(out, signer.map(|signer| signer.user_arn.as_str()));
        text(out, br#","userAgent":"#);
        nullable(out, variables::user_agent(exchange));
        text(out, br#","user":"#);
        nullable(out, signer.map(|signer| signer.user.as_str()));
        text(out, br#"},"domainName":""#);
        member(out, b"", domain_name);
    }
}

/// The path as `$context.path` has it.
fn write_path(out: &mut Vec<u8>, api: &RestApi, exchange: &Exchange) {
    match api.base_path.is_empty() {
        true => escape_str(out, &exchange.request.path),
        false => escape_str(out, &variables::path(api, exchange)),
    }
}

/// The time as `$context.requestTime` has it, made once a second.
fn write_time(out: &mut Vec<u8>, now: SystemTime) {
    thread_local! {
        static LAST: Cell<(u64, [u8; 26])> = const { Cell::new((u64::MAX, [0; 26])) };
    }
    let second = time::since_1970(now).as_secs();
    let (of, mut made) = LAST.get();
    if of != second {
        let rendered = time::request_time(now);
        let Ok(rendered) = rendered.as_bytes().try_into() else { return text(out, rendered.as_bytes()) };
        made = rendered;
        LAST.set((second, made));
    }
    text(out, &made);
}

/// What stands between the context and the body.
const BODY: &[u8] = br#","body":"#;

/// `requestContext.authorizer`: texts, but for the latency of a call (facts `authorizer-context`).
fn write_authorizer(out: &mut Vec<u8>, authorizer: &AuthorizerContext) {
    text(out, br#","authorizer":{"#);
    match authorizer {
        AuthorizerContext::Lambda(context) => write_lambda_context(out, context),
        AuthorizerContext::Claims(claims) => write_claims(out, claims),
    }
    text(out, b"}");
}

fn write_claims(out: &mut Vec<u8>, claims: &[(String, String)]) {
    text(out, br#""claims":{"#);
    for (n, (name, value)) in claims.iter().enumerate() {
        member(out, if n == 0 { b"\"" } else { b",\"" }, name);
        member(out, br#"":""#, value);
        text(out, b"\"");
    }
    text(out, b"}");
}

fn write_lambda_context(out: &mut Vec<u8>, authorizer: &LambdaContext) {
    for (name, value) in authorizer.shown() {
        member(out, b"\"", name);
        member(out, br#"":""#, value);
        text(out, br#"","#);
    }
    if let Some(principal) = authorizer.principal_id() {
        member(out, br#""principalId":""#, principal);
        text(out, br#"","#);
    }
    text(out, br#""integrationLatency":"#);
    text(out, itoa::Buffer::new().format(authorizer.latency.as_millis()).as_bytes());
}

fn text(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(bytes);
}

/// A text, or null.
fn nullable(out: &mut Vec<u8>, value: Option<&str>) {
    match value {
        Some(value) => {
            member(out, b"\"", value);
            text(out, b"\"");
        }
        None => text(out, b"null"),
    }
}

/// Fixed text, then a value inside a JSON string that the fixed text opened.
fn member(out: &mut Vec<u8>, before: &[u8], value: &str) {
    out.extend_from_slice(before);
    escape_str(out, value);
}

fn stage_variables(out: &mut Vec<u8>, api: &RestApi) {
    write_map(out, api.stage_variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
}

fn write_path_parameters(out: &mut Vec<u8>, parameters: &[(String, String)]) {
    text(out, br#","pathParameters":"#);
    write_map(out, parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())));
}

/// An object of strings; `null` when it would be empty.
fn write_map<'a>(out: &mut Vec<u8>, entries: impl Iterator<Item = (&'a str, &'a str)>) {
    let start = out.len();
    for (name, value) in entries {
        member(out, if out.len() == start { b"{\"" } else { b",\"" }, name);
        member(out, b"\":\"", value);
        text(out, b"\"");
    }
    text(out, if out.len() == start { b"null" } else { b"}" });
}

fn write_query(out: &mut Vec<u8>, query: &str) {
    let parameters = query::parse(query);
    text(out, br#","queryStringParameters":"#);
    write_map(out, parameters.iter().map(|p| (p.name.as_ref(), p.last())));
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

fn write_list<'a>(out: &mut Vec<u8>, values: impl Iterator<Item = &'a [u8]>) {
    for (i, value) in values.enumerate() {
        text(out, if i == 0 { b"[\"" } else { b",\"" });
        escape(out, value);
        text(out, b"\"");
    }
    text(out, b"]");
}

/// A header line of the event. The key orders lines by name, ignoring case.
struct Line<'a> {
    key: u128,
    name: &'a [u8],
    value: &'a [u8],
    /// Where its name and its value are written, once they are.
    written: (Range<usize>, Range<usize>),
}

impl<'a> Line<'a> {
    fn new(name: &'a [u8], value: &'a [u8]) -> Line<'a> {
        let mut first = [0; 16];
        let length = name.len().min(first.len());
        first[..length].copy_from_slice(&name[..length]);
        first.make_ascii_lowercase();
        Line { key: u128::from_be_bytes(first), name, value, written: (0..0, 0..0) }
    }
    fn is(&self, other: &Line) -> bool {
        self.key == other.key && self.name.eq_ignore_ascii_case(other.name)
    }
    fn order(&self, other: &Line) -> Ordering {
        let lower = |name: &'a [u8]| name.iter().map(u8::to_ascii_lowercase);
        self.key.cmp(&other.key).then_with(|| lower(self.name).cmp(other.name.iter().map(u8::to_ascii_lowercase)))
    }
}

/// The members of `headers`, the end of that object, and `multiValueHeaders`.
fn write_headers(out: &mut Vec<u8>, request: &Request, trace_id: &str) {
    let forwarded_for = forwarded_for(&request.headers, request.source_ip);
    let mut lines = Vec::with_capacity(request.headers.0.len() + 4);
    for line in &request.headers.0 {
        if !header::is_hidden(&line.name) && !is_ours(&line.name) {
            lines.push(Line::new(spelling(&line.name), &line.value));
        }
    }
    lines.push(Line::new(b"X-Amzn-Trace-Id", ids::root(trace_id).as_bytes()));
    lines.push(Line::new(b"X-Forwarded-For", &forwarded_for));
    lines.push(Line::new(b"X-Forwarded-Port", b"443"));
    lines.push(Line::new(b"X-Forwarded-Proto", b"https"));
    lines.sort_by(Line::order);
    let mut before: &[u8] = b"\"";
    for same in lines.chunk_by_mut(Line::is) {
        // The key of lines that have the same name: as the first of them spells it.
        let name = written(out, before, same.first().map_or(b"", |line| line.name));
        let value = written(out, b"\":\"", same.last().map_or(b"", |line| line.value));
        if let Some(line) = same.first_mut() {
            line.written = (name, value);
        }
        before = b"\",\"";
    }
    text(out, br#""},"multiValueHeaders":{"#);
    before = b"\"";
    for same in lines.chunk_by(Line::is) {
        let Some((name, value)) = same.first().map(|line| line.written.clone()) else { continue };
        text(out, before);
        out.extend_from_within(name);
        text(out, b"\":");
        match same {
            // What is escaped already is copied.
            [_] => {
                text(out, b"[\"");
                out.extend_from_within(value);
                text(out, b"\"]");
            }
            same => write_list(out, same.iter().map(|line| line.value)),
        }
        before = b",\"";
    }
    text(out, b"}");
    spare::give(forwarded_for);
}

/// Writes fixed text and a value inside a JSON string that it opened; says where the value stands.
fn written(out: &mut Vec<u8>, before: &[u8], value: &[u8]) -> Range<usize> {
    text(out, before);
    let start = out.len();
    escape(out, value);
    start..out.len()
}

/// The client's spelling, but for the two names that API Gateway spells its own way (recorded on AWS).
fn spelling(name: &[u8]) -> &[u8] {
    match name.len() {
        13 if name.eq_ignore_ascii_case(b"authorization") => b"Authorization",
        10 if name.eq_ignore_ascii_case(b"user-agent") => b"User-Agent",
        _ => name,
    }
}

/// Whether the gateway sets the header itself, whatever the client sent.
fn is_ours(name: &[u8]) -> bool {
    matches!(name.first(), Some(b'x' | b'X'))
        && ["x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"]
            .iter()
            .any(|ours| name.eq_ignore_ascii_case(ours.as_bytes()))
}

/// The addresses that the request came through, the nearest last.
fn forwarded_for(headers: &Headers, ip: IpAddr) -> Vec<u8> {
    let mut list = spare::take(48);
    for line in headers.all("x-forwarded-for") {
        text(&mut list, &line.value);
        text(&mut list, b", ");
    }
    write_ip(&mut list, ip);
    list
}

/// The values of `body` and `isBase64Encoded`, and the end of the event.
fn write_body(out: &mut Vec<u8>, api: &RestApi, request: &Request) {
    let binary = is_binary(api, request);
    if request.body.is_empty() {
        text(out, b"null");
    } else if binary {
        text(out, b"\"");
        base64::encode(out, &request.body);
        text(out, b"\"");
    } else {
        text(out, b"\"");
        escape(out, &request.body);
        text(out, b"\"");
    }
    let encoded = binary && !request.body.is_empty();
    text(out, if encoded { br#","isBase64Encoded":true}"# } else { br#","isBase64Encoded":false}"# });
}

/// Whether the request's body is binary: by its content type, `application/json` when there is none.
pub(crate) fn is_binary(api: &RestApi, request: &Request) -> bool {
    let types = &api.binary_media_types;
    !types.is_empty()
        && types.contains(crate::api::media_type(request.headers.last("content-type").unwrap_or("application/json")))
}
