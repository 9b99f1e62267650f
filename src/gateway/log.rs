//! The lines that the gateway adds to the trace, in the words of API Gateway's execution log. Nothing is made of a request
//! that nobody listens to.

use crate::api::{Endpoint, IntegrationType, Method, RestApi};
use crate::exchange::call::{IntegrationCall, IntegrationReply, Target};
use crate::exchange::exchange::Exchange;
use crate::exchange::trace::{Line, body, event, headers, masked};
use crate::failure::Failure;
use crate::http1::message::Response;
use crate::mapping::client::ClientParameters;

use super::rest::proxy_event::is_binary;
use super::rest::refusal;

/// A request came in.
pub fn received(exchange: &mut Exchange) {
    let id = &exchange.ids.extended_request_id;
    exchange.trace.record(|| Line::ExtendedRequestId { id: id.clone() });
}

/// Whether the client has a key is looked at.
pub fn verifying_usage_plan(api: &RestApi, exchange: &mut Exchange) {
    let (ids, request) = (&exchange.ids, &exchange.request);
    exchange.trace.record(|| Line::VerifyingUsagePlan {
        request_id: ids.request_id.clone(),
        key: request.headers.last("x-api-key").map(masked).unwrap_or_default(),
        api: api.id.clone(),
        stage: api.stage.clone(),
    });
}

/// It need not have one.
pub fn key_not_required(exchange: &mut Exchange) {
    let (request, matched) = (&exchange.request, &exchange.matched);
    exchange.trace.record(|| Line::KeyNotRequired {
        key: request.headers.last("x-api-key").map(masked).unwrap_or_default(),
        method: format!("{} {}", request.method, matched.as_ref().map_or("", |matched| matched.path.as_str())),
    });
}

/// Its key, throttle and quota are good.
pub fn usage_plan_succeeded(api: &RestApi, exchange: &mut Exchange) {
    let key = exchange.api_key.as_ref();
    exchange.trace.record(|| Line::UsagePlanSucceeded {
        key: key.map(|key| masked(&key.value)).unwrap_or_default(),
        api: api.id.clone(),
        stage: api.stage.clone(),
    });
}

/// The method is executed.
pub fn request(api: &RestApi, exchange: &mut Exchange) {
    if !exchange.trace.is_on() {
        return;
    }
    let Some(matched) = &exchange.matched else { return };
    let request = &exchange.request;
    let query = ClientParameters::new(exchange);
    let query = query.query_parameters().iter().map(|p| (p.name.to_string(), p.values.join(","))).collect();
    let resource = &api.resources[matched.resource];
    let lines = [
        Line::Starting { request_id: exchange.ids.request_id.clone() },
        Line::Method { http_method: request.method.clone(), path: matched.path.clone() },
        Line::Routed {
            resource: resource.path.clone(),
            method: resource.methods[matched.method].http_method.as_str().to_owned(),
        },
        Line::RequestPath(matched.path_parameters.clone()),
        Line::RequestQueryString(query),
        Line::RequestHeaders(headers(&request.headers)),
        Line::RequestBody(body(&request.body, is_binary(api, request))),
    ];
    for line in lines {
        exchange.trace.record(|| line);
    }
}

/// The backend is called.
pub fn call(api: &RestApi, method: &Method, call: &IntegrationCall, exchange: &mut Exchange) {
    if !exchange.trace.is_on() {
        return;
    }
    let (uri, sent) = match (&call.target, &method.integration.endpoint) {
        (Target::Function { headers, .. }, Endpoint::Lambda(function)) => {
            let (region, arn) = (&api.region, &function.arn);
            (format!("https://lambda.{region}.amazonaws.com/2015-03-31/functions/{arn}/invocations"), headers)
        }
        (Target::Http { uri, headers, .. }, _) => (uri.clone(), headers),
        _ => return,
    };
    let shown = match method.integration.kind {
        IntegrationType::AwsProxy => event(&call.body, &exchange.request.headers),
        _ => body(&call.body, is_bytes(&call.body)),
    };
    let lines = [
        Line::EndpointUri(uri.clone()),
        Line::EndpointRequestHeaders(headers(sent)),
        Line::EndpointRequestBody(shown),
        Line::Sending(uri),
    ];
    for line in lines {
        exchange.trace.record(|| line);
    }
}

/// The backend answered.
pub fn reply(reply: &IntegrationReply, exchange: &mut Exchange) {
    let latency_ms = exchange.integration_latency.unwrap_or_default().as_millis();
    // A MOCK without a template has no status, and none has an endpoint.
    if !exchange.trace.is_on()
        || (exchange.integration_latency.is_none() && reply.headers.0.is_empty() && reply.body.is_empty())
    {
        return;
    }
    exchange.trace.record(|| Line::Received { status: reply.status, latency_ms });
    exchange.trace.record(|| Line::EndpointResponseHeaders(headers(&reply.headers)));
    exchange.trace.record(|| Line::EndpointResponseBody(body(&reply.body, is_bytes(&reply.body))));
}

/// The client gets the method's answer.
pub fn answer(response: &Response, exchange: &mut Exchange) {
    if exchange.trace.is_on() {
        exchange.trace.record(|| Line::ResponseBody(body(&response.body, is_bytes(&response.body))));
        exchange.trace.record(|| Line::ResponseHeaders(headers(&response.headers)));
        exchange.trace.record(|| Line::Completed);
        exchange.trace.record(|| Line::MethodCompleted { status: response.status });
    }
}

/// The client gets a gateway response.
pub fn failure(failure: &Failure, response: &Response, exchange: &mut Exchange) {
    if !exchange.trace.is_on() {
        return;
    }
    if let Failure::InvocationRejected { status: status @ 429 } = *failure {
        exchange.trace.record(|| Line::InvocationFailed { status });
    }
    exchange.trace.record(|| Line::Failed { cause: failure.cause().as_str(), sentence: refusal::sentence(failure) });
    exchange
        .trace
        .record(|| Line::GatewayResponse { kind: failure.row().gateway_response.as_str(), status: response.status });
    exchange.trace.record(|| Line::MethodCompleted { status: response.status });
}

fn is_bytes(body: &[u8]) -> bool {
    std::str::from_utf8(body).is_err()
}
