//! `Gateway`: a deployed API of either kind, ready to answer; nobody beyond knows which it is.

use std::borrow::Cow;

use super::http::gateway::HttpGateway;
use super::http::trace;
use super::rest::execution_log;
use super::rest::gateway::RestGateway;
use super::step::{Answer, Step};
use crate::api::{Api, ApiStage, Endpoint, FunctionRef, HttpApi, HttpCall, Method, RestApi, ServiceRef};
use crate::config::settings::{FaultRule, Limits};
use crate::exchange::call::IntegrationReply;
use crate::exchange::exchange::Exchange;
use crate::exchange::sample::Sample;
use crate::failure::Failure;
use crate::http1::message::Request;
use crate::mapping::{http_variables, variables};
use crate::metrics::Metrics;

/// A deployed API. It holds no connection and, but for throttles, quotas and authorizers' answers, no state.
pub struct Gateway(Kind);

enum Kind {
    Rest(Box<RestGateway>),
    Http(Box<HttpGateway>),
}

impl Gateway {
    /// Makes everything ready that no request changes: routes, parts of events, metric handles. The canary of a REST API comes
    /// with its share in percent.
    pub fn new(api: Api, canary: Option<(f64, RestApi)>, limits: Limits, metrics: &Metrics) -> Gateway {
        Gateway(match api {
            Api::Rest(api) => Kind::Rest(Box::new(RestGateway::new(api, canary, limits, metrics))),
            Api::Http(api) => Kind::Http(Box::new(HttpGateway::new(api, limits, metrics))),
        })
    }

    /// The same, where some requests fail on purpose. Without `draws` only those do that ask for it: what is played offline
    /// is to be the same each time.
    pub(crate) fn failing(self, rules: &[FaultRule], draws: bool, metrics: &Metrics) -> Gateway {
        Gateway(match self.0 {
            Kind::Rest(gateway) => Kind::Rest(Box::new(gateway.failing(rules, draws, metrics))),
            Kind::Http(gateway) => Kind::Http(Box::new(gateway.failing(rules, draws, metrics))),
        })
    }

    /// From the request to the first call, or to the answer. With a `sample` somebody sees what goes by.
    pub fn start(&self, request: Request, sample: Option<Box<Sample>>) -> (Exchange, Step) {
        match &self.0 {
            Kind::Rest(gateway) => gateway.start(request, sample),
            Kind::Http(gateway) => gateway.start(request, sample),
        }
    }

    /// From the reply that the exchange waits for, or the failure to get one, to the next step.
    pub fn resume(&self, exchange: &mut Exchange, reply: Result<IntegrationReply, Failure>) -> Step {
        match &self.0 {
            Kind::Rest(gateway) => gateway.resume(exchange, reply),
            Kind::Http(gateway) => gateway.resume(exchange, reply),
        }
    }

    /// From the verdict on the request's body to the next step.
    pub fn checked(&self, exchange: &mut Exchange, verdict: Result<(), Failure>) -> Step {
        match &self.0 {
            Kind::Rest(gateway) => gateway.checked(exchange, verdict),
            // Nothing of an HTTP API is validated.
            Kind::Http(gateway) => gateway.resume(
                exchange,
                Err(verdict.err().unwrap_or(Failure::Internal("a check that nobody asked for".to_owned()))),
            ),
        }
    }

    /// The answer to a request that failed before it could start: its body is too large to read, say.
    pub fn refuse(&self, request: Request, sample: Option<Box<Sample>>, failure: Failure) -> (Exchange, Answer) {
        match &self.0 {
            Kind::Rest(gateway) => gateway.refuse(request, sample, failure),
            Kind::Http(gateway) => gateway.refuse(request, sample, failure),
        }
    }

    /// What every kind of API has, of the one that answers an exchange.
    pub fn api(&self, exchange: &Exchange) -> &ApiStage {
        match &self.0 {
            Kind::Rest(gateway) => gateway.api(exchange),
            Kind::Http(gateway) => gateway.api(),
        }
    }

    /// The REST API of the stage, without the canary's changes.
    pub fn rest(&self) -> Option<&RestApi> {
        match &self.0 {
            Kind::Rest(gateway) => Some(gateway.stage()),
            Kind::Http(_) => None,
        }
    }

    /// The HTTP API.
    pub fn http(&self) -> Option<&HttpApi> {
        match &self.0 {
            Kind::Rest(_) => None,
            Kind::Http(gateway) => Some(gateway.api()),
        }
    }

