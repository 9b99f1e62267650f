//! `HttpGateway`: a request's way through an HTTP API as a state machine without IO: every step, in order.

use std::mem::take;
use std::sync::Arc;

use super::authorization::Remembered;
use super::lambda_authorizer::HttpAnswer;
use super::router::HttpRouter;
use super::{authorization, cors, integration_request, integration_response, refusal};
use crate::api::{HttpApi, HttpRoute};
use crate::config::settings::{FaultRule, Limits};
use crate::exchange::call::{IntegrationReply, KeyRequest};
use crate::exchange::client_address::client_address;
use crate::exchange::exchange::{Awaiting, Exchange};
use crate::exchange::ids;
use crate::exchange::sample::Sample;
use crate::failure::Failure;
use crate::gateway::authorizer_cache::AuthorizerCache;
use crate::gateway::counters::{self, Counters, Tally};
use crate::gateway::faults::Faults;
use crate::gateway::key_store::KeyStore;
use crate::gateway::request_size;
use crate::gateway::step::{Answer, Asked, Step};
use crate::gateway::throttle::Throttles;
use crate::http1::framing::final_status;
use crate::http1::message::{Request, Response};
use crate::metrics::Metrics;

/// A deployed HTTP API, ready to answer.
pub(crate) struct HttpGateway {
    api: HttpApi,
    router: HttpRouter,
    /// The handles of the routes' metrics.
    counters: Vec<Arc<Counters>>,
    /// For requests that match no route.
    unmatched: Arc<Counters>,
    throttles: Throttles,
    answers: AuthorizerCache<HttpAnswer>,
    keys: KeyStore,
    limits: Limits,
    faults: Option<Box<Faults>>,
}

/// What a request comes to before its backend is called.
enum Entered {
    /// Its route executes.
    Route(usize),
    /// This is to be asked first.
    Asked(Asked),
    /// The API answers it by itself: a preflight.
    Answered(Response),
}

impl HttpGateway {
    /// Makes everything ready that no request changes: routes, metric handles.
    pub(crate) fn new(api: HttpApi, limits: Limits, metrics: &Metrics) -> HttpGateway {
        HttpGateway {
            router: HttpRouter::new(&api),
            counters: api.routes.iter().map(|route| Arc::new(Counters::of_route(metrics, &api, route))).collect(),
            unmatched: Arc::new(Counters::unmatched(metrics)),
            throttles: Throttles::of_routes(&api),
            answers: AuthorizerCache::default(),
            keys: KeyStore::new(&api.key_sources),
            api,
            limits,
            faults: None,
        }
    }

    /// The same, where some requests fail on purpose; `draws`: unasked, too.
    pub(crate) fn failing(self, rules: &[FaultRule], draws: bool, metrics: &Metrics) -> HttpGateway {
        HttpGateway { faults: Faults::of_routes(rules, draws, &self.api, metrics), ..self }
    }

    /// What fails on purpose.
    pub(crate) fn faults(&self) -> Option<&Faults> {
        self.faults.as_deref()
    }

    /// From the request to the first call, or to the answer.
    pub(crate) fn start(&self, request: Request, sample: Option<Box<Sample>>) -> (Box<Exchange>, Step) {
        let mut exchange = self.receive(request, sample);
        let next = self.enter(&mut exchange);
        let step = match next {
            Ok(Entered::Asked(asked)) => asked.wait(&mut exchange),
            Ok(Entered::Answered(response)) => Step::Answer(self.leave(&mut exchange, response)),
            Ok(Entered::Route(route)) => self.execute(route, &mut exchange),
            Err(failure) => Step::Answer(self.answer(&mut exchange, Err(failure))),
        };
        (exchange, step)
    }

