//! Lambda's Runtime API, hosted here: a function's own runtime connects and asks for its invocations.

use std::convert::Infallible;
use std::io;
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use socket2::Socket;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::background::Background;
use super::invocation::Invocation;
use super::outcome;
use super::runtime_hub::{Answer, ConnectionId, Deadline, Delivery, Hub, Taken};
use crate::exchange::call::{IntegrationReply, InvocationType};
use crate::failure::Failure;
use crate::http1::accept;
use crate::http1::body::{BodyError, collect};
use crate::http1::message::Headers;

/// Connections of runtimes at once.
const CONNECTIONS: usize = 1024;

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
        let call = self
            .hub
            .call(invocation.event, invocation.trace_id, invocation.arn, client_context, deadline, task)
            .ok_or(Failure::InvocationRejected { status: 429 })?;
        if event_type {
            return Ok(IntegrationReply { status: 202, ..IntegrationReply::default() });
        }
        match call.answer().await {
            Some(Answer { payload, function_error }) => {
                Ok(IntegrationReply { status: 200, headers: Headers::default(), body: payload, function_error })
            }
            None => Err(Failure::Internal("the runtime api dropped a call".into())),
        }
    }
}

async fn accept_runtimes(listener: std::net::TcpListener, hub: Arc<Hub>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let mut connections = 0;
    accept::serve(listener, CONNECTIONS, |stream, _| {
        connections += 1;
        serve(stream, hub.clone(), connections)
    })
    .await;
}

async fn serve(stream: TcpStream, hub: Arc<Hub>, id: ConnectionId) {
    let Ok(socket) = stream.as_fd().try_clone_to_owned() else { return };
    let runtime = Arc::new(Runtime { hub, id, socket: socket.into(), keeps_connections: AtomicBool::new(false) });
    let service = service_fn(|request| {
        let runtime = runtime.clone();
        async move { Ok::<_, Infallible>(runtime.handle(request).await) }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.title_case_headers(true);
    // How the connection ended does not matter.
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
    runtime.hub.closed(id, runtime.keeps_connections.load(Ordering::Relaxed));
}

/// One connection of a runtime.
struct Runtime {
    hub: Arc<Hub>,
    id: ConnectionId,
    socket: Socket,
    /// Whether a closed connection means a dead runtime: so with AWS's clients, not with a shell script's curl.
    keeps_connections: AtomicBool,
}

impl Runtime {
    async fn handle(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().to_owned();
        let Some(rest) = path.strip_prefix("/2018-06-01/runtime/") else {
            return not_found(&path);
        };
        let segments: Vec<&str> = rest.split('/').collect();
        match (request.method(), segments.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next(request.headers()).await,
            (&Method::POST, ["invocation", id, "response"]) => self.response(id, request).await,
            (&Method::POST, ["invocation", id, "error"]) => self.error(id, request).await,
            (&Method::POST, ["init", "error"]) => self.init_error(request).await,
            _ => not_found(&path),
        }
    }

    async fn next(&self, headers: &HeaderMap) -> Response<Full<Bytes>> {
        let agent = headers.get("user-agent").map(|agent| agent.as_bytes().to_ascii_lowercase()).unwrap_or_default();
        if memchr::memmem::find(&agent, b"lambda").is_some() {
            self.keeps_connections.store(true, Ordering::Relaxed);
        }
        match self.hub.poll(self.id).next(self.id, || self.is_there()).await {
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
        match collect(request.into_body(), outcome::LONGEST).await {
            Ok((body, trailers)) => {
                let answer =
                    streamed_error(trailers.as_ref()).unwrap_or(Answer { payload: body, function_error: false });
                self.taken(self.hub.answer(id, self.id, answer))
            }
            Err(BodyError::TooLarge) => {
                self.hub.answer(id, self.id, Answer { payload: outcome::too_large(), function_error: true });
                let message = format!("Exceeded maximum allowed payload size ({} bytes).", outcome::LONGEST);
                refused(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message)
            }
            Err(BodyError::Broken(e)) => refused(StatusCode::BAD_REQUEST, "InvalidRequest", &e.to_string()),
        }
    }

    async fn error(&self, id: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
        match error_payload(request).await {
            Ok(payload) => self.taken(self.hub.answer(id, self.id, Answer { payload, function_error: true })),
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

/// The error that a runtime reports; one without a body is told by its header.
async fn error_payload(request: Request<Incoming>) -> Result<Bytes, Response<Full<Bytes>>> {
    let kind = request.headers().get("lambda-runtime-function-error-type").and_then(|v| v.to_str().ok());
    let kind = kind.unwrap_or("Runtime.Unknown").to_owned();
    match collect(request.into_body(), outcome::LONGEST).await {
        Ok((body, _)) if body.trim_ascii().is_empty() => Ok(outcome::error("", Some(&kind))),
        Ok((body, _)) => Ok(body),
        Err(BodyError::TooLarge) => Ok(outcome::too_large()),
        Err(BodyError::Broken(e)) => Err(refused(StatusCode::BAD_REQUEST, "InvalidRequest", &e.to_string())),
    }
}

/// The error of a streamed answer that broke off: it stands in the trailers.
fn streamed_error(trailers: Option<&HeaderMap>) -> Option<Answer> {
    let trailers = trailers?;
    let kind = trailers.get("lambda-runtime-function-error-type")?.to_str().ok()?;
    let body = trailers.get("lambda-runtime-function-error-body").and_then(|body| STANDARD.decode(body).ok());
    let payload = body.map_or_else(|| outcome::error("", Some(kind)), Bytes::from);
    Some(Answer { payload, function_error: true })
}

fn delivered(delivery: Delivery) -> Response<Full<Bytes>> {
    let deadline = match delivery.deadline {
        Deadline::At(time) => time,
        Deadline::After(duration) => SystemTime::now() + duration,
    };
    let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    let mut response = Response::new(Full::new(delivery.event));
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    let mut put = |name: &'static str, value: &[u8]| {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    };
    put("lambda-runtime-aws-request-id", delivery.id.as_bytes());
    put("lambda-runtime-deadline-ms", deadline.to_string().as_bytes());
    put("lambda-runtime-trace-id", delivery.trace_id.as_bytes());
    put("lambda-runtime-invoked-function-arn", delivery.arn.as_bytes());
    if let Some(context) = &delivery.client_context {
        put("lambda-runtime-client-context", context);
    }
    response
}

fn accepted() -> Response<Full<Bytes>> {
    answer(StatusCode::ACCEPTED, "{\"status\":\"OK\"}\n".into())
}

fn not_found(path: &str) -> Response<Full<Bytes>> {
    refused(StatusCode::NOT_FOUND, "NotFound", &format!("the runtime api has no `{path}`"))
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
