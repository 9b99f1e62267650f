//! The gateway as a tower service: reads the body within its bounds, makes the gateway's calls, tells log and inspector.

use std::convert::Infallible;
use std::mem::take;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use tower::Service;

use super::account::{self, Account};
use super::departure::{Departure, End};
use super::in_flight::InFlight;
use super::pooled::Pooled;
use super::worker::{Local, Worker};
use crate::exchange::call::{IntegrationCall, IntegrationReply, Purpose};
use crate::exchange::exchange::Exchange;
use crate::exchange::fault::Fault;
use crate::exchange::sample::Sample;
use crate::failure::Failure;
use crate::gateway::{Answer, Gateway, Step};
use crate::http1::body::BodyError;
use crate::http1::body_stream::Body;
use crate::http1::clock;
use crate::http1::message::Request;
use crate::http1::request_body::RequestBody;
use crate::http1::request_head;
use crate::integration::fault_reply;
use crate::memory::{self, BODIES, Client, Full, Reservation};

/// A request whose body is not read yet.
pub(crate) struct Arrived {
    /// All but the body.
    pub request: Request,
    /// The body.
    pub body: RequestBody,
    /// Why it is refused for its head.
    pub fault: Option<Failure>,
}

/// The failure of a request that is refused for its head.
pub(crate) fn failure(fault: request_head::Fault) -> Failure {
    match fault {
        request_head::Fault::Malformed(what) => Failure::BadHead(what),
        request_head::Fault::LongTarget => Failure::UriTooLong,
        request_head::Fault::LongHead => Failure::HeadTooLarge,
    }
}

/// Answers requests of one connection.
#[derive(Clone)]
pub(crate) struct GatewayService {
    worker: Rc<Worker>,
    client: Arc<Client>,
}

impl GatewayService {
    /// The service of that client.
    pub(crate) fn new(worker: Rc<Worker>, client: Arc<Client>) -> GatewayService {
        GatewayService { worker, client }
    }
}

impl Service<(Arrived, Option<InFlight>)> for GatewayService {
    type Response = Departure;
    type Error = Infallible;
    /// In a box for as long as the request lives, so that an idle connection holds none.
    type Future = Pooled<Result<Departure, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, (arrived, in_flight): (Arrived, Option<InFlight>)) -> Self::Future {
        let GatewayService { worker, client } = self.clone();
        Pooled::new(async move {
            let is_http2 = arrived.request.http2;
            let (answered, account) = answer(&worker, &client, arrived, in_flight.is_some()).await;
            let Answered { answer: Answer { mut response, tally }, is_counted } = answered;
            if let Body::Whole(body) = &mut response.body
                // An HTTP/2 connection may have many that wait.
                && (body.len() > memory::SMALL || (is_http2 && !body.is_empty()))
            {
                *body = memory::depart(take(body), is_counted, &client);
            }
            Ok(Departure { response, end: End::new(tally, in_flight, account, client) })
        })
    }
}

/// The answer, with the account of one that streams. `welcome`: there is room for the request.
async fn answer(
    worker: &Rc<Worker>,
    client: &Arc<Client>,
    arrived: Arrived,
    welcome: bool,
) -> (Answered, Option<Box<Account>>) {
    let Arrived { mut request, body, fault } = arrived;
    let local = worker.local();
    let sample = worker.sample(request.received);
    let read = match fault {
        Some(fault) => Err(fault),
        None if welcome => read(worker, &local, client, &mut request, body).await,
        None => Err(Failure::Overloaded),
    };
    let (exchange, mut answered) = match read {
        Ok(()) => drive(worker, &local, request, sample).await,
        Err(failure) => {
            let (exchange, answer) = local.generation.gateway.refuse(request, sample, failure);
            (exchange, Answered { answer, is_counted: false })
        }
    };
    let response = &answered.answer.response;
    if response.body.is_stream() {
        let account = Account::open(worker.clone(), local, exchange, response);
        return (answered, Some(account));
    }
    let traced = account::tell(worker, &local, &exchange, response, response.body.whole().len() as u64);
    answered.answer.tally.trace(traced);
    (answered, None)
}

/// An answer, and whether its body is counted already: it is the backend's own.
struct Answered {
    answer: Answer,
    is_counted: bool,
}

