//! What the inspector keeps of an exchange: messages with their secrets hidden, decisions, times, the execution log.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::authorizer_answer;
use crate::api::IntegrationResponse;
use crate::config::settings::{Backend, Function};
use crate::exchange::call::{IntegrationCall, IntegrationReply, Target};
use crate::exchange::decisions::RequestBody;
use crate::exchange::exchange::Exchange;
use crate::exchange::masking::Masking;
use crate::gateway::{Gateway, Reasons, kept_from_page};
use crate::http1::message::{Headers, Response};
use crate::log;
use crate::pattern::{Mismatch, Outcome};

/// One exchange, as the page shows it.
#[derive(Debug)]
pub(crate) struct Record {
    pub(super) id: String,
    /// The line in the list.
    pub(super) summary: Value,
    /// What is shown when it is opened.
    pub(super) details: Map<String, Value>,
    /// Whether the backend or the gateway failed, seen by the client or not.
    pub(super) failed: bool,
    /// About so many bytes it takes.
    pub(super) size: usize,
}

/// What is known of an exchange besides itself.
pub(crate) struct Told<'a> {
    pub(crate) gateway: &'a Gateway,
    /// Where each function is.
    pub(crate) functions: &'a [Function],
    pub(crate) latency: Duration,
    /// Bytes of the answer's body.
    pub(crate) sent: u64,
    /// Its execution log.
    pub(crate) trace: Vec<String>,
}

impl Record {
    /// What is kept of an exchange that was answered.
    pub(crate) fn new(told: Told<'_>, exchange: &Exchange, response: &Response) -> Record {
        let masking = Masking::new(told.gateway.api(exchange), exchange);
        let failed = exchange.failure.is_some() || exchange.decisions.masked.is_some() || exchange.fault.is_some();
        let summary = summary(&told, exchange, response, &masking);
        let details = details(&told, exchange, response, &masking);
        let size = told.trace.iter().map(String::len).sum::<usize>() + bytes_shown(&details) + 1_024;
        let mut told = told;
        name_address(&mut told.trace, details.get("call"));
        let mut record = Record { id: exchange.ids.request_id.to_string(), summary, details, failed, size };
        record.details.insert("trace".to_owned(), Value::from(told.trace));
        record
    }

    /// Everything of it.
    pub(crate) fn whole(&self) -> Value {
        let mut whole = self.summary.clone();
        if let Value::Object(whole) = &mut whole {
            whole.extend(self.details.clone());
        }
        whole
    }
}

fn summary(told: &Told<'_>, exchange: &Exchange, response: &Response, masking: &Masking<'_>) -> Value {
    let Exchange { request, decisions, .. } = exchange;
    let matched = told.gateway.matched(exchange);
    let rule = rule(told.gateway, exchange);
    json!({
        "id": &*exchange.ids.request_id,
        "function_request_id": exchange.backend_request_id().map(|id| masking.text(id)),
        "time": log::timestamp(request.time),
        "method": request.method,
        "path": masking.text(&request.path),
        "query": request.query.as_deref().map(|query| masking.query(query)),
        "resource": matched.map(|(path, _)| path),
        "resource_method": matched.map(|(_, method)| method),
        "status": response.status,
        "cause": exchange.failure.as_ref().map(|f| f.cause().as_str()),
        "masked": decisions.masked.map(|kind| kind.as_str()),
        "fault": exchange.fault.as_ref().map(|fault| fault.cause.as_str()),
        "why": told.gateway.why(exchange).map(|why| masking.text(&why).into_owned()),
        "rule": rule.map(|rule| json!({ "pattern": pattern_of(rule), "status": rule.status, "index": decisions.integration_response })),
        "integration_status": exchange.integration_status,
        "latency_ms": told.latency.as_secs_f64() * 1e3,
        "integration_latency_ms": exchange.integration_latency.map(|d| d.as_secs_f64() * 1e3),
        "authorizer_latency_ms": exchange.authorizer_latency.map(|d| d.as_secs_f64() * 1e3),
        "request_bytes": request.body.len(),
        "response_bytes": told.sent,
    })
}

