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
    longest: Duration,
}

impl Emulator {
    /// The emulator at that base url, behind the gate that all threads share.
    pub(crate) fn new(base: Url, pool: Rc<Pool>, gate: Arc<Gate>, background: Background) -> Emulator {
        Emulator { base: Rc::new(base), pool, gate, background, longest: LONGEST_CALL }
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
        let deadline = Instant::from_std(clock::now()) + self.longest;
        // Whoever waits for a call gives up before; nobody waits for an asynchronous one.
        let given_up = if invocation.kind == InvocationType::Event { deadline } else { invocation.deadline };
        match tokio::time::timeout_at(deadline, self.pool.request(request, given_up, outcome::LONGEST)).await {
            Ok(Ok(answer)) => outcome::of_emulator(answer),
            Ok(Err(e)) => outcome::of_no_answer(e),
            Err(_) => Err(Failure::Timeout),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use prometheus::IntGauge;

    use super::super::Resolver;
    use super::*;
    use crate::exchange::ids::Id;
    use crate::http1::message::Headers;
    use crate::json_text::Ahead;

    fn invocation(kind: InvocationType) -> Invocation {
        Invocation {
            name: "f".into(),
            qualifier: None,
            arn: "arn".into(),
            kind,
            headers: Headers::default(),
            event: "{}".into(),
            trace_id: Id::default(),
            streamed: false,
            deadline: Instant::now() + Duration::from_secs(60),
            read_ahead: Ahead::No,
        }
    }

    /// An emulator that never answers its first call, and the next one at once; the thread tells when that one came.
    fn stuck() -> (Url, std::thread::JoinHandle<std::io::Result<Instant>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|e| unreachable!("{e}"));
        let address = listener.local_addr().unwrap_or_else(|e| unreachable!("{e}"));
        let server = std::thread::spawn(move || {
            let _stuck = listener.accept()?;
            let (mut next, _) = listener.accept()?;
            let came = Instant::now();
            let _ = next.read(&mut [0; 4096])?;
            next.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")?;
            Ok(came)
        });
        (Url::parse(&format!("http://{address}")).unwrap_or_else(|e| unreachable!("{e}")), server)
    }

    /// Nobody waits for its first call any more, or ever did: it keeps the emulator for the longest time of a function, and no longer.
    #[test]
    fn a_call_that_is_never_answered_keeps_it_for_the_longest_time_only() {
        for kind in [InvocationType::Event, InvocationType::RequestResponse] {
            let (base, server) = stuck();
            let gauge = IntGauge::new("waiting", "waiting").unwrap_or_else(|e| unreachable!("{e}"));
            let pool = Rc::new(Pool::new(base.origin.clone(), Rc::new(Resolver::default()), 0));
            let mut emulator = Emulator::new(base, pool, Arc::new(Gate::new(8, gauge)), Background::default());
            assert_eq!(emulator.longest, Duration::from_secs(15 * 60));
            emulator.longest = Duration::from_millis(100);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.unwrap_or_else(|e| unreachable!("{e}"));
            let begun = Instant::now();
            let second = tokio::task::LocalSet::new().block_on(&runtime, async {
                let patience = Duration::from_millis(5);
                let first = tokio::time::timeout(patience, emulator.invoke(invocation(kind))).await;
                // An asynchronous one is accepted at once; the caller of the other gives up.
                assert_eq!(first.is_ok(), kind == InvocationType::Event, "{kind:?}");
                emulator.invoke(invocation(InvocationType::RequestResponse)).await
            });
            assert!(second.is_ok_and(|reply| reply.status == 200), "{kind:?}");
            let came = server.join().is_ok_and(|came| came.is_ok_and(|came| came >= begun + emulator.longest));
            assert!(came, "{kind:?}: it got a second call meanwhile");
        }
    }
}
