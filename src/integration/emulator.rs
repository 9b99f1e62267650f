//! The Runtime Interface Emulator, which is not the Invoke API: one call at a time, no error header,
//! a sentence for a time-out, always synchronous.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::background::Background;
use super::gate::{Gate, Place};
use super::invocation::Invocation;
use super::outcome;
use super::pool::Pool;
use super::prelude;
use crate::config::url::Url;
use crate::exchange::call::{IntegrationReply, InvocationType};
use crate::failure::Failure;
use crate::http1::clock;

/// How long a call that nobody waits for any more may keep the emulator busy: Lambda's longest function timeout.
const LONGEST_CALL: Duration = Duration::from_secs(900);

/// The only call that it knows.
const TARGET: &str = "/2015-03-31/functions/function/invocations";

/// A function behind the emulator.
#[derive(Clone)]
pub(crate) struct Emulator {
    base: Rc<Url>,
    pool: Rc<Pool>,
    gate: Arc<Gate>,
    background: Background,
}

impl Emulator {
    /// The emulator at that base url, behind the gate that all threads share.
    pub(crate) fn new(base: Url, pool: Rc<Pool>, gate: Arc<Gate>, background: Background) -> Emulator {
        Emulator { base: Rc::new(base), pool, gate, background }
    }

    /// One invocation. It goes on when the caller gives up, so that the emulator never sees a second one meanwhile.
    pub(crate) async fn invoke(&self, mut invocation: Invocation) -> Result<IntegrationReply, Failure> {
        let Some(place) = self.gate.enter() else { return Err(Failure::rejected(429)) };
        let emulator = self.clone();
        if invocation.kind == InvocationType::Event {
            let task = self.background.task();
            tokio::task::spawn_local(async move {
                // The result of an asynchronous invocation is Lambda's own business.
                let _ = emulator.call(place, &mut invocation).await;
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
            let reply = emulator.call(Place::Through(turn), &mut invocation).await;
            // The emulator does not stream: what a function streams comes at once. Nobody is there to take an answer that comes after
            // the timeout.
            let _ = send.send(if invocation.streamed { reply.and_then(prelude::split_prelude) } else { reply });
        });
        receive.await.unwrap_or_else(|_| Err(Failure::Internal("the call to the emulator was dropped".into())))
    }

    async fn call(&self, place: Place, invocation: &mut Invocation) -> Result<IntegrationReply, Failure> {
        let _turn = place.turn().await;
        let request = invocation.request(&self.base, &format!("{}{TARGET}", self.base.base_path()));
        let deadline = Instant::from_std(clock::now()) + LONGEST_CALL;
        // Whoever waits for a call gives up before; nobody waits for an asynchronous one.
        let given_up = if invocation.kind == InvocationType::Event { deadline } else { invocation.deadline };
        match tokio::time::timeout_at(deadline, self.pool.request(request, given_up, outcome::LONGEST)).await {
            Ok(Ok(answer)) => outcome::of_emulator(answer),
            Ok(Err(e)) => outcome::of_no_answer(e),
            Err(_) => Err(Failure::Timeout),
        }
    }
}
