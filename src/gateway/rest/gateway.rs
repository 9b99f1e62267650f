//! `RestGateway`: a request's way through a REST API as a state machine without IO: every step, in order.
//!
//! [`RestGateway::start`] and [`RestGateway::resume`] return the next [`Step`]; whoever holds the machine makes the calls and sends
//! the answer. So the server, a case and `explain` go the same way, and only the server needs a socket.

use std::mem::{replace, take};

use super::deployment::{Deployment, Route};
use super::integration_request::{self, Next};
use super::protection::Remembered;
use super::{authorizer, gateway_response, integration_response, method_request, protection};
use crate::api::{ApiKeySource, HttpMethod, IntegrationType, Method, RestApi};
use crate::authorization::lambda_answer::PolicyAnswer;
use crate::config::settings::{FaultRule, Limits};
use crate::exchange::call::{IntegrationReply, KeyRequest};
use crate::exchange::client_address::client_address;
use crate::exchange::decisions::KeyCheck;
use crate::exchange::exchange::{Awaiting, Exchange};
use crate::exchange::ids;
use crate::exchange::sample::Sample;
use crate::failure::Failure;
use crate::gateway::authorizer_cache::AuthorizerCache;
use crate::gateway::compression;
use crate::gateway::counters::{self, Tally};
use crate::gateway::faults::Faults;
use crate::gateway::request_size;
use crate::gateway::step::{Answer, Asked, Step};
use crate::gateway::throttle::Throttles;
use crate::http1::framing::final_status;
use crate::http1::message::{Request, Response};
use crate::metrics::Metrics;

/// A deployed API, ready to answer. It holds no connection and, but for throttles and quotas, no state.
pub(crate) struct RestGateway {
    stage: Deployment,
    /// The canary's share of the requests, from 0 to 1.
    canary: Option<(f64, Deployment)>,
    throttles: Throttles,
    answers: AuthorizerCache<PolicyAnswer<String>>,
    limits: Limits,
    faults: Option<Box<Faults>>,
}

impl RestGateway {
    /// Makes everything ready that no request changes: routes, parts of events, metric handles. The canary comes with its
    /// share in percent.
    pub(crate) fn new(api: RestApi, canary: Option<(f64, RestApi)>, limits: Limits, metrics: &Metrics) -> RestGateway {
        RestGateway {
            throttles: Throttles::new(&api),
            answers: AuthorizerCache::default(),
            stage: Deployment::new(api, metrics),
            canary: canary.map(|(percent, api)| (percent / 100.0, Deployment::new(api, metrics))),
            limits,
            faults: None,
        }
    }

    /// The same, where some requests fail on purpose; `draws`: unasked, too.
    pub(crate) fn failing(self, rules: &[FaultRule], draws: bool, metrics: &Metrics) -> RestGateway {
        RestGateway { faults: Faults::of_methods(rules, draws, &self.stage.api, metrics), ..self }
    }

    /// What fails on purpose.
    pub(crate) fn faults(&self) -> Option<&Faults> {
        self.faults.as_deref()
    }

    /// From the request to the first call, or to the answer. With a `sample` somebody sees what goes by.
    pub(crate) fn start(&self, request: Request, sample: Option<Box<Sample>>) -> (Box<Exchange>, Step) {
        let mut exchange = self.receive(request, sample);
        let entered = self.enter(&mut exchange);
        let step = self.proceed(&mut exchange, entered);
        (exchange, step)
    }

    /// From the reply that the exchange waits for, or the failure to get one, to the next step.
    pub(crate) fn resume(&self, exchange: &mut Exchange, reply: Result<IntegrationReply, Failure>) -> Step {
        let next = match take(&mut exchange.awaiting) {
            Awaiting::Integration => {
                let reply = reply.map_err(|failure| self.as_refused(exchange, failure));
                exchange.called(&reply);
                reply.map(Next::Reply)
            }
            Awaiting::Authorizer => self.authorize(exchange, reply).and_then(|route| self.execute(route, exchange)),
            Awaiting::Keys(request) => {
                let entered = self.learn(exchange, request, reply);
                return self.proceed(exchange, entered);
            }
            Awaiting::Nobody => Err(Failure::Internal("a reply that nobody waits for".to_owned())),
        };
        self.step(exchange, next)
    }

    /// The next step, if others have asked meanwhile what this exchange was told to ask.
    pub(crate) fn recall(&self, exchange: &mut Exchange) -> Option<Step> {
        let deployment = self.deployment(exchange);
        let route = deployment.current(exchange)?;
        let entered = match exchange.awaiting {
            Awaiting::Authorizer => {
                authorizer::recall(&deployment.api, exchange, &self.answers)?.map(|()| (route, None))
            }
            Awaiting::Keys(request) => {
                let method = deployment.method(route);
                let checked = protection::check_token(&deployment.api, method, exchange, &deployment.keys);
                if matches!(&checked, Ok(Some(asked)) if asked.is_for(request)) {
                    return None;
                }
                checked.map(|asked| (route, asked))
            }
            Awaiting::Integration | Awaiting::Nobody => return None,
        };
        exchange.needs_nobody();
        Some(self.proceed(exchange, entered))
    }

