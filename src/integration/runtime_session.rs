//! One connection of a runtime, or of an extension: what it asks the Runtime API.

use std::convert::Infallible;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use socket2::Socket;
use tokio::net::TcpStream;

use super::body_channel::{self, BodySender};
use super::runtime_answer::{accepted, millis, no_memory, refused};
use super::runtime_hub::{Delivery, Hub, RuntimeAnswer, Taken};
use super::runtime_life::ConnectionId;
use super::small_reads::SmallReads;
use super::stream_error::{self, ERROR_TYPE, LastChunk};
use super::{extension_session, outcome};
use crate::http1::body::{BodyError, collect};
use crate::http1::body_stream::Cut;
use crate::memory::{self, Reservation};

/// Serves a connection until it ends.
pub(crate) async fn serve(stream: TcpStream, hub: Arc<Hub>, id: ConnectionId) {
    let Ok(socket) = stream.as_fd().try_clone_to_owned() else { return hub.closed(id) };
    let session = Arc::new(Session { hub, id, socket: socket.into() });
    let service = service_fn(|request| {
        let session = session.clone();
        async move { Ok::<_, Infallible>(session.handle(request).await) }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.title_case_headers(true);
    // How the connection ended does not matter.
    let _ = http.serve_connection(TokioIo::new(SmallReads(stream)), service).await;
    session.hub.closed(id);
}

/// One connection.
struct Session {
    hub: Arc<Hub>,
    id: ConnectionId,
    socket: Socket,
}

impl Session {
    async fn handle(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if let Some(asked) = extension_session::Asked::of(request.method(), request.uri().path()) {
            return asked.answer(&self.hub, self.id, request).await;
        }
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
        if is_streamed(&head.headers) {
            let (sender, receiver) = body_channel::channel();
            let taken = self.hub.answer(id, attempt, Ok(RuntimeAnswer::Streamed(receiver)));
            return match hand_on(body, sender).await {
                Ok(()) => self.taken(taken),
                Err(e) => refused(StatusCode::BAD_REQUEST, "InvalidRequest", &e.to_string()),
            };
        }
        match collect(body, outcome::LONGEST, Reservation::new()).await {
            Ok((body, trailers)) => {
                let error = stream_error::of_trailers(trailers.as_ref());
                let answer = error.map_or(RuntimeAnswer::Whole(body), |error| RuntimeAnswer::Error(error.into()));
                self.taken(self.hub.answer(id, attempt, Ok(answer)))
            }
            Err(BodyError::TooLarge) => {
                self.hub.answer(id, attempt, Ok(RuntimeAnswer::Error(outcome::too_large())));
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
            Ok(payload) => self.taken(self.hub.answer(id, attempt(&headers), Ok(RuntimeAnswer::Error(payload)))),
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
    let kind = request.headers().get(ERROR_TYPE).and_then(|v| v.to_str().ok());
    let kind = kind.unwrap_or("Runtime.Unknown").to_owned();
    match collect(request.into_body(), outcome::LONGEST, Reservation::new()).await {
        Ok((body, _)) if body.trim_ascii().is_empty() => Ok(outcome::error("", Some(&kind))),
        Ok((body, _)) => Ok(body),
        Err(BodyError::TooLarge) => Ok(outcome::too_large()),
        Err(BodyError::NoMemory) => Err(no_memory()),
        Err(BodyError::Broken(e)) => Err(refused(StatusCode::BAD_REQUEST, "InvalidRequest", &e)),
    }
}

/// Whether a runtime streams its answer.
fn is_streamed(headers: &HeaderMap) -> bool {
    headers.get("lambda-runtime-function-response-mode").is_some_and(|mode| mode.as_bytes() == b"streaming")
}

/// Hands a body on to the caller as it comes; it is read to its end even when the caller is gone.
async fn hand_on(mut body: Incoming, sender: BodySender) -> Result<(), hyper::Error> {
    let mut last = LastChunk::default();
    while let Some(frame) = body.frame().await {
        let frame = match frame {
            Ok(frame) => frame,
            Err(e) => {
                sender.cut(body_channel::lost()).await;
                return Err(e);
            }
        };
        if let Some(error) = stream_error::of_trailers(frame.trailers_ref()) {
            sender.cut(Cut::Failed(error)).await;
            return Ok(());
        }
        if let Some(data) = frame.data_ref() {
            sender.send(&last.take(data)).await;
        }
    }
    match last.end() {
        Ok(rest) => {
            sender.send(&rest).await;
            sender.end().await;
        }
        Err(error) => sender.cut(Cut::Failed(error)).await,
    }
    Ok(())
}

fn delivered(delivery: Delivery) -> Response<Full<Bytes>> {
    let deadline = millis(delivery.deadline());
    let event = delivery.event;
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
