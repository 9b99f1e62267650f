//! Lambda's Runtime API, hosted here: a function's own runtime connects and asks for its invocations.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout};

use super::background::Background;
use super::invocation::Invocation;
use super::prelude::{self, ErrorShape};
use super::runtime_hub::{Answered, Deadline, Event, Hub, RuntimeAnswer};
use super::runtime_session::serve;
use super::{outcome, streamed};
use crate::exchange::call::{IntegrationReply, InvocationType};
use crate::failure::Failure;
use crate::http1::accept;
use crate::http1::body_stream::{BodyStream, Cut};
use crate::http1::message::Headers;
use crate::log;
use crate::memory::{self, Reservation};

/// Connections of runtimes and extensions at once.
const CONNECTIONS: usize = 1024;
/// Between two lines of the log about refused ones.
const REFUSALS: Duration = Duration::from_secs(10);
/// A connection may be known to its client before we have accepted it: so long is waited before one is missed.
const SETTLE: Duration = Duration::from_millis(5);

/// A Runtime API address and the function behind it. It listens as long as it lives.
pub(crate) struct RuntimeApi {
    hub: Arc<Hub>,
    local: SocketAddr,
    background: Background,
    accept: JoinHandle<()>,
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.accept.abort();
    }
}

impl RuntimeApi {
    /// Listens; the accepted connections are served by the runtime that `handle` belongs to.
    pub(crate) fn listen(
        address: SocketAddr,
        hub: Hub,
        background: Background,
        handle: &Handle,
    ) -> io::Result<RuntimeApi> {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let local = listener.local_addr()?;
        let hub = Arc::new(hub);
        let accept = handle.spawn(accept_runtimes(listener, hub.clone()));
        Ok(RuntimeApi { hub, local, background, accept })
    }

    /// The address that runtimes connect to.
    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Calls and runtimes.
    pub(crate) fn hub(&self) -> &Hub {
        &self.hub
    }

    /// One invocation: waits for a free runtime, then for its answer. `own` is the function's time, which begins when a runtime
    /// takes the invocation.
    pub(crate) async fn invoke(
        &self,
        invocation: Invocation,
        patience: Duration,
        own: Option<Duration>,
    ) -> Result<IntegrationReply, Failure> {
        let (is_event, streamed) = (invocation.kind == InvocationType::Event, invocation.streamed);
        let task = is_event.then(|| self.background.task());
        let deadline = if is_event { Deadline::After(patience) } else { Deadline::At(SystemTime::now() + patience) };
        let event = event(invocation, deadline, own);
        let mut call = self.hub.call(event, task).ok_or(Failure::rejected(429))?;
        if is_event {
            return Ok(IntegrationReply { status: 202, ..IntegrationReply::default() });
        }
        call.taken().await;
        let begun = Instant::now();
        let id = call.id().to_owned();
        let answer = async { reply(call.answer().await, streamed).await };
        let mut reply = match own {
            None => answer.await?,
            Some(own) => match timeout(own, answer).await {
                Ok(reply) => streamed::within(reply?, begun, own),
                Err(_) => outcome::timed_out(own),
            },
        };
        // As Lambda tells it of each call; a stream's headers are the client's.
        if !streamed {
            reply.headers.push("x-amzn-RequestId", id);
        }
        Ok(reply)
    }
}

fn event(invocation: Invocation, deadline: Deadline, own: Option<Duration>) -> Event {
    let client_context = invocation.headers.last("X-Amz-Client-Context").and_then(|c| STANDARD.decode(c).ok());
    let tenant_id = invocation.headers.last("X-Amz-Tenant-Id").map(|id| id.as_bytes().to_vec());
    let Invocation { event: payload, trace_id, arn, .. } = invocation;
    Event { payload, trace_id, arn, client_context, tenant_id, deadline, own }
}

/// The answer, as the method wants it: as it comes, or as a whole.
async fn reply(answer: Option<Answered>, streamed: bool) -> Result<IntegrationReply, Failure> {
    let whole = |body: Bytes| IntegrationReply { status: 200, body: body.into(), ..IntegrationReply::default() };
    let answer = match answer {
        Some(Ok(answer)) => answer,
        Some(Err(memory::Full)) => return Err(Failure::Overloaded),
        None => return Err(Failure::Internal("the runtime api dropped a call".into())),
    };
    match answer {
        RuntimeAnswer::Error(payload) => Ok(outcome::function_error(Headers::default(), payload)),
        RuntimeAnswer::Whole(payload) if streamed => prelude::split_prelude(whole(payload)),
        RuntimeAnswer::Whole(payload) => Ok(whole(payload)),
        RuntimeAnswer::Streamed(body) if streamed => prelude::read(body.into_stream(), ErrorShape::Nothing).await,
        RuntimeAnswer::Streamed(body) => collect(body.into_stream()).await,
    }
}

/// A stream for a method that does not stream: it is sent on once it is complete.
async fn collect(mut stream: BodyStream) -> Result<IntegrationReply, Failure> {
    let (mut whole, mut held) = (BytesMut::new(), Reservation::new());
    loop {
        match stream.next().await {
            Some(Ok(piece)) if whole.len() + piece.len() > outcome::LONGEST => {
                return Ok(outcome::function_error(Headers::default(), outcome::too_large()));
            }
            Some(Ok(piece)) => {
                held.grow_to(whole.len() + piece.len()).map_err(|memory::Full| Failure::Overloaded)?;
                whole.extend_from_slice(&piece);
            }
            Some(Err(cut @ Cut::Failed(_))) => return prelude::failed(cut),
            Some(Err(cut)) => return Err(Failure::NetworkError(cut.to_string())),
            None => {
                let body = held.attach(whole.freeze()).into();
                return Ok(IntegrationReply { status: 200, body, ..IntegrationReply::default() });
            }
        }
    }
}

async fn accept_runtimes(listener: std::net::TcpListener, hub: Arc<Hub>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let mut connections = JoinSet::new();
    let mut refusals = Refusals { address: listener.local_addr().ok(), count: 0, told: None };
    let mut id = 0;
    let mut look = None;
    loop {
        tokio::select! {
            // What can be accepted comes before a look at who is missing.
            biased;
            Some(_) = connections.join_next() => {}
            (stream, peer) = accept::next(&listener, |_| {}) => if connections.len() < CONNECTIONS {
                id += 1;
                hub.opened(id, peer.ip());
                connections.spawn(serve(stream, hub.clone(), id));
            } else {
                refusals.one_more();
            },
            () = hub.suspicion() => {
                let soon = Instant::now() + SETTLE;
                look = Some(look.map_or(soon, |time: Instant| time.min(soon)));
            }
            () = tokio::time::sleep_until(look.unwrap_or_else(Instant::now)), if look.is_some() => look = hub.bury().map(Instant::from_std),
        }
    }
}

/// Connections of runtimes that were one too many.
struct Refusals {
    address: Option<SocketAddr>,
    count: usize,
    told: Option<Instant>,
}

impl Refusals {
    fn one_more(&mut self) {
        self.count += 1;
        if self.told.is_some_and(|told| told.elapsed() < REFUSALS) {
            return;
        }
        let message = format!("runtime connections refused: {CONNECTIONS} are open");
        let address = self.address.map(|address| address.to_string()).unwrap_or_default();
        log::warn(&message, &[("address", &address), ("refused", &self.count)]);
        self.count = 0;
        self.told = Some(Instant::now());
    }
}
