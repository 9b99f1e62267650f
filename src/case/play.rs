//! One exchange without network or clock: what the gateway sends for a request, and what it makes of the answer.

use crate::exchange::call::{IntegrationCall, IntegrationReply};
use crate::exchange::exchange::Exchange;
use crate::exchange::sample::Sample;
use crate::failure::Failure;
use crate::gateway::{Gateway, Step};
use crate::http1::message::{Request, Response};

/// What happened.
pub struct Played {
    /// What the client gets.
    pub response: Response,
    /// The exchange, with what went by.
    pub exchange: Exchange,
    /// The exchange in the words of the execution log.
    pub log: Vec<String>,
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
    mut reply: impl FnMut(&IntegrationCall) -> Result<IntegrationReply, Failure>,
) -> Played {
    let (mut exchange, mut step) = gateway.start(request, Some(Sample::take()));
    loop {
        step = match step {
            Step::Check(check) => gateway.checked(&mut exchange, check.run()),
            Step::Call(call) => gateway.resume(&mut exchange, reply(&call)),
            Step::Answer(answer) => {
                let log = gateway.execution_log(&exchange);
                return Played { response: answer.response, exchange, log };
            }
        };
    }
}

/// How a refusal of the Invoke API with this status fails.
pub(crate) fn refusal(status: u16) -> Failure {
    match status {
        413 => Failure::EventTooLarge,
        status => Failure::rejected(status),
    }
}
