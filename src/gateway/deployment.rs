//! `Deployment`: one copy of the API (the stage's or the canary's) with its routes, and the steps that only the API decides.

use super::counters::Counters;
use super::rest::payload::Payload;
use super::rest::proxy_event::EventTemplate;
use super::rest::{integration_request, integration_response, proxy_reply, signature};
use super::router::{Miss, Router};
use crate::api::{Endpoint, IntegrationType, Method, RestApi};
use crate::exchange::call::{IntegrationCall, IntegrationReply, InvocationType, Target};
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;
use crate::http1::message::{Headers, Response};
use crate::json_text::ReadAhead;
use crate::metrics::{MaskedKind, Metrics};

/// An API, ready to answer.
pub struct Deployment {
    /// The API.
    pub api: RestApi,
    router: Router,
    /// By resource and method.
    routes: Vec<Vec<Route>>,
}

/// A method, ready to answer.
pub struct Route {
    /// Index into the API's resources.
    pub resource: usize,
    /// Index into the resource's methods.
    pub method: usize,
    /// The handles of its metrics.
    pub counters: Counters,
    /// For a proxy integration with a function.
    event: EventTemplate,
}

/// A method's answer.
pub struct Answer {
    /// What the client gets, but for the ids.
    pub response: Response,
    /// Which integration response made it.
    pub rule: Option<usize>,
    /// The backend's failure that the client does not see.
    pub masked: Option<MaskedKind>,
    /// Whether the gateway's trace id belongs on it.
    pub has_trace_id: bool,
}

impl Deployment {
    /// Makes an API ready.
    pub fn new(api: RestApi, metrics: &Metrics) -> Deployment {
        let router = Router::new(&api);
        let mut routes = Vec::new();
        for (r, resource) in api.resources.iter().enumerate() {
            let of_resource = resource.methods.iter().enumerate().map(|(m, method)| Route {
                resource: r,
                method: m,
                counters: Counters::new(metrics, &api, resource, method),
                event: EventTemplate::new(&api, resource, method),
            });
            routes.push(of_resource.collect());
        }
        Deployment { api, router, routes }
    }

    /// Finds the method that answers.
    pub fn route(&self, exchange: &mut Exchange) -> Result<&Route, Failure> {
        match self.router.find(&exchange.request.method, &exchange.request.path) {
            Ok(matched) => {
                let route = &self.routes[matched.resource][matched.method];
                exchange.matched = Some(matched);
                Ok(route)
            }
            Err(Miss::Stage) => Err(Failure::UnknownStage),
            Err(Miss::Route) => Err(Failure::NoRoute { signature: signature::problem(&exchange.request.headers) }),
        }
    }

    /// The method that was found.
    pub fn current(&self, exchange: &Exchange) -> Option<&Route> {
        let matched = exchange.matched.as_ref()?;
        self.routes.get(matched.resource)?.get(matched.method)
    }

    /// A route's method.
    pub fn method(&self, route: &Route) -> &Method {
        &self.api.resources[route.resource].methods[route.method]
    }

    /// The call that a request becomes.
    pub fn call(&self, route: &Route, exchange: &mut Exchange, limit: usize) -> Result<IntegrationCall, Failure> {
        let method = self.method(route);
        let integration = &method.integration;
        let Endpoint::Lambda(function) = &integration.endpoint else {
            return integration_request::build(&self.api, method, exchange);
        };
        if integration.kind != IntegrationType::AwsProxy {
            let call = integration_request::build(&self.api, method, exchange)?;
            return if call.body.len() > limit { Err(Failure::EventTooLarge) } else { Ok(call) };
        }
        integration_request::refuse(integration)?;
        Ok(IntegrationCall {
            target: Target::Function {
                backend: function.backend,
                name: function.name.clone(),
                qualifier: function.qualifier.clone(),
                arn: function.arn.clone(),
                invocation: InvocationType::RequestResponse,
                headers: Headers::default(),
            },
            body: route.event.render(&self.api, exchange, limit)?,
            timeout: integration.timeout,
            trace_id: exchange.ids.trace_id.clone(),
        })
    }

    /// The answer that a backend's reply becomes.
    pub fn answer(&self, exchange: &mut Exchange, reply: IntegrationReply) -> Result<Answer, Failure> {
        super::log::reply(&reply, exchange);
        exchange.integration_status = Some(reply.status);
        let Some(route) = self.current(exchange) else {
            return Err(Failure::Internal("a reply to a request without a route".to_owned()));
        };
        let method = self.method(route);
        if method.integration.kind == IntegrationType::AwsProxy {
            let response = self.proxy_answer(exchange, &reply)?;
            return Ok(Answer { response, rule: None, masked: None, has_trace_id: true });
        }
        let rendered = integration_response::render(&self.api, method, exchange, reply)?;
        Ok(Answer {
            response: rendered.response,
            rule: rendered.rule,
            masked: rendered.masked,
            has_trace_id: matches!(method.integration.kind, IntegrationType::Aws | IntegrationType::Http),
        })
    }

    fn proxy_answer(&self, exchange: &mut Exchange, reply: &IntegrationReply) -> Result<Response, Failure> {
        if reply.function_error {
            let message = Payload::read(&reply.body).selection_text().into_owned();
            return Err(Failure::FunctionError { message });
        }
        let response = proxy_reply::render(&self.api, &exchange.request, &reply.body, &ReadAhead::default())?;
        exchange.function_status = Some(response.status);
        Ok(response)
    }
}
