//! `Step`: what an exchange needs next, a check, a call or nothing more.

use super::counters::Tally;
use super::rest::validation::BodyCheck;
use crate::exchange::call::IntegrationCall;
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

/// What the client gets.
pub struct Answer {
    /// The response.
    pub response: Response,
    /// What there is to count. It goes with the response's body, to be dropped when the last byte has left or could not.
    pub tally: Tally,
}
