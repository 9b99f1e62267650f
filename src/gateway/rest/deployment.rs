//! `Deployment`: one copy of the API (the stage's or the canary's) with its routes.

use std::sync::Arc;

use super::proxy_event::{EventTemplate, StageEvent};
use super::router::{Miss, Router};
use super::signature;
use crate::api::{Authorization, Authorizer, Method, RestApi};
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;
use crate::gateway::counters::Counters;
use crate::gateway::key_store::KeyStore;
use crate::metrics::Metrics;

/// An API, ready to answer.
pub(crate) struct Deployment {
    /// The API.
    pub api: RestApi,
    /// The keys of issuers.
    pub keys: KeyStore,
    router: Router,
    /// By resource and method.
    routes: Vec<Vec<Route>>,
    /// For requests that match no method.
    unmatched: Arc<Counters>,
}

/// A method, ready to answer.
pub(crate) struct Route {
    /// Index into the API's resources.
    pub resource: usize,
    /// Index into the resource's methods.
    pub method: usize,
    /// The handles of its metrics.
    counters: Arc<Counters>,
    /// For a proxy integration with a function.
    pub event: EventTemplate,
}

impl Deployment {
    /// Makes an API ready.
    pub(crate) fn new(api: RestApi, metrics: &Metrics) -> Deployment {
        let router = Router::new(&api);
        let of_stage = Arc::new(StageEvent::new(&api));
        let mut routes = Vec::with_capacity(api.resources.len());
        for (r, resource) in api.resources.iter().enumerate() {
            let of_resource = resource.methods.iter().enumerate().map(|(m, method)| Route {
                resource: r,
                method: m,
                counters: Arc::new(Counters::new(metrics, &api, resource, method)),
                event: EventTemplate::new(&of_stage, resource, method),
            });
            routes.push(of_resource.collect());
        }
        let keys = KeyStore::new(&api.key_sources);
        Deployment { keys, router, routes, unmatched: Arc::new(Counters::unmatched(metrics)), api }
    }

    /// Finds the method that answers.
    pub(crate) fn route(&self, exchange: &mut Exchange) -> Result<&Route, Failure> {
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
    pub(crate) fn current(&self, exchange: &Exchange) -> Option<&Route> {
        let matched = exchange.matched.as_ref()?;
        self.routes.get(matched.resource)?.get(matched.method)
    }

    /// The metric handles of what was found, or of requests that match nothing.
    pub(crate) fn counters(&self, exchange: &Exchange) -> &Arc<Counters> {
        self.current(exchange).map_or(&self.unmatched, |route| &route.counters)
    }

    /// The Lambda authorizer that a route's method asks for.
    pub(crate) fn authorizer(&self, route: &Route) -> Option<&Authorizer> {
        match &self.method(route).authorization {
            Authorization::Custom { name, .. } => self.api.authorizers.get(name),
            _ => None,
        }
    }

    /// A route's method.
    pub(crate) fn method(&self, route: &Route) -> &Method {
        &self.api.resources[route.resource].methods[route.method]
    }
}
