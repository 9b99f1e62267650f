//! HTTP messages as the gateway sees them: header names keep the case and the order in which they were sent.

use std::net::IpAddr;
use std::time::{Instant, SystemTime};

use bytes::Bytes;

use super::body_stream::Body;

/// One header line. The name keeps the sender's spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The name as sent: a valid HTTP token.
    pub name: Bytes,
    /// The value without surrounding white space.
    pub value: Bytes,
}

/// Header lines in the order in which they were sent; a name may stand in several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(pub Vec<Header>);

impl Headers {
    /// Adds a line.
    pub fn push(&mut self, name: impl Into<Bytes>, value: impl Into<Bytes>) {
        self.0.push(Header { name: name.into(), value: value.into() });
    }
    /// Every line of that name, whatever its case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a Header> {
        self.0.iter().filter(move |h| h.name.eq_ignore_ascii_case(name.as_bytes()))
    }
    /// The value of the last line of that name, whatever its case, when it is UTF-8.
    pub fn last(&self, name: &str) -> Option<&str> {
        let header = self.0.iter().rfind(|h| h.name.eq_ignore_ascii_case(name.as_bytes()))?;
        std::str::from_utf8(&header.value).ok()
    }
    /// The value of the first line of that name, whatever its case, when it is UTF-8.
    pub fn first(&self, name: &str) -> Option<&str> {
        let header = self.0.iter().find(|h| h.name.eq_ignore_ascii_case(name.as_bytes()))?;
        std::str::from_utf8(&header.value).ok()
    }
    /// Whether a line has that name, whatever its case.
    pub fn contains(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }
    /// The request id of an AWS service's answer.
    pub(crate) fn request_id(&self) -> Option<&Bytes> {
        const NAMES: [&[u8]; 2] = [b"x-amzn-requestid", b"x-amz-request-id"];
        let line = self.0.iter().find(|line| NAMES.iter().any(|name| line.name.eq_ignore_ascii_case(name)))?;
        Some(&line.value)
    }
    /// The second id that some AWS services give a request.
    pub(crate) fn second_request_id(&self) -> Option<&Bytes> {
        let line = self.0.iter().find(|line| line.name.eq_ignore_ascii_case(b"x-amz-id-2"))?;
        Some(&line.value)
    }
    /// Takes every line of that name away.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|h| !h.name.eq_ignore_ascii_case(name.as_bytes()));
    }
    /// Replaces every line of that name by this one, which keeps the given spelling.
    pub fn set(&mut self, name: impl Into<Bytes>, value: impl Into<Bytes>) {
        let name = name.into();
        self.0.retain(|h| !h.name.eq_ignore_ascii_case(&name));
        self.push(name, value);
    }
}

impl Header {
    /// The name as text (a token is ASCII).
    pub fn name(&self) -> &str {
        std::str::from_utf8(&self.name).unwrap_or_default()
    }
}

/// A client's request, complete.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method as sent.
    pub method: String,
    /// The path as sent: not decoded, without the query.
    pub path: String,
    /// What stands behind `?`, as sent; `None` without a `?`.
    pub query: Option<String>,
    /// The header lines as sent.
    pub headers: Headers,
    /// The body; empty when there is none.
    pub body: Bytes,
    /// Who is on the other end of the connection.
    pub source_ip: IpAddr,
    /// Whether the client spoke HTTP/2 (the gateway tells the backend `HTTP/1.1` all the same).
    pub http2: bool,
    /// When it came in, for `requestTime`.
    pub time: SystemTime,
    /// When it came in, for latencies.
    pub received: Instant,
}

/// An answer to the client.
#[derive(Debug, Default, PartialEq)]
pub struct Response {
    /// The status, 100 to 599.
    pub status: u16,
    /// The header lines, with the spelling to send; without the framing ones.
    pub headers: Headers,
    /// The body.
    pub body: Body,
}

impl Response {
    /// A copy for who looks at it: without a body while that is a stream.
    pub fn seen(&self) -> Response {
        Response { status: self.status, headers: self.headers.clone(), body: self.body.whole().clone().into() }
    }
}
