//! An exchange told in the words of API Gateway's execution log, with a few lines more for what that log leaves out.

use std::fmt;

use super::proxy_event::is_binary;
use super::refusal;
use crate::api::{IntegrationResponse, IntegrationType, Method, PassthroughBehavior, RestApi};
use crate::exchange::call::{IntegrationCall, IntegrationReply, Target};
use crate::exchange::decisions::{KeyCheck, RequestBody};
use crate::exchange::exchange::Exchange;
use crate::exchange::masking::{body, event, headers, masked};
use crate::exchange::sample::Sample;
use crate::failure::Failure;
use crate::http1::message::Response;
use crate::mapping::client::ClientParameters;
use crate::pattern::Outcome;

/// The lines of an exchange so far. Only of one that was sampled they tell messages, too.
pub(crate) fn lines(api: &RestApi, exchange: &Exchange) -> Vec<String> {
    let mut log = vec![format!("Extended Request Id: {}", exchange.ids.extended_request_id)];
    if let Some(sample) = &exchange.sample {
        log.extend(sample.authorization.iter().cloned());
    }
    usage_plan(api, exchange, &mut log);
    if exchange.decisions.executed {
        request(api, exchange, &mut log);
    }
    if let Some(method) = method(api, exchange) {
        integration(api, method, exchange, &mut log);
    }
    if let Some(response) = exchange.sample.as_ref().and_then(|sample| sample.response.as_ref()) {
        match &exchange.failure {
            Some(failure) => refused(failure, response, &mut log),
            None => answered(response, &mut log),
        }
        log.push(format!("Method completed with status: {}", response.status));
    }
    log
}

fn method<'a>(api: &'a RestApi, exchange: &Exchange) -> Option<&'a Method> {
    let matched = exchange.matched.as_ref()?;
    api.resources.get(matched.resource)?.methods.get(matched.method)
}

fn usage_plan(api: &RestApi, exchange: &Exchange, log: &mut Vec<String>) {
    let check = exchange.decisions.key_check;
    if check == KeyCheck::NotReached {
        return;
    }
    let request = &exchange.request;
    let sent = request.headers.last("x-api-key").map(masked).unwrap_or_default();
    let stage = format!("{}/{}", api.id, api.stage);
    log.push(format!(
        "Verifying Usage Plan for request: {}. API Key: {sent} API Stage: {stage}",
        exchange.ids.request_id
    ));
    match check {
        KeyCheck::NotReached | KeyCheck::Failed => {}
        KeyCheck::NotRequired => {
            let path = exchange.matched.as_ref().map_or("", |matched| &matched.path);
            log.push(format!(
                "API Key {sent} authorized because method '{} {path}' does not require API Key. Request will not \
                 contribute to throttle or quota limits",
                request.method
            ));
        }
        KeyCheck::Passed => {
            let key = exchange.api_key.as_ref().map(|key| masked(&key.value)).unwrap_or_default();
            log.push(format!("Usage Plan check succeeded for API Key {key} and API Stage {stage}"));
        }
    }
}

fn request(api: &RestApi, exchange: &Exchange, log: &mut Vec<String>) {
    let Some(matched) = &exchange.matched else { return };
    let request = &exchange.request;
    let resource = &api.resources[matched.resource];
    let client = ClientParameters::new(exchange);
    let query = client.query_parameters().iter().map(|p| (p.name.to_string(), p.values.join(","))).collect();
    log.extend([
        format!("Starting execution for request: {}", exchange.ids.request_id),
        format!("HTTP Method: {}, Resource Path: {}", request.method, matched.path),
        // Not in API Gateway's log.
        format!("Resource: {}, Method: {}", resource.path, resource.methods[matched.method].http_method.as_str()),
        format!("Method request path: {}", Pairs(matched.path_parameters.clone())),
        format!("Method request query string: {}", Pairs(query)),
        format!("Method request headers: {}", Pairs(headers(&request.headers))),
        format!("Method request body before transformations: {}", body(&request.body, is_binary(api, request))),
    ]);
}

