//! The gateway as a tower service: reads the body within its bounds, answers, and tells log and inspector.

use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use http::StatusCode;
use hyper::body::{Body, Incoming};
use tower::Service;

use super::inspector::Record;
use super::worker::{Local, Worker};
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;
use crate::http1::body::{BodyError, collect};
use crate::http1::message::{Request, Response};
use crate::log::{self, Level};

/// A request whose body is not read yet.
pub struct Arrived {
    /// All but the body.
    pub request: Request,
    /// The body.
    pub body: Incoming,
}

/// Answers requests of one thread.
#[derive(Clone)]
pub struct Answer(Rc<Worker>);

impl Answer {
    /// The service of a thread.
    pub fn new(worker: Rc<Worker>) -> Answer {
        Answer(worker)
    }
}

impl Service<Arrived> for Answer {
    type Response = Response;
    type Error = Infallible;
    /// Boxed for as long as the request lives, so that an idle connection holds none.
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, arrived: Arrived) -> Self::Future {
        let worker = self.0.clone();
        Box::pin(async move { Ok(answer(&worker, arrived).await) })
    }
}

async fn answer(worker: &Worker, arrived: Arrived) -> Response {
    let Arrived { mut request, body } = arrived;
    let local = worker.local();
    let gateway = &local.generation.gateway;
    let trace = worker.trace();
    let (response, exchange) = match read(&local, &mut request, body).await {
        Ok(()) => gateway.handle(async |call| local.backends.invoke(call).await, request, trace).await,
        Err(Unread::TooLarge) => gateway.refuse(request, trace, Failure::RequestTooLarge),
        Err(Unread::TooSlow) => return status_only(StatusCode::REQUEST_TIMEOUT),
        Err(Unread::Broken) => return status_only(StatusCode::BAD_REQUEST),
    };
    tell(worker, &local, &exchange, &response);
    response
}

/// Why there is no body.
enum Unread {
    TooLarge,
    TooSlow,
    Broken,
}

async fn read(local: &Local, request: &mut Request, body: Incoming) -> Result<(), Unread> {
    if body.is_end_stream() {
        return Ok(());
    }
    let limits = &local.generation.settings.limits;
    // Who asks before sending is told at once.
    if body.size_hint().lower() > limits.request_body as u64 && request.headers.contains("Expect") {
        return Err(Unread::TooLarge);
    }
    match tokio::time::timeout(limits.body_timeout, collect(body, limits.request_body)).await {
        Ok(Ok((body, _))) => {
            request.body = body;
            Ok(())
        }
        Ok(Err(BodyError::TooLarge)) => Err(Unread::TooLarge),
        Ok(Err(BodyError::Broken(_))) => Err(Unread::Broken),
        Err(_) => Err(Unread::TooSlow),
    }
}

/// What is said to a client that broke off or stalled: it has not made a request that the gateway could answer.
fn status_only(status: StatusCode) -> Response {
    let mut response = Response { status: status.as_u16(), ..Response::default() };
    response.headers.push("Connection", "close");
    response
}

/// What is said when there are too many requests at once.
pub fn overloaded() -> Response {
    let mut response = Response {
        status: StatusCode::SERVICE_UNAVAILABLE.as_u16(),
        body: "{\"message\":\"Service Unavailable\"}".into(),
        ..Response::default()
    };
    response.headers.push("Content-Type", "application/json");
    response
}

/// Log and inspector, as far as they want to know.
fn tell(worker: &Worker, local: &Local, exchange: &Exchange, response: &Response) {
    let generation = &local.generation;
    let latency = exchange.request.received.elapsed();
    let api = generation.gateway.api(exchange);
    if let Some(format) = &generation.access_log {
        worker.lines.push(&format.line(api, exchange, response, latency));
    }
    if !exchange.trace.is_on() {
        return;
    }
    if log::enabled(Level::Debug) {
        for line in exchange.trace.lines() {
            log::event(Level::Debug, &line.to_string(), &[("request_id", &exchange.ids.request_id)]);
        }
    }
    if worker.process.inspector.is_on() {
        worker.process.inspector.keep(Record::new(api, exchange, response, latency));
    }
}
