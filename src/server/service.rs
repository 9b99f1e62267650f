//! The gateway as a tower service: reads the body within its bounds, makes the gateway's calls, tells log and inspector.

use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use hyper::body::{Body, Incoming};
use tower::Service;

use super::account::{self, Account};
use super::departure::{Departure, End};
use super::in_flight::InFlight;
use super::worker::{Local, Worker};
use crate::exchange::call::Purpose;
use crate::exchange::exchange::Exchange;
use crate::exchange::sample::Sample;
use crate::failure::Failure;
use crate::gateway::{Answer, Step};
use crate::http1::body::{BodyError, collect};
use crate::http1::message::Request;

/// A request whose body is not read yet.
pub(crate) struct Arrived {
    /// All but the body.
    pub request: Request,
    /// The body.
    pub body: Incoming,
    /// Why it is refused for its head.
    pub fault: Option<Failure>,
}

/// Answers requests of one thread.
#[derive(Clone)]
pub(crate) struct GatewayService(Rc<Worker>);

impl GatewayService {
    /// The service of a thread.
    pub(crate) fn new(worker: Rc<Worker>) -> GatewayService {
        GatewayService(worker)
    }
}

impl Service<(Arrived, Option<InFlight>)> for GatewayService {
    type Response = Departure;
    type Error = Infallible;
    /// Boxed for as long as the request lives, so that an idle connection holds none.
    type Future = Pin<Box<dyn Future<Output = Result<Departure, Infallible>>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, (arrived, in_flight): (Arrived, Option<InFlight>)) -> Self::Future {
        let worker = self.0.clone();
        Box::pin(async move {
            let (Answer { response, tally }, account) = answer(&worker, arrived, in_flight.is_some()).await;
            Ok(Departure { response, end: End::new(tally, in_flight, account) })
        })
    }
}

/// The answer, with the account of one that streams. `welcome`: there is room for the request.
async fn answer(worker: &Rc<Worker>, arrived: Arrived, welcome: bool) -> (Answer, Option<Box<Account>>) {
    let Arrived { mut request, body, fault } = arrived;
    let local = worker.local();
    let sample = worker.sample();
    let read = match fault {
        Some(fault) => Err(fault),
        None if welcome => read(&local, &mut request, body).await,
        None => Err(Failure::Overloaded),
    };
    let (exchange, answer) = match read {
        Ok(()) => drive(&local, request, sample).await,
        Err(failure) => local.generation.gateway.refuse(request, sample, failure),
    };
    if answer.response.body.is_stream() {
        let account = Account::open(worker.clone(), local, exchange, &answer.response);
        return (answer, Some(account));
    }
    account::tell(worker, &local, &exchange, &answer.response, answer.response.body.whole().len() as u64);
    (answer, None)
}

/// Goes with a request from step to step.
async fn drive(local: &Local, request: Request, sample: Option<Box<Sample>>) -> (Exchange, Answer) {
    let gateway = &local.generation.gateway;
    let (mut exchange, mut step) = gateway.start(request, sample);
    loop {
        step = match step {
            Step::Call(call) => {
                let called = Instant::now();
                let (key, is_answer) = match &call.purpose {
                    Purpose::Authorizer(key) => (key.clone(), true),
                    Purpose::Keys(key) => (Some(key.clone()), false),
                    Purpose::Integration => (None, false),
                };
                let Some(key) = key else {
                    let reply = local.backends.invoke(call).await;
                    exchange.waited(called.elapsed());
                    step = gateway.resume(&mut exchange, reply);
                    continue;
                };
                let flight = local.generation.flights.join(key);
                let (reply, is_own) = flight.reply(local.backends.invoke(call)).await;
                exchange.waited(called.elapsed());
                exchange.shares_answer(is_answer && !is_own);
                gateway.resume(&mut exchange, reply)
            }
            Step::Answer(answer) => return (exchange, answer),
        };
    }
}

async fn read(local: &Local, request: &mut Request, body: Incoming) -> Result<(), Failure> {
    if body.is_end_stream() {
        return Ok(());
    }
    let limits = &local.generation.settings.limits;
    // Who asks before sending is told at once.
    if body.size_hint().lower() > limits.request_body as u64 && request.headers.contains("Expect") {
        return Err(Failure::RequestTooLarge);
    }
    match tokio::time::timeout(limits.body_timeout, collect(body, limits.request_body)).await {
        Ok(Ok((body, _))) => {
            request.body = body;
            Ok(())
        }
        Ok(Err(BodyError::TooLarge)) => Err(Failure::RequestTooLarge),
        Ok(Err(BodyError::Broken(_))) => Err(Failure::BrokenBody),
        Err(_) => Err(Failure::SlowBody),
    }
}
