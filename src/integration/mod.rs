//! Calling the backend: `Backends::invoke` sends a call and gets a reply, before the timeout.

mod background;
mod body_channel;
mod credentials;
mod emulator;
mod event_stream;
mod extension_session;
mod extensions;
mod fault;
mod gate;
mod http;
mod invocation;
mod invoke_api;
mod outcome;
mod payload;
mod pool;
mod prelude;
mod read_streamed;
mod resolve;
mod running;
mod runtime_answer;
mod runtime_api;
mod runtime_hub;
mod runtime_life;
mod runtime_session;
mod shared;
mod sign;
mod small_reads;
mod stream;
mod stream_error;
mod streamed;
mod timers;

use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

pub(crate) use fault::fault_reply;
pub(crate) use http::Endpoints;
pub(crate) use payload::Payload;
pub(crate) use prelude::{Prelude, Progress, has_prelude, read_of_invoke_api, split_prelude};
pub(crate) use read_streamed::at_once;
pub use read_streamed::{StreamedAnswer, read_streamed};
pub(crate) use resolve::Resolver;
pub(crate) use shared::{OpenError, Shared};
pub(crate) use streamed::{cut_idle, cut_late};

use crate::exchange::call::{IntegrationCall, IntegrationReply, InvocationType, Target};
use emulator::Emulator;
use http::HttpFunction;
use invocation::Invocation;
use invoke_api::InvokeApi;
use running::Running;
use runtime_api::RuntimeApi;
use shared::{OwnBounds, Site};
use streamed::{Bounded, Bounds};
use timers::Timers;

use crate::failure::Failure;
use crate::http1::body_stream::Body;

/// Every backend, as one thread calls them: its connections are its own.
pub(crate) struct Backends {
    functions: Vec<(Function, OwnBounds)>,
    endpoints: Endpoints,
    longest_event: usize,
    stream_idle: Duration,
    stream_rate: Option<u64>,
    timers: Timers,
}

/// A function's backend, one variant per kind.
enum Function {
    InvokeApi(InvokeApi),
    Emulator(Emulator),
    Http(HttpFunction),
    RuntimeApi(Arc<RuntimeApi>),
}

impl Backends {
    /// The calling thread's view of what all threads share.
    pub(crate) fn new(shared: &Shared) -> Backends {
        let endpoints = Endpoints::new(Rc::new(Resolver::default()), shared.upstream_idle, shared.response_body);
        let background = &shared.background;
        let function = |site: &Site| match site {
            Site::InvokeApi(base, signer) => {
                Function::InvokeApi(InvokeApi::new(base.clone(), endpoints.pool(&base.origin), signer.clone()))
            }
            Site::Emulator(base, gate) => Function::Emulator(Emulator::new(
                base.clone(),
                endpoints.pool(&base.origin),
                gate.clone(),
                background.clone(),
            )),
            Site::Http(url, signer) => Function::Http(HttpFunction::new(
                url.clone(),
                endpoints.pool(&url.origin),
                signer.clone(),
                background.clone(),
            )),
            Site::RuntimeApi(api) => Function::RuntimeApi(api.clone()),
        };
        Backends {
            functions: shared.sites.iter().map(function).zip(shared.own_bounds.iter().cloned()).collect(),
            endpoints,
            longest_event: shared.longest_event,
            stream_idle: shared.stream_idle,
            stream_rate: shared.stream_rate,
            timers: Timers::default(),
        }
    }

    /// Sends a call at that time and gets its reply, before the call's timeout. It is sent at most once.
    pub(crate) async fn invoke(
        &self,
        call: IntegrationCall,
        now: std::time::Instant,
    ) -> Result<IntegrationReply, Failure> {
        let deadline = Instant::from_std(now) + call.timeout;
        self.timers.before(deadline, pin!(self.send(call, deadline))).await.unwrap_or(Err(Failure::Timeout))
    }

    /// Closes connections that were idle too long; for a timer.
    pub(crate) fn sweep(&self) {
        self.endpoints.sweep();
    }

    async fn send(&self, call: IntegrationCall, deadline: Instant) -> Result<IntegrationReply, Failure> {
        let IntegrationCall { target, body, timeout, trace_id, streamed, read_ahead, .. } = call;
        let (reply, running) = match target {
            Target::Function { backend, name, qualifier, arn, invocation, headers } => {
                let function = self.functions.get(backend);
                let (function, bounds) =
                    function.ok_or_else(|| Failure::Configuration(format!("function `{name}` has no backend")))?;
                if body.len() > self.longest_event {
                    return Err(Failure::EventTooLarge);
                }
                let running = enter(bounds, invocation)?;
                let kind = invocation;
                let invocation = Invocation {
                    name,
                    qualifier,
                    arn,
                    kind,
                    headers,
                    event: body,
                    trace_id,
                    streamed,
                    deadline,
                    read_ahead,
                };
                (function.invoke(invocation, timeout, bounds.timeout).await?, running)
            }
            Target::Http { method, uri, headers } => {
                (self.endpoints.call(&method, &uri, &headers, body, deadline, streamed).await?, None)
            }
        };
        let IntegrationReply { body: Body::Stream(stream), .. } = reply else { return Ok(reply) };
        let bounds = Bounds { deadline, late: cut_late(), idle: self.stream_idle, rate: self.stream_rate };
        Ok(IntegrationReply { body: Bounded::stream(stream, bounds, running).into(), ..reply })
    }
}

/// A place among the calls that may run; an asynchronous call waits in Lambda's queue, and a dry run is none.
fn enter(bounds: &OwnBounds, invocation: InvocationType) -> Result<Option<Running>, Failure> {
    match &bounds.concurrency {
        Some(concurrency) if invocation == InvocationType::RequestResponse => {
            concurrency.enter().map(Some).ok_or(Failure::rejected(429))
        }
        _ => Ok(None),
    }
}

impl Function {
    /// One invocation; `own` is the function's own time-out.
    async fn invoke(
        &self,
        invocation: Invocation,
        patience: Duration,
        own: Option<Duration>,
    ) -> Result<IntegrationReply, Failure> {
        if let (Some(own), false) = (own, matches!(self, Function::RuntimeApi(_))) {
            return within(own, Box::pin(self.call(invocation, patience, None))).await;
        }
        self.call(invocation, patience, own).await
    }

    async fn call(
        &self,
        invocation: Invocation,
        patience: Duration,
        own: Option<Duration>,
    ) -> Result<IntegrationReply, Failure> {
        match self {
            Function::InvokeApi(api) => api.invoke(invocation).await,
            // Only the Invoke API itself can tell whether a call would be allowed.
            _ if invocation.kind == InvocationType::DryRun => {
                Ok(IntegrationReply { status: 204, ..IntegrationReply::default() })
            }
            Function::Emulator(emulator) => emulator.invoke(invocation).await,
            Function::Http(function) => function.invoke(invocation).await,
            Function::RuntimeApi(api) => api.invoke(invocation, patience, own).await,
        }
    }
}

/// A call within the function's own time.
async fn within(
    own: Duration,
    call: impl Future<Output = Result<IntegrationReply, Failure>>,
) -> Result<IntegrationReply, Failure> {
    let begun = Instant::now();
    match tokio::time::timeout(own, call).await {
        Ok(reply) => Ok(streamed::within(reply?, begun, own)),
        Err(_) => Ok(outcome::timed_out(own)),
    }
}
