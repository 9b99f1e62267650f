//! What both payload formats of an HTTP API's events have in common: where their values come from, and how they are written.
//!
//! API Gateway writes them with Go's JSON: members of maps stand sorted by name (fact `http-sorted-members`).

use std::borrow::Cow;
use std::io::Write;
use std::net::IpAddr;

use crate::api::{HttpApi, HttpRoute, media_type};
use crate::exchange::exchange::Exchange;
use crate::exchange::http_caller::HttpCaller;
use crate::exchange::{ids, query};
use crate::gateway::base64;
use crate::http1::head::is_of_the_connection;
use crate::http1::message::Request;
use crate::json_text::{escape, escape_str};

/// What an event tells of.
#[derive(Clone, Copy)]
pub(crate) struct EventSource<'a> {
    /// The API.
    pub api: &'a HttpApi,
    /// The route that was found.
    pub route: &'a HttpRoute,
    /// The request.
    pub exchange: &'a Exchange,
    /// The path variables, decoded.
    pub path_parameters: &'a [(String, String)],
    /// Who calls, once that is known.
    pub caller: Option<&'a HttpCaller>,
}

impl<'a> EventSource<'a> {
    /// The one id of a request (recorded on AWS: `requestId` is `extendedRequestId`).
    pub(crate) fn request_id(&self) -> &'a str {
        &self.exchange.ids.extended_request_id
    }

    /// The path with its stage, decoded.
    pub(crate) fn path(&self) -> Cow<'a, str> {
        query::decode_path(&self.exchange.request.path)
    }

    /// The client's `User-Agent`; empty when it sends none (recorded on AWS).
    pub(crate) fn user_agent(&self) -> &'a str {
        self.exchange.request.headers.last("user-agent").unwrap_or_default()
    }
}

/// A header line of an event.
pub(super) struct Line<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: Cow<'a, [u8]>,
}

/// The request's header lines as API Gateway hands them on, with its own: not what is about the client's connection, but
/// `content-length`, which over HTTP/2 is there whether it was sent or not (fact `http-content-length`).
pub(super) fn header_lines<'a>(request: &'a Request, trace_id: &'a str) -> Vec<Line<'a>> {
    let mut lines = Vec::with_capacity(request.headers.0.len() + 5);
    for line in &request.headers.0 {
        let is_length = line.name.eq_ignore_ascii_case(b"content-length");
        if (is_length || !is_of_the_connection(&line.name)) && !is_ours(&line.name) {
            lines.push(Line { name: &line.name, value: Cow::Borrowed(&line.value) });
        }
    }
    if request.http2 && !request.headers.contains("content-length") {
        let length = itoa::Buffer::new().format(request.body.len()).as_bytes().to_vec();
        lines.push(Line { name: b"Content-Length", value: Cow::Owned(length) });
    }
    let mut ours = |name, value| lines.push(Line { name, value });
    ours(b"X-Amzn-Trace-Id", Cow::Borrowed(ids::root(trace_id).as_bytes()));
    ours(b"X-Forwarded-For", Cow::Owned(forwarded_for(request)));
    ours(b"X-Forwarded-Port", Cow::Borrowed(b"443"));
    ours(b"X-Forwarded-Proto", Cow::Borrowed(b"https"));
    lines
}

fn is_ours(name: &[u8]) -> bool {
    ["x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "te", "trailer", "upgrade"]
        .iter()
        .any(|ours| name.eq_ignore_ascii_case(ours.as_bytes()))
}

/// The addresses that the request came through, the nearest last.
fn forwarded_for(request: &Request) -> Vec<u8> {
    let mut list = Vec::with_capacity(48);
    for line in request.headers.all("x-forwarded-for") {
        text(&mut list, &line.value);
        text(&mut list, b", ");
    }
    write_ip(&mut list, request.source_ip);
    list
}

/// Whether a body is told in base64: all but a few text types are (fact `http-binary-body`).
pub(crate) fn is_binary(request: &Request) -> bool {
    const TEXT: [&str; 3] = ["application/json", "application/xml", "application/javascript"];
    let sent = media_type(request.headers.last("content-type").unwrap_or_default());
    let is_text = sent.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("text/"));
    !is_text && !TEXT.iter().any(|known| sent.eq_ignore_ascii_case(known))
}

/// A body as the value of a JSON member, with its quotes.
pub(super) fn write_body(out: &mut Vec<u8>, request: &Request) {
    text(out, b"\"");
    match is_binary(request) {
        true => base64::encode(out, &request.body),
        false => escape(out, &request.body),
    }
    text(out, b"\"");
}

pub(super) fn text(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(bytes);
}

/// Fixed text, then a value inside a JSON string that the fixed text opened.
pub(super) fn member(out: &mut Vec<u8>, before: &[u8], value: &str) {
    out.extend_from_slice(before);
    escape_str(out, value);
}

/// A number, or any JSON, behind fixed text.
pub(super) fn raw(out: &mut Vec<u8>, before: &[u8], value: impl std::fmt::Display) {
    out.extend_from_slice(before);
    // Writing to a vector cannot fail.
    let _ = write!(out, "{value}");
}

pub(super) fn write_ip(out: &mut Vec<u8>, ip: IpAddr) {
    raw(out, b"", ip);
}

/// An object of strings, sorted by name.
pub(super) fn write_map<'a>(out: &mut Vec<u8>, entries: impl Iterator<Item = (&'a str, &'a str)>) {
    let mut entries: Vec<(&str, &str)> = entries.collect();
    entries.sort_by_key(|(name, _)| *name);
    let start = out.len();
    for (name, value) in entries {
        member(out, if out.len() == start { b"{\"" } else { b",\"" }, name);
        member(out, b"\":\"", value);
        text(out, b"\"");
    }
    text(out, if out.len() == start { b"{}" } else { b"}" });
}

/// A list of strings.
pub(super) fn write_list<'a>(out: &mut Vec<u8>, values: impl Iterator<Item = &'a [u8]>) {
    text(out, b"[");
    for (i, value) in values.enumerate() {
        text(out, if i == 0 { b"\"" } else { b",\"" });
        escape(out, value);
        text(out, b"\"");
    }
    text(out, b"]");
}

/// An object of any values, sorted by name, without its braces.
pub(super) fn write_values(out: &mut Vec<u8>, values: &[(String, serde_json::Value)], mut before: &'static [u8]) {
    let mut values: Vec<&(String, serde_json::Value)> = values.iter().collect();
    values.sort_by_key(|(name, _)| name);
    for (name, value) in values {
        text(out, before);
        member(out, b"\"", name);
        raw(out, b"\":", value);
        before = b",";
    }
}