    /// The path and the method of what an exchange matched, as metrics name them: `/orders/{id}` and `GET`.
    pub fn matched(&self, exchange: &Exchange) -> Option<(&str, &'static str)> {
        let matched = exchange.matched.as_ref()?;
        match &self.0 {
            Kind::Rest(gateway) => {
                let resource = gateway.api(exchange).resources.get(matched.resource)?;
                Some((&resource.path, resource.methods.get(matched.method)?.http_method.as_str()))
            }
            Kind::Http(gateway) => {
                let route = gateway.api().routes.get(matched.resource)?;
                Some((&route.path, route.method_name()))
            }
        }
    }

    /// The method of a REST API that an exchange matched.
    pub(crate) fn method(&self, exchange: &Exchange) -> Option<&Method> {
        let matched = exchange.matched.as_ref()?;
        match &self.0 {
            Kind::Rest(gateway) => gateway.api(exchange).resources.get(matched.resource)?.methods.get(matched.method),
            Kind::Http(_) => None,
        }
    }

    /// The function that an exchange calls.
    pub(crate) fn function(&self, exchange: &Exchange) -> Option<&FunctionRef> {
        let matched = exchange.matched.as_ref()?;
        match &self.0 {
            Kind::Rest(_) => match &self.method(exchange)?.integration.endpoint {
                Endpoint::Lambda(function) => Some(function),
                _ => None,
            },
            Kind::Http(gateway) => match &gateway.api().routes.get(matched.resource)?.integration.call {
                HttpCall::Function { function, .. } => Some(function),
                _ => None,
            },
        }
    }

    /// The uri that an exchange calls, as the definition has it.
    pub(crate) fn uri(&self, exchange: &Exchange) -> Option<&str> {
        let matched = exchange.matched.as_ref()?;
        match &self.0 {
            Kind::Rest(_) => match &self.method(exchange)?.integration.endpoint {
                Endpoint::Service(ServiceRef { uri, .. }) | Endpoint::Http(uri) => Some(&uri.text),
                _ => None,
            },
            Kind::Http(gateway) => match &gateway.api().routes.get(matched.resource)?.integration.call {
                HttpCall::Http { uri, .. } => Some(&uri.text),
                HttpCall::Service { base, .. } => Some(base),
                _ => None,
            },
        }
    }

    /// A `$context` variable as text; `None` when it is unset or unknown.
    pub fn variable<'a>(&'a self, exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
        match &self.0 {
            Kind::Rest(gateway) => variables::lookup(gateway.api(exchange), exchange, name),
            Kind::Http(gateway) => http_variables::lookup(gateway.api(), exchange, name),
        }
    }

    /// An exchange, line by line; for a REST API in the words of API Gateway's execution log.
    pub fn execution_log(&self, exchange: &Exchange) -> Vec<String> {
        match &self.0 {
            Kind::Rest(gateway) => execution_log::lines(gateway.api(exchange), exchange),
            Kind::Http(gateway) => trace::lines(gateway.api(), exchange),
        }
    }

    /// One sentence about an answer: why the gateway itself gave it, what it hides, or whose it is.
    pub fn why(&self, exchange: &Exchange) -> Option<String> {
        let why = match &self.0 {
            Kind::Rest(gateway) => execution_log::why(gateway.api(exchange), exchange),
            Kind::Http(_) => trace::why(exchange),
        };
        match &exchange.fault {
            Some(_) => Some(format!("Fault on purpose: {}", why.unwrap_or_default())),
            None => why,
        }
    }

    /// Lets go of the metrics of what this gateway does not have. `functions` are those that are configured.
    pub fn keep_metrics<'a>(&'a self, metrics: &Metrics, functions: impl Iterator<Item = &'a str>) {
        match &self.0 {
            Kind::Rest(gateway) => gateway.keep_metrics(metrics, functions),
            Kind::Http(gateway) => gateway.keep_metrics(metrics, functions),
        }
    }

    /// Goes on counting quotas where the gateway that this one replaces stopped, and with the keys that it fetched.
    pub fn carry_over(&self, previous: &Gateway) {
        match (&self.0, &previous.0) {
            (Kind::Rest(gateway), Kind::Rest(previous)) => gateway.carry_over(previous),
            (Kind::Http(gateway), Kind::Http(previous)) => gateway.carry_over(previous),
            (Kind::Rest(_), Kind::Http(_)) | (Kind::Http(_), Kind::Rest(_)) => {}
        }
    }
}
