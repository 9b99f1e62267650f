//! Calling the backend: `Backends::invoke` sends a call and gets a reply, before the timeout.

mod background;
mod credentials;
mod emulator;
mod gate;
mod http;
mod invocation;
mod invoke_api;
mod outcome;
mod payload;
mod pool;
mod resolve;
mod runtime_api;
mod runtime_hub;
mod runtime_life;
mod shared;
mod sign;
mod stream;
mod streamed;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

pub(crate) use payload::Payload;
pub(crate) use shared::{OpenError, Shared};

use crate::exchange::call::{IntegrationCall, IntegrationReply, InvocationType, Target};
use emulator::Emulator;
use http::{Endpoints, HttpFunction};
use invocation::Invocation;
use invoke_api::InvokeApi;
use resolve::Resolver;
use runtime_api::RuntimeApi;
use shared::Site;
use streamed::Bounds;

use crate::failure::Failure;

/// Every backend, as one thread calls them: its connections are its own.
pub(crate) struct Backends {
    functions: Vec<Function>,
    endpoints: Endpoints,
    longest_event: usize,
    stream_idle: Duration,
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
            functions: shared.sites.iter().map(function).collect(),
            endpoints,
            longest_event: shared.longest_event,
            stream_idle: shared.stream_idle,
        }
    }

    /// Sends a call and gets its reply, before the call's timeout. It is sent at most once.
    pub(crate) async fn invoke(&self, call: IntegrationCall) -> Result<IntegrationReply, Failure> {
        let deadline = Instant::now() + call.timeout;
        tokio::time::timeout_at(deadline, self.send(call, deadline)).await.unwrap_or(Err(Failure::Timeout))
    }

    /// Closes connections that were idle too long; for a timer.
    pub(crate) fn sweep(&self) {
        self.endpoints.sweep();
    }

    async fn send(&self, call: IntegrationCall, deadline: Instant) -> Result<IntegrationReply, Failure> {
        let IntegrationCall { target, body, timeout, trace_id, streamed, read_ahead, .. } = call;
        match target {
            Target::Function { backend, name, qualifier, arn, invocation, headers } => {
                let function = self.functions.get(backend);
                let function =
                    function.ok_or_else(|| Failure::Configuration(format!("function `{name}` has no backend")))?;
                if body.len() > self.longest_event {
                    return Err(Failure::EventTooLarge);
                }
                let invocation = Invocation {
                    name,
                    qualifier,
                    arn,
                    kind: invocation,
                    headers,
                    event: body,
                    trace_id,
                    deadline,
                    read_ahead,
                };
                match function {
                    Function::InvokeApi(api) => api.invoke(invocation).await,
                    // Only the Invoke API itself can tell whether a call would be allowed.
                    _ if invocation.kind == InvocationType::DryRun => {
                        Ok(IntegrationReply { status: 204, ..IntegrationReply::default() })
                    }
                    Function::Emulator(emulator) => emulator.invoke(invocation).await,
                    Function::Http(function) => function.invoke(invocation).await,
                    Function::RuntimeApi(api) => api.invoke(invocation, timeout).await,
                }
            }
            Target::Http { method, uri, headers } => {
                let bounds = Bounds { deadline, idle: self.stream_idle };
                self.endpoints.call(&method, &uri, &headers, body, bounds, streamed).await
            }
        }
    }
}
