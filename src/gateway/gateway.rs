//! `Gateway`: begin, call, finish; every step of a request, in order.

use std::time::Instant;

use super::counters::{Counters, Events};
use super::deployment::Deployment;
use super::rest::{gateway_response, method_request, mock, protection};
use super::throttle::Throttles;
use super::{compression, ids, log};
use crate::api::{ApiKeySource, HttpMethod, Method, RestApi};
use crate::config::settings::Limits;
use crate::exchange::call::{IntegrationCall, IntegrationReply, Target};
use crate::exchange::exchange::Exchange;
use crate::exchange::trace::Trace;
use crate::failure::Failure;
use crate::http1::message::{Header, Request, Response};
use crate::metrics::{Metrics, Outcome};

/// A deployed API, ready to answer. It holds no connection and, but for throttles and quotas, no state.
pub struct Gateway {
    stage: Deployment,
    /// The canary's share of the requests, from 0 to 1.
    canary: Option<(f64, Deployment)>,
    throttles: Throttles,
    unmatched: Counters,
    metrics: Metrics,
    limits: Limits,
}

impl Gateway {
    /// Makes everything ready that no request changes: routes, parts of events, metric handles. The canary comes with its
    /// share in percent.
    pub fn new(api: RestApi, canary: Option<(f64, RestApi)>, limits: Limits, metrics: &Metrics) -> Gateway {
        Gateway {
            throttles: Throttles::new(&api),
            unmatched: Counters::unmatched(metrics, &api),
            stage: Deployment::new(api, metrics),
            canary: canary.map(|(percent, api)| (percent / 100.0, Deployment::new(api, metrics))),
            metrics: metrics.clone(),
            limits,
        }
    }

    /// Goes on counting quotas where the gateway that this one replaces stopped.
    pub fn carry_over(&self, previous: &Gateway) {
        self.throttles.carry_over(&previous.throttles);
    }

    /// The API that answers an exchange: the stage's, or the canary's copy.
    pub fn api(&self, exchange: &Exchange) -> &RestApi {
        &self.served(exchange).api
    }

    /// The API of the stage, without the canary's changes.
    pub fn stage(&self) -> &RestApi {
        &self.stage.api
    }

    /// Answers a request; `invoke` calls the backend. Always an answer, counted.
    pub async fn handle(
        &self,
        invoke: impl AsyncFnOnce(IntegrationCall) -> Result<IntegrationReply, Failure>,
        request: Request,
        trace: Trace,
    ) -> (Response, Exchange) {
        let in_flight = InFlight::new(&self.metrics);
        let (mut exchange, call) = self.begin(request, trace);
        let result = match call {
            Ok(call) if matches!(call.target, Target::Mock) => Ok(mock::reply(&call)),
            Ok(call) => {
                let started = Instant::now();
                let result = invoke(call).await;
                exchange.integration_latency = Some(started.elapsed());
                result
            }
            Err(failure) => Err(failure),
        };
        let (response, events) = self.settle(&mut exchange, result);
        drop(in_flight);
        self.count(&exchange, &response, &events);
        (response, exchange)
    }

    /// Answers a request that failed before it could begin (its body is too large to read, say), counted.
    pub fn refuse(&self, request: Request, trace: Trace, failure: Failure) -> (Response, Exchange) {
        let mut exchange = self.receive(request, trace);
        // The route is only asked for so that the metrics can name it.
        let _ = self.served(&exchange).route(&mut exchange);
        let (response, events) = self.settle(&mut exchange, Err(failure));
        self.count(&exchange, &response, &events);
        (response, exchange)
    }

    /// From the request to the call that it stands for.
    pub fn begin(&self, request: Request, trace: Trace) -> (Exchange, Result<IntegrationCall, Failure>) {
        let mut exchange = self.receive(request, trace);
        let call = self.prepare(&mut exchange);
        (exchange, call)
    }

    fn receive(&self, mut request: Request, trace: Trace) -> Exchange {
        if let Some(method) = request.headers.last("x-http-method-override").and_then(HttpMethod::parse)
            && method != HttpMethod::Any
        {
            request.method = method.as_str().to_owned();
        }
        let ids = ids::assign(&request.headers, request.time);
        let mut exchange = Exchange::new(request, ids, trace);
        log::received(&mut exchange);
        exchange.canary = self.canary.as_ref().is_some_and(|(share, _)| ids::fraction() < *share);
        exchange
    }

    fn prepare(&self, exchange: &mut Exchange) -> Result<IntegrationCall, Failure> {
        let served = self.served(exchange);
        let api = &served.api;
        let routed = served.route(exchange);
        check_size(&self.limits, &exchange.request)?;
        let route = routed?;
        let method = served.method(route);
        protection::check(api, method, &exchange.request)?;
        self.check_key(api, method, exchange)?;
        self.throttles.check_method(route.resource, route.method)?;
        if api.minimum_compression_size.is_some() {
            compression::decompress(&mut exchange.request, self.limits.request_body)?;
        }
        log::request(api, exchange);
        method_request::check(api, method, exchange)?;
        let call = served.call(route, exchange, self.limits.event)?;
        log::call(api, method, &call, exchange);
        Ok(call)
    }

