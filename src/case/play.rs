//! One exchange without network or clock: what the gateway sends for a request, and what it makes of the answer.

use crate::exchange::call::{IntegrationCall, IntegrationReply, Target};
use crate::exchange::exchange::Exchange;
use crate::exchange::trace::Trace;
use crate::failure::Failure;
use crate::gateway::Gateway;
use crate::gateway::rest::mock;
use crate::http1::message::{Request, Response};

/// What happened.
pub struct Played {
    /// What the backend was sent; `None` when it was not called.
    pub call: Option<IntegrationCall>,
    /// What the client gets.
    pub response: Response,
    /// The exchange, with its trace.
    pub exchange: Exchange,
}

/// How a refusal of the Invoke API with this status fails.
pub fn refusal(status: u16) -> Failure {
    match status {
        413 => Failure::EventTooLarge,
        status => Failure::InvocationRejected { status },
    }
}

/// Plays a request; `answer` is the backend.
pub fn play(
    gateway: &Gateway,
    request: Request,
    answer: impl FnOnce(&IntegrationCall) -> Result<IntegrationReply, Failure>,
) -> Played {
    let (mut exchange, begun) = gateway.begin(request, Trace::on());
    let call = begun.as_ref().ok().cloned();
    let reply = begun.and_then(|call| match call.target {
        Target::Mock => Ok(mock::reply(&call)),
        _ => answer(&call),
    });
    let response = gateway.finish(&mut exchange, reply);
    Played { call, response, exchange }
}
