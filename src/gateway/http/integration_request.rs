//! What a request becomes for its route's integration: a function's event, or a request to an HTTP backend or a service.

use super::event::EventSource;
use super::{event_v1, event_v2, http_request};
use crate::api::http::PayloadFormat;
use crate::api::{FunctionRef, HttpApi, HttpCall, HttpRoute};
use crate::exchange::call::{IntegrationCall, InvocationType, Purpose, Target};
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;
use crate::http1::message::Headers;

/// The call that a request becomes; an event over `longest` bytes is refused.
pub(crate) fn build(
    api: &HttpApi,
    route: &HttpRoute,
    exchange: &mut Exchange,
    longest: usize,
) -> Result<IntegrationCall, Failure> {
    let integration = &route.integration;
    if let Some(reason) = &integration.broken {
        return Err(Failure::Configuration(reason.clone()));
    }
    let (target, body) = match &integration.call {
        HttpCall::Function { function, format } => {
            let source = EventSource { api, route, exchange, path_parameters: path_parameters(exchange), caller: None };
            let event = match format {
                PayloadFormat::V1 => event_v1::render(&source, longest)?,
                PayloadFormat::V2 => event_v2::render(&source, longest)?,
            };
            (function_target(function), event)
        }
        HttpCall::Http { uri, method, appended } => {
            let target = http_request::target(api, exchange, uri, *method, *appended)?;
            (target, exchange.request.body.clone())
        }
        HttpCall::Service { .. } => return Err(Failure::Configuration("not yet".to_owned())),
        HttpCall::Nothing => return Err(Failure::Configuration("there is no integration".to_owned())),
    };
    Ok(IntegrationCall {
        target,
        body,
        timeout: integration.timeout,
        streamed: false,
        trace_id: exchange.ids.trace_id.clone(),
        purpose: Purpose::Integration,
    })
}

fn path_parameters(exchange: &Exchange) -> &[(String, String)] {
    exchange.matched.as_ref().map_or(&[], |matched| &matched.path_parameters)
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
