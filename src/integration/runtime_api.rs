//! Lambda's Runtime API, hosted here: a function's own runtime connects and asks for its invocations.

use std::convert::Infallible;
use std::io;
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use socket2::Socket;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};

use super::background::Background;
use super::invocation::Invocation;
use super::outcome;
use super::runtime_hub::{Deadline, Delivery, Event, Hub, RuntimeAnswer, Taken};
use super::runtime_life::ConnectionId;
use crate::exchange::call::{IntegrationReply, InvocationType};
use crate::failure::Failure;
use crate::http1::accept;
use crate::http1::body::{BodyError, collect};
use crate::http1::message::Headers;
use crate::log;
use crate::memory::{self, Reservation};

/// Connections of runtimes at once.
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

    /// One invocation: waits for a free runtime, then for its answer.
    pub(crate) async fn invoke(&self, invocation: Invocation, timeout: Duration) -> Result<IntegrationReply, Failure> {
        let event_type = invocation.kind == InvocationType::Event;
        let client_context = invocation.headers.last("X-Amz-Client-Context").and_then(|c| STANDARD.decode(c).ok());
        let deadline = if event_type { Deadline::After(timeout) } else { Deadline::At(SystemTime::now() + timeout) };
        let task = event_type.then(|| self.background.task());
        let tenant_id = invocation.headers.last("X-Amz-Tenant-Id").map(|id| id.as_bytes().to_vec());
        let Invocation { event: payload, trace_id, arn, .. } = invocation;
        let event = Event { payload, trace_id, arn, client_context, tenant_id, deadline };
        let call = self.hub.call(event, task).ok_or(Failure::rejected(429))?;
        if event_type {
            return Ok(IntegrationReply { status: 202, ..IntegrationReply::default() });
        }
        // As Lambda tells it of each call.
        let mut headers = Headers::default();
        headers.push("x-amzn-RequestId", call.id().to_owned());
        match call.answer().await {
            Some(Ok(RuntimeAnswer { payload, function_error })) => Ok(IntegrationReply {
                status: 200,
                headers,
                body: payload.into(),
                function_error,
                ..IntegrationReply::default()
            }),
            Some(Err(memory::Full)) => Err(Failure::Overloaded),
            None => Err(Failure::Internal("the runtime api dropped a call".into())),
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
            () = tokio::time::sleep_until(look.unwrap_or_else(Instant::now).into()), if look.is_some() => look = hub.bury(),
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

async fn serve(stream: TcpStream, hub: Arc<Hub>, id: ConnectionId) {
    let Ok(socket) = stream.as_fd().try_clone_to_owned() else { return hub.closed(id) };
    let runtime = Arc::new(Runtime { hub, id, socket: socket.into() });
    let service = service_fn(|request| {
        let runtime = runtime.clone();
        async move { Ok::<_, Infallible>(runtime.handle(request).await) }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.title_case_headers(true);
    // How the connection ended does not matter.
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
    runtime.hub.closed(id);
}

/// One connection of a runtime.
struct Runtime {
    hub: Arc<Hub>,
    id: ConnectionId,
    socket: Socket,
}

impl Runtime {
    async fn handle(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        self.hub.requested(self.id);
        let path = request.uri().path().to_owned();
        let segments: Vec<&str> = path.strip_prefix("/2018-06-01/runtime/").unwrap_or_default().split('/').collect();
        match (request.method(), segments.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next(&request).await,
            (&Method::POST, ["invocation", id, "response"]) => self.response(id, request).await,
            (&Method::POST, ["invocation", id, "error"]) => self.error(id, request).await,
            (&Method::POST, ["init" | "restore", "error"]) => self.init_error(request).await,
            // Nothing is ever restored from a snapshot: whoever waits for it may begin (fact `runtime-restore`).
            (&Method::GET, ["restore", "next"]) => Response::default(),
            _ => unknown(&path, request).await,
        }
    }

    async fn next(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        match self.hub.poll(self.id, is_last(request)).next(|| self.is_there()).await {
            Some(delivery) => delivered(delivery),
            None => refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", "the function is gone"),
        }
    }

    /// Whether the runtime has not hung up, as far as the system knows: an invocation for one that has would be lost.
    fn is_there(&self) -> bool {
        let mut byte = [MaybeUninit::uninit(); 1];
        match self.socket.peek(&mut byte) {
            Ok(count) => count > 0,
            Err(e) => e.kind() == io::ErrorKind::WouldBlock,
        }
    }

    async fn response(&self, id: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let attempt = attempt(&head.headers);
        match collect(body, outcome::LONGEST, Reservation::new()).await {
            Ok((body, trailers)) => {
                let answer =
                    streamed_error(trailers.as_ref()).unwrap_or(RuntimeAnswer { payload: body, function_error: false });
                self.taken(self.hub.answer(id, attempt, Ok(answer)))
            }
            Err(BodyError::TooLarge) => {
                self.hub.answer(id, attempt, Ok(RuntimeAnswer { payload: outcome::too_large(), function_error: true }));
                let message = format!("Exceeded maximum allowed payload size ({} bytes).", outcome::LONGEST);
                refused(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message)
            }
            Err(BodyError::NoMemory) => self.taken(self.hub.answer(id, attempt, Err(memory::Full))),
            Err(BodyError::Broken(e)) => refused(StatusCode::BAD_REQUEST, "InvalidRequest", &e),
        }
    }

    async fn error(&self, id: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let headers = request.headers().clone();
        match error_payload(request).await {
            Ok(payload) => {
                let answer = RuntimeAnswer { payload, function_error: true };
                self.taken(self.hub.answer(id, attempt(&headers), Ok(answer)))
            }
            Err(refusal) => refusal,
        }
    }

    async fn init_error(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        match error_payload(request).await {
            Ok(payload) => {
                self.hub.init_error(&payload);
                accepted()
            }
            Err(refusal) => refusal,
        }
    }

    fn taken(&self, taken: Taken) -> Response<Full<Bytes>> {
        match taken {
            Taken::Accepted => accepted(),
            Taken::Again => {
                refused(StatusCode::FORBIDDEN, "InvalidStateTransition", "the invocation was answered before")
            }
            Taken::Unknown => refused(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID"),
        }
    }
}

/// Whether the connection is closed after that request.
fn is_last(request: &Request<Incoming>) -> bool {
    let lines = request.headers().get_all("connection");
    let options = || lines.iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    let has = |name| options().any(|option| option.trim().eq_ignore_ascii_case(name));
    has("close") || (request.version() == Version::HTTP_10 && !has("keep-alive"))
}

/// A request for what the Runtime API does not have. Its body is read, so that the connection can go on.
async fn unknown(path: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
    match collect(request.into_body(), outcome::LONGEST, Reservation::new()).await {
        Err(BodyError::Broken(e)) => refused(StatusCode::BAD_REQUEST, "InvalidRequest", &e),
        Ok(_) | Err(BodyError::TooLarge | BodyError::NoMemory) => {
            refused(StatusCode::NOT_FOUND, "NotFound", &format!("the runtime api has no `{path}`"))
        }
    }
}

/// The attempt that a runtime answers; old ones do not say.
fn attempt(headers: &HeaderMap) -> Option<&[u8]> {
    headers.get("lambda-runtime-invocation-id").map(HeaderValue::as_bytes)
}

/// The error that a runtime reports; one without a body is told by its header.
async fn error_payload(request: Request<Incoming>) -> Result<Bytes, Response<Full<Bytes>>> {
    let kind = request.headers().get("lambda-runtime-function-error-type").and_then(|v| v.to_str().ok());
    let kind = kind.unwrap_or("Runtime.Unknown").to_owned();
    match collect(request.into_body(), outcome::LONGEST, Reservation::new()).await {
        Ok((body, _)) if body.trim_ascii().is_empty() => Ok(outcome::error("", Some(&kind))),
        Ok((body, _)) => Ok(body),
        Err(BodyError::TooLarge) => Ok(outcome::too_large()),
        Err(BodyError::NoMemory) => Err(no_memory()),
        Err(BodyError::Broken(e)) => Err(refused(StatusCode::BAD_REQUEST, "InvalidRequest", &e)),
    }
}

/// The error of a streamed answer that broke off: it stands in the trailers.
fn streamed_error(trailers: Option<&HeaderMap>) -> Option<RuntimeAnswer> {
    let trailers = trailers?;
    let kind = trailers.get("lambda-runtime-function-error-type")?.to_str().ok()?;
    let body = trailers.get("lambda-runtime-function-error-body").and_then(|body| STANDARD.decode(body).ok());
    let payload = body.map_or_else(|| outcome::error("", Some(kind)), Bytes::from);
    Some(RuntimeAnswer { payload, function_error: true })
}

fn delivered(delivery: Delivery) -> Response<Full<Bytes>> {
    let event = delivery.event;
    let deadline = match event.deadline {
        Deadline::At(time) => time,
        Deadline::After(duration) => SystemTime::now() + duration,
    };
    let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    let mut response = Response::new(Full::new(event.payload));
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    let mut put = |name: &'static str, value: &[u8]| {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    };
    put("lambda-runtime-aws-request-id", delivery.id.as_bytes());
    put("lambda-runtime-invocation-id", delivery.attempt.as_bytes());
    put("lambda-runtime-deadline-ms", deadline.to_string().as_bytes());
    put("lambda-runtime-trace-id", event.trace_id.as_bytes());
    put("lambda-runtime-invoked-function-arn", event.arn.as_bytes());
    if let Some(context) = &event.client_context {
        put("lambda-runtime-client-context", context);
    }
    if let Some(tenant) = &event.tenant_id {
        put("lambda-runtime-aws-tenant-id", tenant);
    }
    response
}

fn accepted() -> Response<Full<Bytes>> {
    answer(StatusCode::ACCEPTED, "{\"status\":\"OK\"}\n".into())
}

/// `limits.memory` is used up: the runtime may try again.
fn no_memory() -> Response<Full<Bytes>> {
    refused(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", "no memory is left")
}

fn refused(status: StatusCode, kind: &str, message: &str) -> Response<Full<Bytes>> {
    answer(status, json!({"errorMessage": message, "errorType": kind}).to_string())
}

fn answer(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}
