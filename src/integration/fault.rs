//! What a backend would have answered that fails on purpose: the very reply, or the failure to get one.

use bytes::Bytes;

use super::outcome;
use super::prelude::split_prelude;
use crate::exchange::call::{IntegrationCall, IntegrationReply};
use crate::exchange::fault::Fault;
use crate::failure::Failure;
use crate::http1::message::Headers;
use crate::metrics::FaultCause;

/// The `errorMessage` of a function that fails on purpose, unless the fault has its own.
const MESSAGE: &str = "a fault on purpose";
/// No status in either payload format.
const MALFORMED: &[u8] = br#"{"statusCode":"a fault on purpose"}"#;

/// The reply to a call that is not made.
pub(crate) fn fault_reply(fault: &Fault, call: &IntegrationCall) -> Result<IntegrationReply, Failure> {
    match fault.cause {
        FaultCause::Timeout => Err(Failure::Timeout),
        FaultCause::NetworkError => Err(Failure::NetworkError(MESSAGE.to_owned())),
        FaultCause::Throttled => Err(Failure::Throttled),
        // As Lambda says that a function runs too often at once.
        FaultCause::InvocationRejected => {
            Err(Failure::InvocationRejected { status: 429, error_type: Some("TooManyRequestsException".to_owned()) })
        }
        FaultCause::FunctionError => {
            let message = fault.message.as_deref().unwrap_or(MESSAGE);
            Ok(outcome::function_error(Headers::default(), outcome::error(message, Some("Error"))))
        }
        FaultCause::MalformedResponse => {
            let body = Bytes::from_static(MALFORMED).into();
            let reply = IntegrationReply { status: 200, body, ..IntegrationReply::default() };
            if call.streamed { split_prelude(reply) } else { Ok(reply) }
        }
    }
}