    /// From the reply that the exchange waits for, or the failure to get one, to the next step.
    pub(crate) fn resume(&self, exchange: &mut Exchange, reply: Result<IntegrationReply, Failure>) -> Step {
        let response = match take(&mut exchange.awaiting) {
            Awaiting::Integration => {
                let reply = reply.map_err(as_refused);
                exchange.called(&reply);
                reply.and_then(|reply| self.respond(exchange, reply))
            }
            Awaiting::Authorizer => match self.authorized(exchange, reply) {
                Ok(route) => return self.execute(route, exchange),
                Err(failure) => Err(failure),
            },
            Awaiting::Keys(request) => match self.learn(exchange, request, reply) {
                Ok((_, Some(asked))) => return asked.wait(exchange),
                Ok((route, None)) => return self.execute(route, exchange),
                Err(failure) => Err(failure),
            },
            Awaiting::Nobody => Err(Failure::Internal("a reply that nobody waits for".to_owned())),
        };
        Step::Answer(self.answer(exchange, response))
    }

    /// The next step, if others have asked meanwhile what this exchange was told to ask.
    pub(crate) fn recall(&self, exchange: &mut Exchange) -> Option<Step> {
        let (n, route) = self.current(exchange).ok()?;
        let known = match exchange.awaiting {
            Awaiting::Authorizer => authorization::recall(&self.api, exchange, &self.answers)?.map(|()| None),
            Awaiting::Keys(request) => {
                let checked = authorization::check_token(&self.api, route, exchange, &self.keys);
                if matches!(&checked, Ok(Some(asked)) if asked.is_for(request)) {
                    return None;
                }
                checked
            }
            Awaiting::Integration | Awaiting::Nobody => return None,
        };
        exchange.needs_nobody();
        Some(match known {
            Ok(Some(asked)) => asked.wait(exchange),
            Ok(None) => self.execute(n, exchange),
            Err(failure) => Step::Answer(self.answer(exchange, Err(failure))),
        })
    }

    /// The answer to a request that failed before it could start: its body is too large to read, say.
    pub(crate) fn refuse(
        &self,
        request: Request,
        sample: Option<Box<Sample>>,
        failure: Failure,
    ) -> (Box<Exchange>, Answer) {
        let mut exchange = self.receive(request, sample);
        // The route is only asked for so that the metrics can name it.
        let _ = self.route(&mut exchange);
        let answer = self.answer(&mut exchange, Err(failure));
        (exchange, answer)
    }

    /// Recorded on AWS: an HTTP API has one id, of the short kind.
    fn receive(&self, request: Request, sample: Option<Box<Sample>>) -> Box<Exchange> {
        let mut ids = ids::assign(&request.headers, request.time);
        ids.request_id.clone_from(&ids.extended_request_id);
        let mut exchange = Box::new(Exchange::new(request, ids, sample));
        let (proxies, request) = (&self.limits.trusted_proxies, &exchange.request);
        if !proxies.is_empty() {
            exchange.source_ip = client_address(request.source_ip, &request.headers, proxies);
        }
        exchange
    }

    /// Up to the route: its size, where it goes, whether that is a preflight that no route takes, then what guards the route.
    fn enter(&self, exchange: &mut Exchange) -> Result<Entered, Failure> {
        let routed = self.route(exchange);
        request_size::check(&self.limits, &exchange.request)?;
        let route = match (routed, &self.api.cors) {
            (Ok(route), _) => route,
            (Err(Failure::NoRoute { .. }), Some(cors)) if cors::is_preflight(&exchange.request) => {
                return Ok(Entered::Answered(cors::preflight(cors, &exchange.request)));
            }
            (Err(failure), _) => return Err(failure),
        };
        let known = Remembered { answers: &self.answers, keys: &self.keys };
        match authorization::check(&self.api, &self.api.routes[route], exchange, &known, self.limits.event)? {
            Some(asked) => Ok(Entered::Asked(asked)),
            None => Ok(Entered::Route(route)),
        }
    }

    /// Finds the route that answers.
    fn route(&self, exchange: &mut Exchange) -> Result<usize, Failure> {
        let matched = self.router.find(&exchange.request.method, &exchange.request.path)?;
        let route = matched.resource;
        exchange.matched = Some(matched);
        Ok(route)
    }