    /// From the verdict on the request's body to the next step.
    pub(crate) fn checked(&self, exchange: &mut Exchange, verdict: Result<(), Failure>) -> Step {
        let lost = || Failure::Internal("a checked body of a request that waits for something else".to_owned());
        let awaited = take(&mut exchange.awaiting);
        let route =
            self.deployment(exchange).current(exchange).filter(|_| awaited == Awaiting::Nobody).ok_or_else(lost);
        let next = verdict.and(route).and_then(|route| self.integrate(route, exchange));
        self.step(exchange, next)
    }

    /// Lambda's sentence about an event is for the client of a custom integration; a proxy's event is the gateway's own.
    fn as_refused(&self, exchange: &Exchange, failure: Failure) -> Failure {
        let deployment = self.deployment(exchange);
        let is_proxy = deployment
            .current(exchange)
            .is_some_and(|route| deployment.method(route).integration.kind == IntegrationType::AwsProxy);
        match failure {
            Failure::InvalidEvent(_) if is_proxy => Failure::rejected(400),
            failure => failure,
        }
    }

    /// To the call that tells whether the caller may, or through the method.
    fn proceed(&self, exchange: &mut Exchange, entered: Result<(&Route, Option<Asked>), Failure>) -> Step {
        let next = match entered {
            Ok((_, Some(asked))) => return asked.wait(exchange),
            Ok((route, None)) => self.execute(route, exchange),
            Err(failure) => Err(failure),
        };
        self.step(exchange, next)
    }

    /// Out to the backend, or with its reply (MOCK has one at once) or a failure to the answer.
    fn step(&self, exchange: &mut Exchange, next: Result<Next, Failure>) -> Step {
        let response = match next {
            Ok(Next::Check(check)) => return Step::Check(check),
            Ok(Next::Call(call)) => return Step::to_integration(self.faults.as_deref(), exchange, call),
            Ok(Next::Reply(reply)) => self.respond(exchange, reply),
            Err(failure) => Err(failure),
        };
        Step::Answer(self.answer(exchange, response))
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
        let _ = self.deployment(&exchange).route(&mut exchange);
        let answer = self.answer(&mut exchange, Err(failure));
        (exchange, answer)
    }

    fn receive(&self, request: Request, sample: Option<Box<Sample>>) -> Box<Exchange> {
        let ids = ids::assign(&request.headers, request.time);
        let mut exchange = Box::new(Exchange::new(request, ids, sample));
        let request = &mut exchange.request;
        if let Some(method) = request.headers.last("x-http-method-override").and_then(HttpMethod::parse)
            && method != HttpMethod::Any
        {
            exchange.sent_method = Some(replace(&mut request.method, method.as_str().to_owned()));
        }
        if !self.limits.trusted_proxies.is_empty() {
            exchange.source_ip = client_address(request.source_ip, &request.headers, &self.limits.trusted_proxies);
        }
        exchange.canary = self.canary.as_ref().is_some_and(|(share, _)| ids::fraction() < *share);
        exchange
    }

    /// Up to the method: its route, then what guards it, which may be an authorizer to call. A request that is too large is
    /// refused as such even where it has no route, but only once the route is looked up, so that the metrics can name it.
    fn enter(&self, exchange: &mut Exchange) -> Result<(&Route, Option<Asked>), Failure> {
        let deployment = self.deployment(exchange);
        let routed = deployment.route(exchange);
        request_size::check(&self.limits, &exchange.request)?;
        let route = routed?;
        let (api, method) = (&deployment.api, deployment.method(route));
        let known = Remembered { answers: &self.answers, keys: &deployment.keys };
        let asked = protection::check(api, method, route, exchange, &known, self.limits.event)?;
        Ok((route, asked))
    }

    /// From what tells an issuer's keys to the method, or to what has to be fetched next.
    fn learn(
        &self,
        exchange: &mut Exchange,
        request: KeyRequest,
        reply: Result<IntegrationReply, Failure>,
    ) -> Result<(&Route, Option<Asked>), Failure> {
        let deployment = self.deployment(exchange);
        let lost = || Failure::Internal("keys for a request that asked none".to_owned());
        let route = deployment.current(exchange).ok_or_else(lost)?;
        if let Some((request, call)) = deployment.keys.learn(request, reply, exchange.request.time) {
            return Ok((route, Some(Asked::Keys(request, call))));
        }
        let asked = protection::check_token(&deployment.api, deployment.method(route), exchange, &deployment.keys)?;
        Ok((route, asked))
    }

    /// From the authorizer's answer to the method, if it lets the caller by.
    fn authorize(&self, exchange: &mut Exchange, reply: Result<IntegrationReply, Failure>) -> Result<&Route, Failure> {
        let deployment = self.deployment(exchange);
        let lost = || Failure::Internal("an authorizer's answer to a request that asked none".to_owned());
        let route = deployment.current(exchange).ok_or_else(lost)?;
        let authorizer = deployment.authorizer(route).ok_or_else(lost)?;
        authorizer::answered(&deployment.api, authorizer, exchange, &self.answers, reply)?;
        Ok(route)
    }

