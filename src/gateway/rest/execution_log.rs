//! An exchange told in the words of API Gateway's execution log, with a few lines more for what that log leaves out.

use super::proxy_event::is_binary;
use super::reasons::{passthrough, reasons};
use super::refusal;
use crate::api::{IntegrationResponse, IntegrationType, Method, RestApi, masked};
use crate::exchange::call::IntegrationCall;
use crate::exchange::decisions::{KeyCheck, RequestBody};
use crate::exchange::exchange::Exchange;
use crate::exchange::masking::Masking;
use crate::exchange::query;
use crate::exchange::sample::Sample;
use crate::failure::Failure;
use crate::gateway::messages::{self, Pairs, is_bytes};
use crate::gateway::reasons::Reasons;
use crate::http1::message::Response;
use crate::mapping::client::ClientParameters;
use crate::metrics::MaskedKind;
use crate::pattern::{Mismatch, Outcome};

/// The lines of an exchange so far; of one that nobody sampled there is the request and its answer alone.
pub(crate) fn lines(api: &RestApi, exchange: &Exchange, answer: Option<&Response>) -> Vec<String> {
    let masking = &Masking::new(api, exchange);
    let reasons = reasons(api, exchange, masking);
    let mut log = vec![format!("Extended Request Id: {}", exchange.ids.extended_request_id)];
    if let Some(sample) = &exchange.sample {
        authorization(api, sample, masking, &mut log);
    }
    usage_plan(api, exchange, &mut log);
    if exchange.decisions.executed {
        request(api, exchange, masking, &mut log);
    }
    messages::fault(exchange, &mut log);
    if let Some(method) = method(api, exchange) {
        integration(api, method, exchange, masking, &reasons, &mut log);
    }
    if let Some(response) = exchange.sample.as_ref().and_then(|sample| sample.response.as_ref()).or(answer) {
        match &exchange.failure {
            Some(failure) => refused(failure, exchange, response, reasons.answer, &mut log),
            None => answered(exchange, response, masking, &mut log),
        }
        match &exchange.cut {
            None if exchange.failure.is_none() => log.push("Successfully completed execution".to_owned()),
            None => {}
            Some(cut) => {
                log.push(format!("The stream was cut: {cut}"));
                log.extend(exchange.decisions.masked.map(hidden));
            }
        }
        log.push(format!("Method completed with status: {}", response.status));
        let is_service = method(api, exchange).is_some_and(|method| is_of_aws(method.integration.kind));
        let endpoint = exchange.backend_request_id().filter(|_| is_service);
        log.extend(endpoint.map(|id| format!("AWS Integration Endpoint RequestId : {id}")));
    }
    log.into_iter().map(|line| masking.text(&line).into_owned()).collect()
}

fn is_of_aws(kind: IntegrationType) -> bool {
    matches!(kind, IntegrationType::Aws | IntegrationType::AwsProxy)
}

/// Who may call, and what the authorizer's function was sent.
fn authorization(api: &RestApi, sample: &Sample, masking: &Masking<'_>, log: &mut Vec<String>) {
    for line in &sample.authorization {
        log.push(line.clone());
        if let Some(asked) = sample.authorizer_call.as_ref().filter(|_| line.starts_with("Incoming identity: ")) {
            messages::call(&api.region, asked, true, masking, log);
        }
    }
}

/// One sentence about an answer: why the gateway itself gave it, what it hides, or which integration response it is.
pub(crate) fn why(api: &RestApi, exchange: &Exchange) -> Option<String> {
    let decisions = &exchange.decisions;
    if let Some(failure) = &exchange.failure {
        return Some(refusal::sentence(failure));
    }
    if let Some(kind) = decisions.masked {
        return Some(hidden(kind));
    }
    let integration = &method(api, exchange)?.integration;
    match decisions.integration_response {
        Some(response) => integration.responses.get(response).map(chosen),
        None => Some("The backend's own answer".to_owned()),
    }
}

fn hidden(kind: MaskedKind) -> String {
    format!("The backend's failure is hidden from the client: {}", kind.as_str())
}

fn chosen(response: &IntegrationResponse) -> String {
    let pattern = response.selection_pattern.as_ref().map(|pattern| quoted(pattern.source()));
    format!("Integration response: {} by {}", response.status, pattern.as_deref().unwrap_or("default"))
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
            log.push(format!("Usage Plan check succeeded for API Key {sent} and API Stage {stage}"));
        }
        KeyCheck::Passed => {
            let key = exchange.api_key.as_ref().map(|key| masked(&key.value)).unwrap_or_default();
            log.push(format!("Usage Plan check succeeded for API Key {key} and API Stage {stage}"));
        }
    }
}

fn request(api: &RestApi, exchange: &Exchange, masking: &Masking<'_>, log: &mut Vec<String>) {
    let Some(matched) = &exchange.matched else { return };
    let request = &exchange.request;
    let resource = &api.resources[matched.resource];
    let client = ClientParameters::new(exchange);
    let path = matched.path_parameters.iter().map(|(name, value)| (name.clone(), masking.value(name, value))).collect();
    let values = |p: &query::Parameter<'_>| p.values.iter().map(|v| masking.value(&p.name, v)).collect::<Vec<_>>();
    let query = client.query_parameters().iter().map(|p| (p.name.to_string(), values(p).join(","))).collect();
    log.extend([
        format!("Starting execution for request: {}", exchange.ids.request_id),
        format!("HTTP Method: {}, Resource Path: {}", request.method, matched.path),
        // Not in API Gateway's log.
        format!("Resource: {}, Method: {}", resource.path, resource.methods[matched.method].http_method.as_str()),
        format!("Method request path: {}", Pairs(path)),
        format!("Method request query string: {}", Pairs(query)),
        format!("Method request headers: {}", Pairs(masking.headers(&request.headers))),
        format!("Method request body before transformations: {}", masking.body(&request.body, is_binary(api, request))),
    ]);
}