/// The execution log has AWS's address; it says where the function really is, too.
fn name_address(trace: &mut Vec<String>, call: Option<&Value>) {
    let called = call.and_then(|call| Some((call["function"].as_str()?, call["address"].as_str()?)));
    let sent = trace.iter().rposition(|line| line.starts_with("Sending request to "));
    if let (Some((function, address)), Some(sent)) = (called, sent) {
        trace.insert(sent + 1, format!("Function {function} is at {address}"));
    }
}

/// The integration response that was chosen.
pub(super) fn rule<'a>(gateway: &'a Gateway, exchange: &Exchange) -> Option<&'a IntegrationResponse> {
    gateway.method(exchange)?.integration.responses.get(exchange.decisions.integration_response?)
}

/// The pattern of an integration response as it is written.
pub(super) fn pattern_of(rule: &IntegrationResponse) -> &str {
    rule.selection_pattern.as_ref().map_or("default", |pattern| pattern.source())
}

/// The messages and what was decided between them. An exchange that was not sampled has its request and answer alone.
fn details(told: &Told<'_>, exchange: &Exchange, response: &Response, masking: &Masking<'_>) -> Map<String, Value> {
    let mut details = Map::new();
    let mut put = |name: &str, value: Value| details.insert(name.to_owned(), value);
    let request = &exchange.request;
    put("request", message(masking, &request.headers, &request.body));
    let answer = exchange.sample.as_ref().and_then(|sample| sample.response.as_ref()).unwrap_or(response);
    put("response", message(masking, &answer.headers, answer.body.whole()));
    let Some(sample) = &exchange.sample else {
        put("sampled", false.into());
        return details;
    };
    if !sample.authorization.is_empty() {
        put("authorization", sample.authorization.iter().map(|line| masking.text(line)).collect());
    }
    if let Some(answer) = authorizer_answer::answer(told.gateway, exchange, masking) {
        put("authorizer_answer", answer);
    }
    if let Some(sent) = &sample.authorizer_call {
        put("authorizer_call", call(told, masking, sent));
    }
    if let Some(sent) = &sample.call {
        put("call", call(told, masking, sent));
    }
    if let Some(unsent) = &sample.unsent {
        put("unsent", call(told, masking, unsent));
    }
    if let Some(reply) = &sample.reply {
        put("reply", answered(masking, reply));
    }
    let integration = told.gateway.method(exchange).map(|method| &method.integration);
    if let (Some(RequestBody::Template(chosen)), Some(integration)) = (exchange.decisions.request_body, integration) {
        put("request_template", integration.request_templates.get(chosen).map(|(name, _)| name.as_str()).into());
    }
    if let (Some(chosen), Some(rule)) = (exchange.decisions.response_template, rule(told.gateway, exchange)) {
        put("response_template", rule.response_templates.get(chosen).map(|(name, _)| name.as_str()).into());
    }
    let Reasons { request, call, response, answer: mut of_answer } = told.gateway.reasons(exchange, masking);
    of_answer.extend(kept_from_page(&exchange.request, answer.status, &answer.headers));
    let named = [("request", request), ("call", call), ("response", response), ("answer", of_answer)];
    let mut reasons = Map::new();
    for (name, sentences) in named.into_iter().filter(|(_, sentences)| !sentences.is_empty()) {
        let shown = sentences.iter().map(|sentence| Value::from(masking.text(sentence)));
        reasons.insert(name.to_owned(), shown.collect());
    }
    if !reasons.is_empty() {
        put("reasons", Value::Object(reasons));
    }
    for (name, empties) in
        [("request_empties", &sample.request_empties), ("response_empties", &sample.response_empties)]
    {
        if !empties.is_empty() {
            put(name, empties.iter().map(|empty| masking.text(&empty.to_string()).into_owned()).collect());
        }
    }
    if let (Some(text), Some(method)) = (&sample.selection_text, told.gateway.method(exchange)) {
        let tried = sample
            .tried
            .iter()
            .filter_map(|(at, outcome)| Some(attempt(method.integration.responses.get(*at)?, text, *outcome, masking)));
        // Of a function they see the message of its error, of any other backend no more than its status.
        let of_status = matches!(&sample.call, Some(IntegrationCall { target: Target::Http { .. }, .. }));
        let tried = tried.collect::<Vec<_>>();
        put("selection", json!({ "text": masking.whole(text.as_bytes()), "of_status": of_status, "tried": tried }));
    }
    details
}

