//! `Invocation`: a function's call as every kind of backend gets it, and its request on the wire.

use std::sync::Arc;

use bytes::Bytes;

use super::url::{Url, push_segment};
use crate::exchange::call::InvocationType;
use crate::http1::client::Outgoing;
use crate::http1::message::{Header, Headers};

/// Bodies up to this size are copied behind the head, so that one write sends both.
const SHORT: usize = 8 * 1024;

/// One call of a function.
pub struct Invocation {
    /// Its name in the definition.
    pub name: Arc<str>,
    /// Version or alias.
    pub qualifier: Option<Arc<str>>,
    /// Its ARN.
    pub arn: Arc<str>,
    /// How it is called.
    pub kind: InvocationType,
    /// Headers mapped by the definition.
    pub headers: Headers,
    /// The event.
    pub event: Bytes,
    /// `X-Amzn-Trace-Id`
    pub trace_id: String,
}

impl Invocation {
    /// Where the Invoke API takes the call (and the emulator, which only knows the name `function`).
    pub fn invoke_target(&self, base: &Url, name: Option<&str>) -> String {
        let mut target = String::with_capacity(96);
        target.push_str(base.base_path());
        target.push_str("/2015-03-31/functions/");
        match name {
            Some(name) => target.push_str(name),
            None => {
                push_segment(&mut target, &self.name);
                if let Some(qualifier) = &self.qualifier {
                    target.push(':');
                    push_segment(&mut target, qualifier);
                }
            }
        }
        target.push_str("/invocations");
        target
    }

    /// A POST of the event.
    pub fn request(&self, url: &Url, target: &str) -> Outgoing {
        let mut head = RequestHead::new("POST", target, &url.authority, self.event.len());
        head.line(b"Content-Type", b"application/json");
        head.line(b"X-Amz-Invocation-Type", self.kind.as_str().as_bytes());
        if !self.trace_id.is_empty() {
            head.line(b"X-Amzn-Trace-Id", self.trace_id.as_bytes());
        }
        const OURS: [&[u8]; 3] = [b"content-type", b"x-amz-invocation-type", b"x-amzn-trace-id"];
        head.lines(self.headers.0.iter().filter(|h| !OURS.iter().any(|ours| h.name.eq_ignore_ascii_case(ours))));
        head.end(self.event.clone(), Some(self.event.len()), false)
    }
}

/// A request's head in the making.
pub struct RequestHead(Vec<u8>);

impl RequestHead {
    /// Begins with request line and `Host`; `body` is how much room to leave behind the head.
    pub fn new(method: &str, target: &str, host: &str, body: usize) -> RequestHead {
        let mut out = Vec::with_capacity(512 + if body <= SHORT { body } else { 0 });
        for part in [method.as_bytes(), b" ", target.as_bytes(), b" HTTP/1.1\r\nHost: ", host.as_bytes(), b"\r\n"] {
            out.extend_from_slice(part);
        }
        RequestHead(out)
    }

    /// Adds a line; one that could not stand in a head (an injected line break) is left out.
    pub fn line(&mut self, name: &[u8], value: &[u8]) {
        if is_token(name) && !value.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
            for part in [name, b": ", value, b"\r\n"] {
                self.0.extend_from_slice(part);
            }
        }
    }

    /// Adds lines, but for those that belong to the connection.
    pub fn lines<'a>(&mut self, headers: impl Iterator<Item = &'a Header>) {
        const FRAMING: [&[u8]; 4] = [b"host", b"connection", b"content-length", b"transfer-encoding"];
        for header in headers.filter(|h| !FRAMING.iter().any(|name| h.name.eq_ignore_ascii_case(name))) {
            self.line(&header.name, &header.value);
        }
    }

    /// Ends the head, with a `Content-Length` if one is given.
    pub fn end(mut self, body: Bytes, content_length: Option<usize>, is_head: bool) -> Outgoing {
        if let Some(length) = content_length {
            self.0.extend_from_slice(b"Content-Length: ");
            self.0.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
            self.0.extend_from_slice(b"\r\n");
        }
        self.0.extend_from_slice(b"\r\n");
        if body.len() > SHORT {
            return Outgoing { head: self.0, body, is_head };
        }
        self.0.extend_from_slice(&body);
        Outgoing { head: self.0, body: Bytes::new(), is_head }
    }
}

/// Whether the bytes are an HTTP token.
pub fn is_token(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b))
}
