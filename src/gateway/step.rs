//! `Step`: what an exchange needs next, a check, a call or nothing more.

use super::counters::Tally;
use super::faults::Faults;
use super::rest::validation::BodyCheck;
use crate::exchange::call::{IntegrationCall, KeyRequest};
use crate::exchange::exchange::{Awaiting, Exchange};
use crate::http1::message::Response;

/// What an exchange needs next.
pub enum Step {
    /// This check, which may take long; its verdict goes to `Gateway::checked`.
    Check(BodyCheck),
    /// This call; its reply, or why there is none, goes to `Gateway::resume`.
    Call(IntegrationCall),
    /// Nothing more: it is answered.
    Answer(Answer),
}

impl Step {
    /// Out to the backend, which may be down on purpose.
    pub(crate) fn to_integration(faults: Option<&Faults>, exchange: &mut Exchange, call: IntegrationCall) -> Step {
        exchange.awaiting = Awaiting::Integration;
        if let Some(faults) = faults {
            faults.intercept(exchange, &call);
        }
        if let Some(sample) = &mut exchange.sample {
            sample.call = Some(call.clone());
        }
        Step::Call(call)
    }
}

/// What the client gets.
pub struct Answer {
    /// The response.
    pub response: Response,
    /// What there is to count. It goes with the response's body, to be dropped when the last byte has left or could not.
    pub tally: Tally,
}

/// What has to be asked to know whether the caller may.
pub(crate) enum Asked {
    /// A Lambda authorizer.
    Authorizer(IntegrationCall),
    /// Who knows an issuer's keys.
    Keys(KeyRequest, IntegrationCall),
}

impl Asked {
    /// Whether this is the same fetch of an issuer's keys.
    pub(crate) fn is_for(&self, other: KeyRequest) -> bool {
        matches!(self, Asked::Keys(request, _) if *request == other)
    }

    /// The call, whose reply the exchange waits for.
    pub(crate) fn wait(self, exchange: &mut Exchange) -> Step {
        let call = match self {
            Asked::Authorizer(call) => {
                exchange.awaiting = Awaiting::Authorizer;
                call
            }
            Asked::Keys(request, call) => {
                exchange.awaiting = Awaiting::Keys(request);
                call
            }
        };
        if let Some(sample) = &mut exchange.sample {
            sample.authorizer_call = Some(call.clone());
        }
        Step::Call(call)
    }
}
