//! One exchange without network or clock: what the gateway sends for a request, and what it makes of the answer.

use std::mem::take;
use std::time::Duration;

use bytes::Bytes;

use super::stream::{Clock, drain};
use crate::exchange::call::{IntegrationCall, IntegrationReply, Purpose};
use crate::exchange::exchange::{Exchange, StreamTimes};
use crate::exchange::sample::Sample;
use crate::failure::Failure;
use crate::gateway::{Gateway, Step};
use crate::http1::body_stream::Body;
use crate::http1::message::{Request, Response};
use crate::integration::fault_reply;

/// What happened.
pub struct Played {
    /// What the client gets.
    pub response: Response,
    /// The exchange, with what went by.
    pub exchange: Box<Exchange>,
    /// The exchange in the words of the execution log.
    pub log: Vec<String>,
    /// What came of an answer that streams, and when.
    pub(crate) pieces: Vec<(Duration, Bytes)>,
}

impl Played {
    /// What the backend was sent; `None` when it was not called.
    pub fn call(&self) -> Option<&IntegrationCall> {
        self.exchange.sample.as_ref()?.call.as_ref()
    }
}

/// Plays a request; `reply` is the backend.
pub fn play(
    gateway: &Gateway,
    request: Request,
    reply: impl FnMut(&IntegrationCall) -> Result<IntegrationReply, Failure>,
) -> Played {
    let played = play_at(gateway, request, &Clock::default(), reply);
    Played { log: gateway.execution_log(&played.exchange, None), ..played }
}

/// The same with a clock that the backend moves on, and without the log: to word it costs more than all the rest.
pub(crate) fn play_at(
    gateway: &Gateway,
    request: Request,
    clock: &Clock,
    mut reply: impl FnMut(&IntegrationCall) -> Result<IntegrationReply, Failure>,
) -> Played {
    let (mut exchange, mut step) = gateway.start(request, Some(Sample::take()));
    loop {
        step = match step {
            Step::Check(check) => gateway.checked(&mut exchange, check.run()),
            Step::Call(call) => {
                let reply = match &exchange.fault {
                    Some(fault) => fault_reply(fault, &call),
                    None => reply(&call),
                };
                let integration = matches!(call.purpose, Purpose::Integration).then(|| clock.now());
                exchange.integration_latency = integration.filter(|time| !time.is_zero());
                gateway.resume(&mut exchange, reply)
            }
            Step::Answer(answer) => {
                let mut response = answer.response;
                let pieces = take_stream(&mut exchange, &mut response, clock);
                return Played { response, exchange, log: Vec::new(), pieces };
            }
        };
    }
}

/// Takes an answer that streams to its end, as the server does.
fn take_stream(exchange: &mut Exchange, response: &mut Response, clock: &Clock) -> Vec<(Duration, Bytes)> {
    let body = match take(&mut response.body) {
        Body::Stream(stream) => stream,
        whole => {
            response.body = whole;
            return Vec::new();
        }
    };
    let headers = clock.now();
    let (pieces, cut) = drain(body, clock);
    if let Some(cut) = cut {
        exchange.was_cut(cut, response.status);
    }
    let content = pieces.first().map(|(time, _)| *time);
    exchange.integration_latency = Some(clock.now());
    exchange.stream_times = Some(StreamTimes { headers, content });
    let whole: Bytes = pieces.iter().flat_map(|(_, piece)| piece.iter().copied()).collect();
    exchange.show_body(&whole);
    response.body = whole.into();
    pieces
}

/// How a refusal of the Invoke API with this status fails.
pub(super) fn refusal(status: u16) -> Failure {
    match status {
        413 => Failure::EventTooLarge,
        status => Failure::rejected(status),
    }
}