    /// Through the method, up to its integration. The key's throttle and quota come before the method's throttle (documented).
    fn execute(&self, route: &Route, exchange: &mut Exchange) -> Result<Next, Failure> {
        let deployment = self.deployment(exchange);
        let (api, method) = (&deployment.api, deployment.method(route));
        self.check_key(api, method, exchange)?;
        if let Some(faults) = &self.faults {
            faults.throttle(exchange)?;
        }
        self.throttles.check_method(route.resource, route.method)?;
        if api.minimum_compression_size.is_some() {
            compression::decompress(&mut exchange.request, self.limits.request_body)?;
        }
        exchange.decisions.executed = true;
        match method_request::check(method, exchange, &self.limits)? {
            Some(check) => Ok(Next::Check(check)),
            None => self.integrate(route, exchange),
        }
    }

    fn integrate(&self, route: &Route, exchange: &mut Exchange) -> Result<Next, Failure> {
        let deployment = self.deployment(exchange);
        let (api, method) = (&deployment.api, deployment.method(route));
        integration_request::build(api, method, &route.event, exchange, self.limits.event)
    }

    /// From the integration's reply to the method's response.
    fn respond(&self, exchange: &mut Exchange, reply: IntegrationReply) -> Result<Response, Failure> {
        exchange.integration_status = Some(reply.status);
        let deployment = self.deployment(exchange);
        let route = deployment.current(exchange);
        let route = route.ok_or_else(|| Failure::Internal("a reply to a request without a route".to_owned()))?;
        integration_response::render(&deployment.api, deployment.method(route), exchange, reply)
    }

    /// The last step of every exchange: every failure of every step comes by here. Who looks at a sample wants to read the
    /// response, so it is kept before it is compressed.
    fn answer(&self, exchange: &mut Exchange, response: Result<Response, Failure>) -> Answer {
        let deployment = self.deployment(exchange);
        let api = &deployment.api;
        let mut response = response.unwrap_or_else(|failure| gateway_response::refuse(api, exchange, failure));
        response.status = final_status(response.status);
        if let Some(sample) = &mut exchange.sample {
            sample.response = Some(response.seen());
        }
        if let Some(minimum) = api.minimum_compression_size {
            compression::compress(&exchange.request.headers, &mut response, minimum);
        }
        let tally = Tally::new(deployment.counters(exchange).clone(), exchange, response.status);
        Answer { response, tally }
    }

    /// Asks for the API key of a method that needs one. A key that only an authorizer could name is not asked for where
    /// protections are off.
    fn check_key(&self, api: &RestApi, method: &Method, exchange: &mut Exchange) -> Result<(), Failure> {
        let from_authorizer = api.api_key_source == ApiKeySource::Authorizer;
        if !method.api_key_required || (from_authorizer && api.skipped.lambda) {
            exchange.decisions.key_check = KeyCheck::NotRequired;
            return Ok(());
        }
        exchange.decisions.key_check = KeyCheck::Failed;
        let shown = match from_authorizer {
            true => exchange.caller.usage_identifier_key.as_deref(),
            false => exchange.request.headers.last("x-api-key"),
        };
        exchange.api_key = Some(self.throttles.check_key(shown, exchange.request.time)?);
        exchange.decisions.key_check = KeyCheck::Passed;
        Ok(())
    }

    /// The copy of the API that answers an exchange: the stage's, or the canary's.
    fn deployment(&self, exchange: &Exchange) -> &Deployment {
        match &self.canary {
            Some((_, canary)) if exchange.canary => canary,
            _ => &self.stage,
        }
    }

    /// The API that answers an exchange.
    pub(crate) fn api(&self, exchange: &Exchange) -> &RestApi {
        &self.deployment(exchange).api
    }

    /// The API of the stage, without the canary's changes.
    pub(crate) fn stage(&self) -> &RestApi {
        &self.stage.api
    }

    /// Lets go of the metrics of what this gateway does not have. `functions` are those that are configured.
    pub(crate) fn keep_metrics<'a>(&'a self, metrics: &Metrics, functions: impl Iterator<Item = &'a str>) {
        let deployments = || std::iter::once(&self.stage).chain(self.canary.iter().map(|(_, canary)| canary));
        let known = counters::Known::new(deployments().map(|deployment| &deployment.api), functions);
        known.keep(metrics);
    }

    /// Goes on counting quotas where the gateway that this one replaces stopped, and with the keys that it fetched.
    pub(crate) fn carry_over(&self, previous: &RestGateway) {
        self.throttles.carry_over(&previous.throttles);
        self.stage.keys.carry_over(&previous.stage.keys);
        if let Some((_, canary)) = &self.canary {
            canary.keys.carry_over(&previous.stage.keys);
        }
    }
}
