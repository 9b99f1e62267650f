//! `IntegrationCall`: what goes out. `IntegrationReply`: what comes back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::ids::Id;
use crate::authorization::identity_source::CacheKey;
use crate::http1::body_stream::Body;
use crate::http1::message::Headers;
use crate::json_text::{Ahead, ReadAhead};

/// One call to a backend, complete.
#[derive(Debug, Clone)]
pub struct IntegrationCall {
    /// Whom to call.
    pub target: Target,
    /// The body: for a function its event.
    pub body: Bytes,
    /// Longest time for the call, waiting in queues included.
    pub timeout: Duration,
    /// Whether the reply's body is handed on as it comes (`responseTransferMode: STREAM`).
    pub streamed: bool,
    /// Whether the strings of a good reply may be read in its body while it comes ([`IntegrationReply::ahead`]).
    pub read_ahead: Ahead,
    /// `X-Amzn-Trace-Id` for the backend.
    pub trace_id: Id,
    /// What the reply is for.
    pub purpose: Purpose,
}

/// What a reply is for.
#[derive(Debug, Clone, Default)]
pub enum Purpose {
    /// The method's integration.
    #[default]
    Integration,
    /// An authorizer's answer; requests that ask under one key at once share one call.
    Authorizer(Option<CacheKey>),
    /// An issuer's keys, or where they are; requests that ask at once share one call.
    Keys(CacheKey),
}

/// What is fetched to know an issuer's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRequest {
    /// Which of the API's key sources: an index.
    pub source: usize,
    /// What of it.
    pub document: KeyDocument,
}

/// A document of an issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyDocument {
    /// What says where the keys are.
    Discovery,
    /// The keys.
    Jwks,
}

/// Whom to call.
#[derive(Debug, Clone)]
pub enum Target {
    /// A function.
    Function {
        /// Which of the configuration's `functions`: an index.
        backend: usize,
        /// Its name in the definition.
        name: Arc<str>,
        /// Version or alias.
        qualifier: Option<Arc<str>>,
        /// Its ARN, as a runtime is told.
        arn: Arc<str>,
        /// How it is called.
        invocation: InvocationType,
        /// Headers mapped by the definition for the Invoke API.
        headers: Headers,
    },
    /// An HTTP backend, or an AWS service at its configured address.
    Http {
        /// The method.
        method: String,
        /// The whole uri, placeholders and query put in.
        uri: String,
        /// Every header to send, but for the framing ones and `Host` when it is not overridden.
        headers: Headers,
    },
}

impl Target {
    /// The headers that are sent.
    pub(crate) fn headers(&self) -> &Headers {
        match self {
            Target::Function { headers, .. } | Target::Http { headers, .. } => headers,
        }
    }
}

/// `X-Amz-Invocation-Type`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum InvocationType {
    #[default]
    RequestResponse,
    Event,
    DryRun,
}

impl InvocationType {
    /// The header's value.
    pub fn as_str(self) -> &'static str {
        match self {
            InvocationType::RequestResponse => "RequestResponse",
            InvocationType::Event => "Event",
            InvocationType::DryRun => "DryRun",
        }
    }
}

/// What a backend answered. A rejected invocation, a timeout and a broken connection are failures, not replies.
#[derive(Debug, Default)]
pub struct IntegrationReply {
    /// 200 or 202 for a function, the HTTP backend's status, the request template's for MOCK.
    pub status: u16,
    /// The backend's header lines (for a function: the Invoke API's).
    pub headers: Headers,
    /// What a function that streams sent ahead of its body: status and headers, as JSON.
    pub metadata: Option<Bytes>,
    /// The body: for a function its payload.
    pub body: Body,
    /// What of the payload's strings was read while it came: their texts stand in the body in their place.
    pub ahead: ReadAhead,
    /// Whether the function failed (`X-Amz-Function-Error`, or recognised by shape where a backend has no such header).
    pub function_error: bool,
    /// When it was complete, if whoever read it looked at the clock then.
    pub at: Option<Instant>,
}

impl IntegrationReply {
    /// A copy for who looks at it: without a body while that is a stream.
    pub fn seen(&self) -> IntegrationReply {
        IntegrationReply {
            status: self.status,
            headers: self.headers.clone(),
            metadata: self.metadata.clone(),
            body: self.body.whole().clone().into(),
            ahead: self.ahead.clone(),
            function_error: self.function_error,
            at: self.at,
        }
    }
}
