//! What a request becomes for its route's integration: a function's event, or a request to an HTTP backend or a service.

use std::mem::replace;

use bytes::Bytes;

use super::event::EventSource;
use super::parameter_mapping::change_request;
use super::values::Values;
use super::{event_v1, event_v2, http_request, service_request};
use crate::api::http::{Mapping, PayloadFormat};
use crate::api::{FunctionRef, HttpApi, HttpCall, HttpRoute};
use crate::exchange::call::{IntegrationCall, InvocationType, Purpose, Target};
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;
use crate::http1::message::{Headers, Request};
use crate::json_text::Ahead;

/// The call that a request becomes; an event over `longest` bytes is refused.
pub(crate) fn build(
    api: &HttpApi,
    route: &HttpRoute,
    exchange: &mut Exchange,
    longest: usize,
) -> Result<IntegrationCall, Failure> {
    let integration = &route.integration;
    let read_ahead = match &integration.call {
        _ if exchange.sample.is_some() => Ahead::No,
        HttpCall::Function { format: PayloadFormat::V1, .. } => Ahead::Strings,
        // Its payload may be the answer's body as it is.
        HttpCall::Function { format: PayloadFormat::V2, .. } => Ahead::Restorable,
        _ => Ahead::No,
    };
    if let Some(reason) = &integration.broken {
        return Err(Failure::Configuration(reason.clone()));
    }
    let mappings = &integration.request_parameters;
    let (target, body) = match &integration.call {
        HttpCall::Function { function, format } => {
            let event = with_mapped(api, route, exchange, mappings, |source| event(*format, source, longest))?;
            (function_target(function), event)
        }
        HttpCall::Http { uri, method, appended } => {
            let mut headers = http_request::headers(api, exchange);
            let sent = exchange.request.query.as_deref().unwrap_or_default();
            let changed = change_request(mappings, &Values::new(source(api, route, exchange)), sent, &mut headers);
            let uri = http_request::uri(exchange, uri, *appended, &changed)?;
            let method = http_request::method(exchange, *method);
            (Target::Http { method, uri, headers }, exchange.request.body.clone())
        }
        HttpCall::Service { action, base } => {
            service_request::call(action, base, &Values::new(source(api, route, exchange)))?
        }
        HttpCall::Nothing => return Err(Failure::Configuration("there is no integration".to_owned())),
    };
    Ok(IntegrationCall {
        target,
        body,
        timeout: integration.timeout,
        streamed: false,
        read_ahead,
        trace_id: exchange.ids.trace_id.clone(),
        purpose: Purpose::Integration,
    })
}

/// What events and expressions tell of an exchange.
pub(super) fn source<'a>(api: &'a HttpApi, route: &'a HttpRoute, exchange: &'a Exchange) -> EventSource<'a> {
    let path_parameters = exchange.matched.as_ref().map_or([].as_slice(), |matched| &matched.path_parameters);
    EventSource { api, route, exchange, path_parameters, caller: exchange.caller.http.as_deref() }
}

fn event(format: PayloadFormat, source: &EventSource<'_>, longest: usize) -> Result<Bytes, Failure> {
    match format {
        PayloadFormat::V1 => event_v1::render(source, longest),
        PayloadFormat::V2 => event_v2::render(source, longest),
    }
}

/// A function is told of the request as mappings change it; whoever looks sees it as it came.
fn with_mapped<T>(
    api: &HttpApi,
    route: &HttpRoute,
    exchange: &mut Exchange,
    mappings: &[Mapping],
    tell: impl FnOnce(&EventSource<'_>) -> T,
) -> T {
    if mappings.is_empty() {
        return tell(&source(api, route, exchange));
    }
    let mapped = mapped(api, route, exchange, mappings);
    let came = replace(&mut exchange.request, mapped);
    let told = tell(&source(api, route, exchange));
    exchange.request = came;
    told
}

fn mapped(api: &HttpApi, route: &HttpRoute, exchange: &Exchange, mappings: &[Mapping]) -> Request {
    let mut request = exchange.request.clone();
    let sent = exchange.request.query.as_deref().unwrap_or_default();
    let values = Values::new(source(api, route, exchange));
    let changed = change_request(mappings, &values, sent, &mut request.headers);
    if let Some(path) = changed.path {
        request.path = path;
    }
    request.query = changed.query.or(request.query);
    request
}

fn function_target(function: &FunctionRef) -> Target {
    Target::Function {
        backend: function.backend,
        name: function.name.clone(),
        qualifier: function.qualifier.clone(),
        arn: function.arn.clone(),
        invocation: InvocationType::RequestResponse,
        headers: Headers::default(),
    }
}
