//! `Exchange`: one request in flight: the request, what it matched, `$context`, decisions, times, the outcome.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::call::{IntegrationReply, KeyRequest};
use super::caller::Caller;
use super::decisions::{Decisions, outcome};
use super::fault::Fault;
use super::ids::Ids;
use super::sample::Sample;
use crate::authorization::identity_source::CacheKey;
use crate::failure::Failure;
use crate::http1::body_stream::Cut;
use crate::http1::message::Request;
use crate::metrics::{MaskedKind, Outcome};
use crate::value::Value;

/// One request in flight.
pub struct Exchange {
    /// The client's request.
    pub request: Request,
    /// The method that was sent: `X-HTTP-Method-Override` may ask for another.
    pub sent_method: Option<String>,
    /// `identity.sourceIp`: who is on the other end of the connection, or behind a trusted proxy.
    pub source_ip: IpAddr,
    /// Ids that the gateway gives it.
    pub ids: Ids,
    /// What the router found.
    pub matched: Option<Matched>,
    /// Whether the canary's copy of the API answers.
    pub canary: bool,
    /// What an authorizer said of the caller.
    pub caller: Caller,
    /// Under what the authorizer's answer is to be kept, while it is waited for.
    pub caller_key: Option<CacheKey>,
    /// When the authorizer was called.
    pub authorizer_called: Option<Instant>,
    /// How long the request waited for its authorizer: for the function once it was called, or for an issuer's keys.
    pub authorizer_latency: Option<Duration>,
    /// The API key that the client showed, where the method needs one.
    pub api_key: Option<ShownKey>,
    /// Whose reply the exchange waits for.
    pub awaiting: Awaiting,
    /// What was decided on the way.
    pub decisions: Decisions,
    /// `$context` as a template sees it: built when the first template or mapping needs it, kept from the request template to
    /// the response template (overrides survive).
    pub context: Option<Value>,
    /// Whether all its members are in it, and not those alone that a template looked at.
    pub context_is_whole: bool,
    /// When the backend was called.
    pub integration_called: Option<Instant>,
    /// How long the backend took, once it was called.
    pub integration_latency: Option<Duration>,
    /// More of its times, once an answer has streamed.
    pub stream_times: Option<StreamTimes>,
    /// Why an answer that streamed ended before its end.
    pub cut: Option<Cut>,
    /// What went wrong on purpose.
    pub(crate) fault: Option<Box<Fault>>,
    /// How the call to the backend ended.
    pub outcome: Option<Outcome>,
    /// The integration's status, once it answered.
    pub integration_status: Option<u16>,
    /// The request id that the backend gave the call: the function's own, by which its log is found.
    pub backend_request_id: Option<Bytes>,
    /// Its second id, where an AWS service gives two: `x-amz-id-2`.
    pub backend_second_id: Option<Bytes>,
    /// The `statusCode` of a proxy function's own answer.
    pub function_status: Option<u16>,
    /// Why the gateway itself answers, once that is known.
    pub failure: Option<Failure>,
    /// What the client is told of it: `$context.error.message`; none is null.
    pub error_message: Option<Cow<'static, str>>,
    /// What went by, when somebody looks.
    pub sample: Option<Box<Sample>>,
}

/// One piece of memory of those that the allocator hands out at once (glibc: up to 1,032 bytes).
const _: () = assert!(size_of::<Exchange>() <= 1_024);

/// Whose reply an exchange waits for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Awaiting {
    /// Nobody's: it has not called yet, or is answered.
    #[default]
    Nobody,
    /// The authorizer's.
    Authorizer,
    /// That of who knows an issuer's keys.
    Keys(KeyRequest),
    /// The integration's.
    Integration,
}

impl Exchange {
    /// A request that was just received.
    pub fn new(request: Request, ids: Ids, sample: Option<Box<Sample>>) -> Exchange {
        Exchange {
            source_ip: request.source_ip,
            sent_method: None,
            request,
            ids,
            matched: None,
            canary: false,
            caller: Caller::default(),
            caller_key: None,
            authorizer_called: None,
            authorizer_latency: None,
            api_key: None,
            awaiting: Awaiting::Nobody,
            decisions: Decisions::default(),
            context: None,
            context_is_whole: false,
            integration_called: None,
            integration_latency: None,
            stream_times: None,
            cut: None,
            fault: None,
            outcome: None,
            integration_status: None,
            backend_request_id: None,
            backend_second_id: None,
            function_status: None,
            failure: None,
            error_message: None,
            sample,
        }
    }