/// Goes with a request from step to step. What few requests come to waits in boxes of its own: the future of every request would
/// be as large as all that together.
async fn drive(
    worker: &Worker,
    local: &Local,
    request: Request,
    sample: Option<Box<Sample>>,
) -> (Box<Exchange>, Answered) {
    let gateway = &local.generation.gateway;
    let came = request.body.clone();
    let (mut exchange, mut step) = gateway.start(request, sample);
    let _unpacked = memory::in_place(&exchange.request.body, &came);
    drop(came);
    let mut is_counted = false;
    loop {
        let mut call = match step {
            Step::Check(check) => {
                let verdict = Box::pin(worker.check(check)).await;
                clock::now();
                step = gateway.checked(&mut exchange, verdict);
                continue;
            }
            Step::Call(call) => call,
            Step::Answer(answer) => return (exchange, Answered { answer, is_counted }),
        };
        let called = clock::now();
        let (key, is_answer) = match &call.purpose {
            Purpose::Authorizer(key) => (key.clone(), true),
            Purpose::Keys(key) => (Some(key.clone()), false),
            Purpose::Integration => (None, false),
        };
        call.body = match memory::hold(call.body, &exchange.request.body) {
            Ok(body) => body,
            Err(Full) => {
                step = gateway.resume(&mut exchange, Err(Failure::Overloaded));
                continue;
            }
        };
        let Some(key) = key else {
            let reply = match &exchange.fault {
                Some(fault) => Box::pin(fail(fault, &call)).await,
                None => local.backends.invoke(call, called).await,
            };
            exchange.waited(called, ended(&reply));
            (step, is_counted) = resume(gateway, &mut exchange, reply);
            continue;
        };
        let flight = local.generation.flights.join(key);
        // Who asked before may have left with the answer just before this one came: then it is known by now.
        if let Some(known) = gateway.recall(&mut exchange) {
            step = known;
            continue;
        }
        let (reply, is_own) = Box::pin(flight.reply(local.backends.invoke(call, called))).await;
        exchange.waited(called, clock::now());
        exchange.shares_answer(is_answer && !is_own);
        step = gateway.resume(&mut exchange, reply);
    }
}

/// When a reply was complete.
fn ended(reply: &Result<IntegrationReply, Failure>) -> Instant {
    reply.as_ref().ok().and_then(|reply| reply.at).unwrap_or_else(clock::now)
}

/// The reply to a call that fails on purpose, at the latest when it would time out.
async fn fail(fault: &Fault, call: &IntegrationCall) -> Result<IntegrationReply, Failure> {
    if !fault.after.is_zero() {
        tokio::time::sleep(fault.after.min(call.timeout)).await;
    }
    fault_reply(fault, call)
}

/// Goes on with a backend's reply, as long as there is room for an answer of its length.
fn resume(gateway: &Gateway, exchange: &mut Exchange, reply: Result<IntegrationReply, Failure>) -> (Step, bool) {
    let mut room = Reservation::new();
    let (reply, body) = match reply {
        Ok(reply) if room.grow_to(reply.body.whole().len()).is_err() => (Err(Failure::Overloaded), None),
        Ok(reply) => {
            // Of a short one nobody asks.
            let body = Some(reply.body.whole()).filter(|body| body.len() > memory::SMALL).cloned();
            (Ok(reply), body)
        }
        Err(failure) => (Err(failure), None),
    };
    let step = gateway.resume(exchange, reply);
    let is_part = |answer: &Answer| body.is_some_and(|body| memory::is_part(answer.response.body.whole(), &body));
    let is_counted = matches!(&step, Step::Answer(answer) if is_part(answer));
    (step, is_counted)
}

async fn read(
    worker: &Worker,
    local: &Local,
    client: &Arc<Client>,
    request: &mut Request,
    body: RequestBody,
) -> Result<(), Failure> {
    let overloaded = || {
        worker.process.metrics.requests_refused.inc();
        Failure::Overloaded
    };
    if !BODIES.admits() {
        return Err(overloaded());
    }
    if body.is_empty() {
        return Ok(());
    }
    let limits = &local.generation.settings.limits;
    // Who asks before sending is told at once.
    if body.announced() > limits.request_body as u64 && request.headers.contains("Expect") {
        return Err(Failure::RequestTooLarge);
    }
    let held = Reservation::of(client);
    let read = Box::pin(tokio::time::timeout(limits.body_timeout, body.collect(limits.request_body, held))).await;
    clock::now();
    match read {
        Ok(Ok(body)) => {
            request.body = body;
            // Meanwhile others may have taken what there was.
            if BODIES.admits() { Ok(()) } else { Err(overloaded()) }
        }
        Ok(Err(BodyError::NoMemory)) => Err(overloaded()),
        Ok(Err(BodyError::TooLarge)) => Err(Failure::RequestTooLarge),
        Ok(Err(BodyError::Broken(_))) => Err(Failure::BrokenBody),
        Err(_) => Err(Failure::SlowBody),
    }
}