    /// From the authorizer's answer to the route, if it lets the caller by.
    fn authorized(&self, exchange: &mut Exchange, reply: Result<IntegrationReply, Failure>) -> Result<usize, Failure> {
        let (n, route) = self.current(exchange)?;
        authorization::answered(&self.api, route, exchange, &self.answers, reply)?;
        Ok(n)
    }

    /// From what tells an issuer's keys to the route, or to what has to be fetched next.
    fn learn(
        &self,
        exchange: &mut Exchange,
        request: KeyRequest,
        reply: Result<IntegrationReply, Failure>,
    ) -> Result<(usize, Option<Asked>), Failure> {
        let (n, route) = self.current(exchange)?;
        if let Some((request, call)) = self.keys.learn(request, reply, exchange.request.time) {
            return Ok((n, Some(Asked::Keys(request, call))));
        }
        let asked = authorization::check_token(&self.api, route, exchange, &self.keys)?;
        Ok((n, asked))
    }

    /// Through the route's throttle to its integration.
    fn execute(&self, n: usize, exchange: &mut Exchange) -> Step {
        let fault = self.faults.as_ref().map_or(Ok(()), |faults| faults.throttle(exchange));
        let call = fault.and_then(|()| self.throttles.check_method(n, 0)).and_then(|()| {
            exchange.decisions.executed = true;
            integration_request::build(&self.api, &self.api.routes[n], exchange, self.limits.event)
        });
        match call {
            Ok(call) => Step::to_integration(self.faults.as_deref(), exchange, call),
            Err(failure) => Step::Answer(self.answer(exchange, Err(failure))),
        }
    }

    /// From the integration's reply to the response.
    fn respond(&self, exchange: &mut Exchange, reply: IntegrationReply) -> Result<Response, Failure> {
        exchange.integration_status = Some(reply.status);
        let (_, route) = self.current(exchange)?;
        integration_response::render(&self.api, route, exchange, reply)
    }

    fn current(&self, exchange: &Exchange) -> Result<(usize, &HttpRoute), Failure> {
        let found = exchange.matched.as_ref().and_then(|m| Some((m.resource, self.api.routes.get(m.resource)?)));
        found.ok_or_else(|| Failure::Internal("a reply to a request without a route".to_owned()))
    }

    /// The last step of an exchange: every failure of every step comes by here.
    fn answer(&self, exchange: &mut Exchange, response: Result<Response, Failure>) -> Answer {
        let mut response = response.unwrap_or_else(|failure| refusal::refuse(exchange, failure));
        if let Some(cors) = &self.api.cors {
            cors::apply(cors, &exchange.request, &mut response);
        }
        self.leave(exchange, response)
    }

    /// What every answer has and does, a preflight's too.
    fn leave(&self, exchange: &mut Exchange, mut response: Response) -> Answer {
        response.status = final_status(response.status);
        response.headers.set("Apigw-Requestid", exchange.ids.extended_request_id.clone());
        if let Some(sample) = &mut exchange.sample {
            sample.response = Some(response.seen());
        }
        let counters = exchange.matched.as_ref().and_then(|matched| self.counters.get(matched.resource));
        let tally = Tally::new(counters.unwrap_or(&self.unmatched).clone(), exchange, response.status);
        Answer { response, tally }
    }

    /// The API.
    pub(crate) fn api(&self) -> &HttpApi {
        &self.api
    }

    /// Goes on with the keys that the gateway which this one replaces fetched.
    pub(crate) fn carry_over(&self, previous: &HttpGateway) {
        self.keys.carry_over(&previous.keys);
    }

    /// Lets go of the metrics of what this gateway does not have. `functions` are those that are configured.
    pub(crate) fn keep_metrics<'a>(&'a self, metrics: &Metrics, functions: impl Iterator<Item = &'a str>) {
        let known = counters::Known::of_routes(&self.api, functions);
        known.keep(metrics);
    }
}

/// The event is the gateway's own: that Lambda cannot read it is no fault of the client.
fn as_refused(failure: Failure) -> Failure {
    match failure {
        Failure::InvalidEvent(_) => Failure::rejected(400),
        failure => failure,
    }
}