/// What was sent, what came back, and how the answer was chosen. Decisions are not in API Gateway's log.
fn integration(api: &RestApi, method: &Method, exchange: &Exchange, log: &mut Vec<String>) {
    let (integration, decisions) = (&method.integration, &exchange.decisions);
    match decisions.request_body {
        None => {}
        Some(RequestBody::Template(chosen)) => {
            log.push(format!("Request template: {}", integration.request_templates[chosen].0));
        }
        Some(RequestBody::PassedThrough) => {
            log.push(format!("Request body passed through: {}", passthrough(integration.passthrough_behavior)));
        }
    }
    if let Some(sample) = &exchange.sample {
        if let Some(sent) = &sample.call {
            call(api, integration.kind, sent, exchange, log);
        }
        if let Some(answered) = &sample.reply {
            reply(answered, exchange, log);
        }
        selection(&integration.responses, sample, log);
    }
    let Some(chosen) = decisions.integration_response.map(|chosen| &integration.responses[chosen]) else { return };
    let pattern = chosen.selection_pattern.as_ref().map(|pattern| format!("{:?}", pattern.source()));
    log.push(format!("Integration response: {} by {}", chosen.status, pattern.as_deref().unwrap_or("default")));
    if let Some(template) = decisions.response_template {
        log.push(format!("Response template: {}", chosen.response_templates[template].0));
    }
    if let Some(kind) = decisions.masked {
        log.push(format!("The backend's failure is hidden from the client: {}", kind.as_str()));
    }
}

fn passthrough(behavior: PassthroughBehavior) -> &'static str {
    match behavior {
        PassthroughBehavior::WhenNoMatch => "WHEN_NO_MATCH",
        PassthroughBehavior::WhenNoTemplates => "WHEN_NO_TEMPLATES",
        PassthroughBehavior::Never => "NEVER",
    }
}

fn call(api: &RestApi, kind: IntegrationType, call: &IntegrationCall, exchange: &Exchange, log: &mut Vec<String>) {
    let (uri, sent) = match &call.target {
        Target::Function { arn, headers, .. } => {
            let region = &api.region;
            (format!("https://lambda.{region}.amazonaws.com/2015-03-31/functions/{arn}/invocations"), headers)
        }
        Target::Http { uri, headers, .. } => (uri.clone(), headers),
    };
    let shown = match kind {
        IntegrationType::AwsProxy => event(&call.body, &exchange.request.headers),
        IntegrationType::Aws | IntegrationType::Http | IntegrationType::HttpProxy | IntegrationType::Mock => {
            body(&call.body, is_bytes(&call.body))
        }
    };
    log.extend([
        format!("Endpoint request URI: {uri}"),
        format!("Endpoint request headers: {}", Pairs(headers(sent))),
        format!("Endpoint request body after transformations: {shown}"),
        format!("Sending request to {uri}"),
    ]);
}

fn reply(reply: &IntegrationReply, exchange: &Exchange, log: &mut Vec<String>) {
    let latency = exchange.integration_latency.unwrap_or_default().as_millis();
    log.extend([
        format!("Received response. Status: {}, Integration latency: {latency} ms", reply.status),
        format!("Endpoint response headers: {}", Pairs(headers(&reply.headers))),
        format!("Endpoint response body before transformations: {}", body(&reply.body, is_bytes(&reply.body))),
    ]);
}

fn selection(responses: &[IntegrationResponse], sample: &Sample, log: &mut Vec<String>) {
    let Some(text) = &sample.selection_text else { return };
    log.push(format!("Selection patterns are matched against: {text:?}"));
    for (tried, outcome) in &sample.tried {
        let response = &responses[*tried];
        let pattern = response.selection_pattern.as_ref().map_or("", |pattern| pattern.source());
        let outcome = match outcome {
            Outcome::Match => "match",
            Outcome::NoMatch => "no match",
            Outcome::StepLimit => "no match: it took too many steps",
        };
        log.push(format!("Selection pattern {pattern:?} of response {}: {outcome}", response.status));
    }
}

fn answered(response: &Response, log: &mut Vec<String>) {
    log.extend([
        format!("Method response body after transformations: {}", body(&response.body, is_bytes(&response.body))),
        format!("Method response headers: {}", Pairs(headers(&response.headers))),
        "Successfully completed execution".to_owned(),
    ]);
}

fn refused(failure: &Failure, response: &Response, log: &mut Vec<String>) {
    if let Failure::InvocationRejected { status: status @ 429 } = failure {
        log.push(format!("Lambda invocation failed with status: {status}"));
    }
    let row = failure.row();
    log.extend([
        format!("{} [{}]", refusal::sentence(failure), row.cause.as_str()),
        format!("Gateway response type: {} with status code: {}", row.gateway_response.as_str(), response.status),
    ]);
}

fn is_bytes(body: &[u8]) -> bool {
    std::str::from_utf8(body).is_err()
}

/// `{k=v, k2=v2}`, as Java prints a map.
struct Pairs(Vec<(String, String)>);

impl fmt::Display for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, (name, value)) in self.0.iter().enumerate() {
            write!(f, "{}{name}={value}", if i == 0 { "" } else { ", " })?;
        }
        f.write_str("}")
    }
}
