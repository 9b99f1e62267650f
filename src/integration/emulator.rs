//! The Runtime Interface Emulator, which is not the Invoke API (spec chapter 2.8): one call at a time, no error header,
//! a sentence for a time-out, always synchronous.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::background::Background;
use super::gate::{Gate, Place};
use super::invocation::Invocation;
use super::invoke_api::{function_error, too_large_or};
use super::outcome;
use super::pool::Pool;
use super::url::Url;
use crate::exchange::call::{IntegrationReply, InvocationType};
use crate::failure::Failure;
use crate::http1::client::Answer;

/// How long a call that nobody waits for any more may keep the emulator busy: Lambda's longest function timeout.
const LONGEST_CALL: Duration = Duration::from_secs(900);

/// A function behind the emulator.
#[derive(Clone)]
pub struct Emulator {
    base: Rc<Url>,
    pool: Rc<Pool>,
    gate: Arc<Gate>,
    background: Background,
}

impl Emulator {
    /// The emulator at that base url, behind the gate that all threads share.
    pub fn new(base: Url, pool: Rc<Pool>, gate: Arc<Gate>, background: Background) -> Emulator {
        Emulator { base: Rc::new(base), pool, gate, background }
    }

    /// One invocation. It goes on when the caller gives up, so that the emulator never sees a second one meanwhile.
    pub async fn invoke(&self, invocation: Invocation) -> Result<IntegrationReply, Failure> {
        let Some(place) = self.gate.enter() else { return Err(Failure::InvocationRejected { status: 429 }) };
        let emulator = self.clone();
        if invocation.kind == InvocationType::Event {
            let task = self.background.task();
            tokio::task::spawn_local(async move {
                // The result of an asynchronous invocation is Lambda's own business.
                let _ = emulator.call(place, &invocation).await;
                drop(task);
            });
            return Ok(IntegrationReply { status: 202, ..IntegrationReply::default() });
        }
        let (mut send, receive) = oneshot::channel();
        tokio::task::spawn_local(async move {
            let turn = tokio::select! {
                turn = place.turn() => turn,
                () = send.closed() => return,
            };
            let Some(turn) = turn else { return };
            // Nobody is there to take an answer that comes after the timeout.
            let _ = send.send(emulator.call(Place::Through(turn), &invocation).await);
        });
        receive.await.unwrap_or_else(|_| Err(Failure::Internal("the call to the emulator was dropped".into())))
    }

    async fn call(&self, place: Place, invocation: &Invocation) -> Result<IntegrationReply, Failure> {
        let _turn = place.turn().await;
        let request = invocation.request(&self.base, &invocation.invoke_target(&self.base, Some("function")));
        match tokio::time::timeout(LONGEST_CALL, self.pool.request(request, outcome::LONGEST)).await {
            Ok(Ok(answer)) => reply(answer),
            Ok(Err(e)) => too_large_or(e),
            Err(_) => Err(Failure::Timeout),
        }
    }
}

/// What the emulator's answer means.
fn reply(answer: Answer) -> Result<IntegrationReply, Failure> {
    let Answer { status, headers, body } = answer;
    match status {
        200..=299 => {
            if let Some(sentence) = outcome::timeout_sentence(&body) {
                return Ok(function_error(headers, outcome::error(&sentence, None)));
            }
            let function_error = headers.contains("X-Amz-Function-Error") || outcome::is_error_object(&body);
            Ok(IntegrationReply { status: 200, headers, body, function_error })
        }
        // The runtime or its process crashed.
        502 if outcome::has_error_message(&body) => Ok(function_error(headers, body)),
        502 => {
            let said = String::from_utf8_lossy(body.trim_ascii());
            let message = if said.is_empty() { "the function crashed" } else { &said };
            Ok(function_error(headers, outcome::error(message, None)))
        }
        413 => Err(Failure::EventTooLarge),
        status => Err(Failure::InvocationRejected { status }),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::http1::message::Headers;

    fn of(status: u16, body: &'static str) -> Result<IntegrationReply, Failure> {
        reply(Answer { status, headers: Headers::default(), body: Bytes::from_static(body.as_bytes()) })
    }

    #[test]
    fn answers_by_their_shape() {
        let ok = |body: &'static str, function_error| {
            Ok(IntegrationReply {
                status: 200,
                body: Bytes::from_static(body.as_bytes()),
                function_error,
                ..Default::default()
            })
        };
        let same = |a: &Result<IntegrationReply, Failure>, b: &Result<IntegrationReply, Failure>| {
            format!("{a:?}") == format!("{b:?}")
        };
        let error = r#"{"errorMessage":"x","errorType":"E","requestId":"","stackTrace":[]}"#;
        let cases: [(u16, &'static str, Result<IntegrationReply, Failure>); 8] = [
            (200, r#"{"statusCode":200}"#, ok(r#"{"statusCode":200}"#, false)),
            (200, error, ok(error, true)),
            (
                200,
                "Task timed out after 3.00 seconds",
                ok(r#"{"errorMessage":"Task timed out after 3.00 seconds"}"#, true),
            ),
            (502, error, ok(error, true)),
            (502, "", ok(r#"{"errorMessage":"the function crashed"}"#, true)),
            (400, "", Err(Failure::InvocationRejected { status: 400 })),
            (500, "", Err(Failure::InvocationRejected { status: 500 })),
            (413, "", Err(Failure::EventTooLarge)),
        ];
        for (status, body, expected) in cases {
            let actual = of(status, body);
            assert!(same(&actual, &expected), "{status} {body}: {actual:?}");
        }
    }
}