    /// Whether the authorizer's answer is that of another request, which asked at the same time.
    pub fn shares_answer(&mut self, shares: bool) {
        if let Some(check) = &mut self.decisions.authorizer {
            check.cached = shares;
        }
    }

    /// What it was told to ask is known already.
    pub fn needs_nobody(&mut self) {
        self.awaiting = Awaiting::Nobody;
        if let Some(sample) = &mut self.sample {
            sample.authorizer_call = None;
        }
    }

    /// The answer streamed, with that status, and ended before its end: the call did not succeed after all.
    pub fn was_cut(&mut self, cut: Cut, status: u16) {
        self.outcome = Some(match cut {
            Cut::Failed(_) => Outcome::FunctionError,
            Cut::Broken(_) => Outcome::NetworkError,
            Cut::Late(_) => Outcome::Timeout,
        });
        if matches!(cut, Cut::Failed(_)) && status < 400 {
            self.decisions.masked = Some(MaskedKind::FunctionError);
        }
        self.cut = Some(cut);
    }

    /// What an answer that streamed has brought, for who looks.
    pub fn show_body(&mut self, body: &Bytes) {
        let Some(sample) = &mut self.sample else { return };
        let (reply, response) = (sample.reply.as_mut(), sample.response.as_mut());
        let bodies = [reply.map(|reply| &mut reply.body), response.map(|response| &mut response.body)];
        bodies.into_iter().flatten().for_each(|shown| *shown = body.clone().into());
    }

    /// How the call to the backend ended, as far as the reply is not read yet.
    pub(crate) fn called(&mut self, reply: &Result<IntegrationReply, Failure>) {
        self.outcome = Some(match reply {
            Ok(reply) if reply.function_error => Outcome::FunctionError,
            Ok(_) => Outcome::Success,
            Err(failure) => outcome(failure),
        });
        let Ok(reply) = reply else { return };
        self.backend_request_id = reply.headers.request_id().cloned();
        self.backend_second_id = reply.headers.second_request_id().cloned();
        if let Some(sample) = &mut self.sample {
            sample.reply = Some(reply.seen());
        }
    }

    /// The cause of a failure: also of one that the rules made an answer of.
    pub(crate) fn failed_with(&self) -> Option<&'static str> {
        let failed = self.failure.as_ref().map(|failure| failure.cause().as_str());
        failed.or((self.outcome == Some(Outcome::FunctionError)).then_some("function_error"))
    }

    /// The request id that the backend gave the call, as text.
    pub(crate) fn backend_request_id(&self) -> Option<&str> {
        std::str::from_utf8(self.backend_request_id.as_deref()?).ok()
    }

    /// The second id that it gave it, as text.
    pub(crate) fn backend_second_id(&self) -> Option<&str> {
        std::str::from_utf8(self.backend_second_id.as_deref()?).ok()
    }

    /// The reply that it waited for is there: when it was asked for, and when it came.
    pub fn waited(&mut self, called: Instant, ended: Instant) {
        let (since, time) = match self.awaiting {
            Awaiting::Nobody => return,
            // No authorizer's function was called, but the request waited to be known all the same.
            Awaiting::Keys(_) => {
                let waited = self.authorizer_latency.unwrap_or_default();
                self.authorizer_latency = Some(waited + ended.saturating_duration_since(called));
                return;
            }
            Awaiting::Authorizer => (&mut self.authorizer_called, &mut self.authorizer_latency),
            Awaiting::Integration => (&mut self.integration_called, &mut self.integration_latency),
        };
        (*since, *time) = (Some(called), Some(ended.saturating_duration_since(called)));
    }
}

/// Times of an answer that streamed, from the call on.
#[derive(Debug, Clone, Copy)]
pub struct StreamTimes {
    /// Until the backend's head was there.
    pub headers: Duration,
    /// Until the first of its body was, if any came.
    pub content: Option<Duration>,
}

/// What the router found.
#[derive(Debug, Clone)]
pub struct Matched {
    /// Index into the API's resources.
    pub resource: usize,
    /// Index into the resource's methods.
    pub method: usize,
    /// Path parameters in template order, not decoded.
    pub path_parameters: Vec<(String, String)>,
    /// The path below the stage, leading doubled slashes collapsed: the event's `path`.
    pub path: String,
}

/// An API key that was accepted.
#[derive(Debug, Clone)]
pub struct ShownKey {
    /// `$context.identity.apiKeyId`: its name in the configuration.
    pub id: Arc<str>,
    /// `$context.identity.apiKey`: what the client sent.
    pub value: Arc<str>,
}