fn attempt(rule: &IntegrationResponse, text: &str, outcome: Outcome, masking: &Masking<'_>) -> Value {
    let (matched, reason) = match outcome {
        Outcome::Match => (true, None),
        Outcome::NoMatch => (false, rule.selection_pattern.as_ref().and_then(|pattern| Mismatch::of(pattern, text))),
        Outcome::StepLimit => (false, None),
    };
    let shown = reason.as_ref().map(|reason| masking.text(&reason.to_string()).into_owned());
    let limit = (outcome == Outcome::StepLimit).then(|| "it took too many steps".to_owned());
    json!({
        "pattern": pattern_of(rule),
        "status": rule.status,
        "matched": matched,
        "reason": shown.or(limit),
        "repair": reason.and_then(|reason| reason.repair),
    })
}

/// Header lines, and as much of the body as is shown.
fn message(masking: &Masking<'_>, headers: &Headers, body: &[u8]) -> Value {
    let is_text = std::str::from_utf8(body).is_ok();
    json!({
        "headers": headers.0.iter().map(|line| {
            let value = masking.value(line.name(), &String::from_utf8_lossy(&line.value));
            json!([line.name(), value])
        }).collect::<Vec<_>>(),
        "body": is_text.then(|| masking.whole(body)),
        "bytes": body.len(),
    })
}

/// What was sent, and where it really went.
fn call(told: &Told<'_>, masking: &Masking<'_>, call: &IntegrationCall) -> Value {
    let mut shown = message(masking, call.target.headers(), &call.body);
    match &call.target {
        Target::Function { backend, name, qualifier, arn, invocation, .. } => {
            shown["function"] = match qualifier {
                Some(qualifier) => format!("{name}:{qualifier}").into(),
                None => (**name).into(),
            };
            shown["arn"] = (**arn).into();
            shown["invocation_type"] = invocation.as_str().into();
            shown["address"] = told.functions.get(*backend).map(|function| address(&function.backend)).into();
        }
        Target::Http { method, uri, .. } => {
            shown["method"] = method.as_str().into();
            shown["address"] = masking.uri(uri).into();
        }
    }
    shown
}

/// A function's backend in the words of the configuration.
pub(super) fn address(backend: &Backend) -> String {
    match backend {
        Backend::InvokeApi(url) => format!("invoke_api {url}"),
        Backend::Emulator(url) => format!("emulator {url}"),
        Backend::Http(url) => format!("http {url}"),
        Backend::RuntimeApi(address) => format!("runtime_api {address}"),
    }
}

fn answered(masking: &Masking<'_>, reply: &IntegrationReply) -> Value {
    let mut shown = message(masking, &reply.headers, reply.body.whole());
    shown["status"] = reply.status.into();
    shown["function_error"] = reply.function_error.into();
    if let Some(metadata) = &reply.metadata {
        shown["metadata"] = masking.whole(metadata).into();
    }
    shown
}

fn bytes_shown(details: &Map<String, Value>) -> usize {
    details.values().map(|part| part["body"].as_str().map_or(256, |body| body.len() + 256)).sum()
}