/// What was sent, what came back, and how the answer was chosen. Decisions are not in API Gateway's log.
fn integration(
    api: &RestApi,
    method: &Method,
    exchange: &Exchange,
    masking: &Masking<'_>,
    reasons: &Reasons,
    log: &mut Vec<String>,
) {
    let (integration, decisions) = (&method.integration, &exchange.decisions);
    match decisions.request_body {
        None => {}
        Some(RequestBody::Template(chosen)) => {
            log.push(format!("Request template: {}", integration.request_templates[chosen].0));
            let empties = exchange.sample.iter().flat_map(|sample| &sample.request_empties);
            log.extend(empties.map(|empty| format!("Request template, {empty}")));
        }
        Some(RequestBody::PassedThrough) => {
            log.push(format!("Request body passed through: {}", passthrough(integration.passthrough_behavior)));
        }
    }
    log.extend(reasons.request.iter().cloned());
    if exchange.sample.is_none() && exchange.outcome.is_some() {
        log.push("It was not sampled: what was sent to the backend and what came back is not kept".to_owned());
    }
    if let Some(sample) = &exchange.sample {
        if let Some(sent) = sample.call.as_ref().or(sample.unsent.as_ref()) {
            call(api, integration.kind, sent, masking, log);
        }
        log.extend(reasons.call.iter().cloned());
        if let Some(answered) = &sample.reply {
            messages::reply(answered, exchange, masking, log);
        }
        selection(&integration.responses, sample, log);
    }
    let Some(response) = decisions.integration_response.map(|chosen| &integration.responses[chosen]) else { return };
    log.push(chosen(response));
    if let Some(template) = decisions.response_template {
        log.push(format!("Response template: {}", response.response_templates[template].0));
        let empties = exchange.sample.iter().flat_map(|sample| &sample.response_empties);
        log.extend(empties.map(|empty| format!("Response template, {empty}")));
    }
    log.extend(reasons.response.iter().cloned());
    log.extend(decisions.masked.map(hidden));
}

fn call(api: &RestApi, kind: IntegrationType, call: &IntegrationCall, masking: &Masking<'_>, log: &mut Vec<String>) {
    let is_event = kind == IntegrationType::AwsProxy;
    messages::call(&api.region, call, is_event, masking, log);
}

fn selection(responses: &[IntegrationResponse], sample: &Sample, log: &mut Vec<String>) {
    let Some(text) = &sample.selection_text else { return };
    log.push(format!("Selection patterns are matched against: {text:?}"));
    for (tried, outcome) in &sample.tried {
        let response = &responses[*tried];
        let Some(pattern) = &response.selection_pattern else { continue };
        let outcome = match outcome {
            Outcome::Match => "match".to_owned(),
            Outcome::NoMatch => Mismatch::of(pattern, text)
                .map_or_else(|| "no match".to_owned(), |mismatch| format!("no match: {mismatch}")),
            Outcome::StepLimit => "no match: it took too many steps".to_owned(),
        };
        log.push(format!("Selection pattern {} of response {}: {outcome}", quoted(pattern.source()), response.status));
    }
}

/// A pattern as it is written: its backslashes are what people look for. Only what would break the line is escaped.
fn quoted(pattern: &str) -> String {
    let mut quoted = String::from('"');
    for c in pattern.chars() {
        match c.is_control() {
            true => quoted.extend(c.escape_debug()),
            false => quoted.push(c),
        }
    }
    quoted + "\""
}

fn answered(exchange: &Exchange, response: &Response, masking: &Masking<'_>, log: &mut Vec<String>) {
    // Of what streamed by nothing was kept, if nobody looked.
    if exchange.sample.is_some() || exchange.stream_times.is_none() {
        let body = response.body.whole();
        log.push(format!("Method response body after transformations: {}", masking.body(body, is_bytes(body))));
    }
    log.push(format!("Method response headers: {}", Pairs(masking.headers(&response.headers))));
}

fn refused(failure: &Failure, exchange: &Exchange, response: &Response, reasons: Vec<String>, log: &mut Vec<String>) {
    let told_before = match failure {
        Failure::InvocationRejected { status: 429, .. } => Some(429),
        Failure::InvalidEvent(_) => Some(400),
        _ => None,
    };
    if let Some(status) = told_before {
        log.push(format!("Lambda invocation failed with status: {status}"));
    }
    if let Failure::InvocationRejected { error_type: Some(kind), .. } = failure {
        // Not in API Gateway's log.
        log.push(format!("Lambda's error type: {kind}"));
    }
    let row = failure.row();
    let id = exchange.backend_request_id().filter(|_| matches!(failure, Failure::FunctionError { .. }));
    let id = id.map(|id| format!(". Lambda request id: {id}")).unwrap_or_default();
    log.push(format!("{}{id} [{}]", refusal::sentence(failure), row.cause.as_str()));
    // Nor is this.
    log.extend(reasons);
    log.push(format!("Gateway response type: {} with status code: {}", row.gateway_response.as_str(), response.status));
}
