//! HTTP backends: one that takes a function's event and returns its payload, and the endpoints of HTTP integrations.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;

use super::background::Background;
use super::invocation::Invocation;
use super::outcome;
use super::pool::{Pool, PoolError};
use super::prelude::{self, ErrorShape};
use super::resolve::Resolver;
use super::sign::Signer;
use super::streamed;
use crate::config::url::{Origin, Url};
use crate::exchange::call::{IntegrationReply, InvocationType};
use crate::failure::Failure;
use crate::http1::client::Outgoing;
use crate::http1::clock;
use crate::http1::head::{Head, is_token};
use crate::http1::message::Headers;

/// Origins that connections are kept for; a definition with more of them opens some again.
const ORIGINS: usize = 256;

/// A function behind plain HTTP.
#[derive(Clone)]
pub(crate) struct HttpFunction {
    url: Rc<Url>,
    pool: Rc<Pool>,
    signer: Option<Arc<Signer>>,
    background: Background,
}

impl HttpFunction {
    /// The function at that url; without a signer calls are not signed.
    pub(crate) fn new(url: Url, pool: Rc<Pool>, signer: Option<Arc<Signer>>, background: Background) -> HttpFunction {
        HttpFunction { url: Rc::new(url), pool, signer, background }
    }

    /// One invocation; an asynchronous one is answered at once and goes on.
    pub(crate) async fn invoke(&self, invocation: Invocation) -> Result<IntegrationReply, Failure> {
        if invocation.kind != InvocationType::Event {
            return self.call(invocation).await;
        }
        let (function, task) = (self.clone(), self.background.task());
        tokio::task::spawn_local(async move {
            // The result of an asynchronous invocation is Lambda's own business.
            let _ = function.call(invocation).await;
            drop(task);
        });
        Ok(IntegrationReply { status: 202, ..IntegrationReply::default() })
    }

    async fn call(&self, mut invocation: Invocation) -> Result<IntegrationReply, Failure> {
        let request = match &self.signer {
            Some(signer) => {
                let target = Box::pin(signer.sign(&self.url, &self.url.target, &mut invocation)).await?;
                // There may have been waiting for credentials.
                clock::now();
                invocation.request(&self.url, &target)
            }
            None => invocation.request(&self.url, &self.url.target),
        };
        if invocation.streamed && invocation.kind == InvocationType::RequestResponse {
            return Box::pin(self.stream(request, invocation.deadline)).await;
        }
        match self.pool.request(request, invocation.deadline, outcome::LONGEST).await {
            Ok(answer) => Ok(outcome::of_http(answer)),
            Err(e) => outcome::of_no_answer(e),
        }
    }

    /// The bytes of a streamed answer are the body, however they are framed.
    async fn stream(&self, request: Outgoing, deadline: Instant) -> Result<IntegrationReply, Failure> {
        let (mut connection, begun) = self.pool.begin(request, deadline).await?;
        if (200..300).contains(&begun.status) && !outcome::has_error_header(&begun.headers) {
            let body = streamed::body(self.pool.clone(), connection, begun);
            return prelude::read(body, ErrorShape::Tells).await;
        }
        match connection.finish(begun, outcome::LONGEST, None).await {
            Ok(answer) => {
                self.pool.put(connection);
                Ok(outcome::of_http(answer))
            }
            Err(e) => outcome::of_no_answer(e.into()),
        }
    }
}

/// The endpoints of HTTP integrations, found by the call's uri.
pub(crate) struct Endpoints {
    resolver: Rc<Resolver>,
    idle: usize,
    longest: usize,
    pools: RefCell<HashMap<Origin, Rc<Pool>>>,
}

impl Endpoints {
    /// Keeps `idle` connections per endpoint and refuses bodies over `longest`.
    pub(crate) fn new(resolver: Rc<Resolver>, idle: usize, longest: usize) -> Endpoints {
        Endpoints { resolver, idle, longest, pools: RefCell::default() }
    }

    /// The pool of an origin.
    pub(crate) fn pool(&self, origin: &Origin) -> Rc<Pool> {
        let mut pools = self.pools.borrow_mut();
        if let Some(pool) = pools.get(origin) {
            return pool.clone();
        }
        if pools.len() >= ORIGINS {
            pools.retain(|_, pool| Rc::strong_count(pool) > 1 || !pool.is_empty());
        }
        if pools.len() >= ORIGINS {
            pools.retain(|_, pool| Rc::strong_count(pool) > 1);
        }
        let pool = Rc::new(Pool::new(origin.clone(), self.resolver.clone(), self.idle));
        pools.insert(origin.clone(), pool.clone());
        pool
    }

    /// Closes connections that were idle too long; for a timer.
    pub(crate) fn sweep(&self) {
        self.pools.borrow().values().for_each(|pool| pool.sweep());
    }

    /// One request to an endpoint.
    pub(crate) async fn call(
        &self,
        method: &str,
        uri: &str,
        headers: &Headers,
        body: Bytes,
        deadline: Instant,
        streamed: bool,
    ) -> Result<IntegrationReply, Failure> {
        let invalid = || Failure::Configuration("Invalid endpoint address".into());
        let url = Url::parse(uri).map_err(|_| invalid())?;
        if !is_token(method.as_bytes()) {
            return Err(invalid());
        }
        let host = headers.last("Host").filter(|h| !h.is_empty() && h.bytes().all(|b| b.is_ascii_graphic()));
        let mut head = Head::request(method, &url.target, host.unwrap_or(&url.authority), body.len());
        head.lines(headers.0.iter().filter(|header| !header.name.eq_ignore_ascii_case(b"host")));
        let bodiless = body.is_empty() && matches!(method, "GET" | "HEAD" | "DELETE" | "OPTIONS");
        if !bodiless {
            head.length(body.len());
        }
        let request = Outgoing::new(head, body, method == "HEAD");
        let pool = self.pool(&url.origin);
        let reply = match streamed {
            true => Box::pin(streamed::request(pool, request, deadline)).await,
            false => pool.request(request, deadline, self.longest).await.map(outcome::of_endpoint),
        };
        reply.map_err(|e| match e {
            PoolError::UnknownHost(_) => invalid(),
            PoolError::Network(detail) => Failure::NetworkError(detail),
            PoolError::NoMemory => Failure::Overloaded,
            PoolError::TooLarge(length) => Failure::Configuration(match length {
                Some(length) => format!(
                    "Integration response of reported length {length} is larger than allowed maximum of {} bytes.",
                    self.longest
                ),
                None => format!("Integration response is larger than allowed maximum of {} bytes.", self.longest),
            }),
        })
    }
}
