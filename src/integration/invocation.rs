//! `Invocation`: a function's call as every kind of backend gets it, and its request on the wire.

use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;

use crate::config::url::{Url, push_segment};
use crate::exchange::call::InvocationType;
use crate::exchange::ids::Id;
use crate::http1::client::Outgoing;
use crate::http1::head::Head;
use crate::http1::message::Headers;
use crate::json_text::Ahead;

/// One call of a function.
pub(crate) struct Invocation {
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
    pub trace_id: Id,
    /// Whether the answer is handed on as it comes.
    pub streamed: bool,
    /// When its caller gives up.
    pub deadline: Instant,
    /// Whether the strings of a good answer may be read while it comes.
    pub read_ahead: Ahead,
}

impl Invocation {
    /// Where the Invoke API takes the call.
    pub(crate) fn invoke_target(&self, base: &Url) -> String {
        let mut target = String::with_capacity(96);
        target.push_str(base.base_path());
        let (version, action) = match self.streamed {
            true => ("2021-11-15", "response-streaming-invocations"),
            false => ("2015-03-31", "invocations"),
        };
        target.extend(["/", version, "/functions/"]);
        push_segment(&mut target, &self.name);
        if let Some(qualifier) = &self.qualifier {
            target.push(':');
            push_segment(&mut target, qualifier);
        }
        target.extend(["/", action]);
        target
    }

    /// A POST of the event.
    pub(crate) fn request(&mut self, url: &Url, target: &str) -> Outgoing {
        let head = self.open(url, target);
        self.finish(head)
    }

    /// The beginning of the head of such a POST: what no event changes.
    pub(super) fn open(&self, url: &Url, target: &str) -> Head {
        let mut head = Head::request("POST", target, &url.authority, self.event.len());
        head.line(b"Content-Type", b"application/json");
        head.line(b"X-Amz-Invocation-Type", self.kind.as_str().as_bytes());
        head
    }

    /// The rest of such a POST, which takes the event.
    pub(super) fn finish(&mut self, mut head: Head) -> Outgoing {
        if !self.trace_id.is_empty() {
            head.line(b"X-Amzn-Trace-Id", self.trace_id.as_bytes());
        }
        const OURS: [&[u8]; 4] = [b"host", b"content-type", b"x-amz-invocation-type", b"x-amzn-trace-id"];
        head.lines(self.headers.0.iter().filter(|h| !OURS.iter().any(|ours| h.name.eq_ignore_ascii_case(ours))));
        head.length(self.event.len());
        Outgoing::new(head, std::mem::take(&mut self.event), false)
    }
}