    /// Asks for the API key of a method that needs one. A key that only an authorizer could name is not asked for where
    /// protections are off.
    fn check_key(&self, api: &RestApi, method: &Method, exchange: &mut Exchange) -> Result<(), Failure> {
        log::verifying_usage_plan(api, exchange);
        let from_authorizer = api.api_key_source == ApiKeySource::Authorizer;
        if !method.api_key_required || (from_authorizer && api.skip_authorization) {
            log::key_not_required(exchange);
            return Ok(());
        }
        let shown = exchange.request.headers.last("x-api-key").filter(|_| !from_authorizer);
        exchange.api_key = Some(self.throttles.check_key(shown, exchange.request.time)?);
        log::usage_plan_succeeded(api, exchange);
        Ok(())
    }

    /// From the backend's reply, or the failure of any step, to the answer.
    pub fn finish(&self, exchange: &mut Exchange, result: Result<IntegrationReply, Failure>) -> Response {
        self.settle(exchange, result).0
    }

    fn settle(&self, exchange: &mut Exchange, result: Result<IntegrationReply, Failure>) -> (Response, Events) {
        let served = self.served(exchange);
        let mut events = Events { outcome: outcome(exchange, &result), ..Events::default() };
        let mut response = match result.and_then(|reply| served.answer(exchange, reply)) {
            Ok(answer) => {
                (events.rule, events.masked) = (answer.rule, answer.masked);
                let mut response = answer.response;
                ids::stamp(&mut response, &exchange.ids, answer.has_trace_id);
                log::answer(&response, exchange);
                response
            }
            Err(failure) => {
                events.fail(&failure);
                refuse(&served.api, exchange, failure)
            }
        };
        if let Some(minimum) = served.api.minimum_compression_size {
            compression::compress(&exchange.request.headers, &mut response, minimum);
        }
        (response, events)
    }

    fn served(&self, exchange: &Exchange) -> &Deployment {
        match &self.canary {
            Some((_, canary)) if exchange.canary => canary,
            _ => &self.stage,
        }
    }

    fn count(&self, exchange: &Exchange, response: &Response, events: &Events) {
        let counters = self.served(exchange).current(exchange).map_or(&self.unmatched, |route| &route.counters);
        counters.count(response.status, events, &exchange.step_limited);
        counters.method.request_duration.observe(exchange.request.received.elapsed().as_secs_f64());
        if let Some(latency) = exchange.integration_latency {
            counters.method.integration_duration.observe(latency.as_secs_f64());
        }
    }
}

/// Whether a request keeps within the bounds on its parts.
fn check_size(limits: &Limits, request: &Request) -> Result<(), Failure> {
    let line = |line: &Header| line.name.len() + line.value.len();
    if request.path.len() + request.query.as_ref().map_or(0, String::len) > limits.uri_bytes {
        Err(Failure::UriTooLong)
    } else if request.headers.0.iter().map(line).sum::<usize>() > limits.header_bytes {
        Err(Failure::HeadTooLarge)
    } else if request.body.len() > limits.request_body {
        Err(Failure::RequestTooLarge)
    } else {
        Ok(())
    }
}

/// The one door by which every failure leaves.
fn refuse(api: &RestApi, exchange: &mut Exchange, failure: Failure) -> Response {
    exchange.failure = Some(failure.clone());
    let mut response = gateway_response::render(api, exchange, &failure);
    // Recorded on AWS: the front end that refuses too large a body knows no ids.
    if failure != Failure::RequestTooLarge {
        ids::stamp(&mut response, &exchange.ids, failure.has_trace_id());
    }
    log::failure(&failure, &response, exchange);
    response
}

/// How a call to a function ended, as far as its reply is not read yet; `None` when nothing was called.
fn outcome(exchange: &Exchange, result: &Result<IntegrationReply, Failure>) -> Option<Outcome> {
    match result {
        Ok(reply) if reply.function_error => Some(Outcome::FunctionError),
        Ok(_) => Some(Outcome::Success),
        Err(_) if exchange.integration_latency.is_none() => None,
        Err(Failure::InvocationRejected { .. } | Failure::EventTooLarge) => Some(Outcome::Rejected),
        Err(Failure::Timeout) => Some(Outcome::Timeout),
        Err(Failure::MalformedResponse(_)) => Some(Outcome::Malformed),
        Err(_) => Some(Outcome::NetworkError),
    }
}

/// Counts a request as in flight for as long as it lives, also when its client goes away.
struct InFlight<'a>(&'a Metrics);

impl InFlight<'_> {
    fn new(metrics: &Metrics) -> InFlight<'_> {
        metrics.in_flight.inc();
        InFlight(metrics)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.dec();
    }
}
