//! An exchange of an HTTP API, line by line. API Gateway has no execution log for these: the words are stagegate's own.

use super::reasons::reasons;
use super::refusal;
use crate::api::{HttpApi, HttpCall, HttpRoute};
use crate::exchange::exchange::Exchange;
use crate::exchange::masking::Masking;
use crate::exchange::query;
use crate::gateway::messages::{self, Pairs, is_bytes};
use crate::http1::message::Response;

/// The lines of an exchange so far; of one that nobody sampled there is the request and its answer alone.
pub(crate) fn lines(api: &HttpApi, exchange: &Exchange, answer: Option<&Response>) -> Vec<String> {
    let masking = &Masking::new(api, exchange);
    let reasons = reasons(api, exchange, masking);
    let mut log = vec![format!("Request Id: {}", exchange.ids.extended_request_id)];
    request(exchange, masking, &mut log);
    let route = exchange.matched.as_ref().and_then(|matched| api.routes.get(matched.resource));
    if let (Some(route), Some(matched)) = (route, &exchange.matched) {
        log.push(format!("Route: {}", route.key));
        if !matched.path_parameters.is_empty() {
            let variables = matched.path_parameters.iter();
            let shown = variables.map(|(name, value)| (name.clone(), masking.value(name, value))).collect();
            log.push(format!("Path variables: {}", Pairs(shown)));
        }
    }
    if let Some(sample) = &exchange.sample {
        log.extend(sample.authorization.iter().cloned());
        messages::fault(exchange, &mut log);
        if let (Some(call), Some(route)) = (&sample.call, route) {
            sent(route, &mut log);
            messages::call(&api.region, call, is_event(route), masking, &mut log);
        }
        log.extend(reasons.request.iter().cloned());
        if let Some(reply) = &sample.reply {
            messages::reply(reply, exchange, masking, &mut log);
        }
        log.extend(sample.notes.iter().cloned());
        log.extend(reasons.response.iter().cloned());
    } else if exchange.outcome.is_some() {
        log.push("It was not sampled: what was sent to the backend and what came back is not kept".to_owned());
    }
    if let Some(response) = exchange.sample.as_ref().and_then(|sample| sample.response.as_ref()).or(answer) {
        answered(exchange, response, masking, reasons.answer, &mut log);
    }
    log.into_iter().map(|line| masking.text(&line).into_owned()).collect()
}

/// One sentence about an answer: why the gateway itself gave it, what it hides, or whose it is.
pub(crate) fn why(exchange: &Exchange) -> Option<String> {
    if let Some(failure) = &exchange.failure {
        return Some(refusal::sentence(failure));
    }
    if let Some(kind) = exchange.decisions.masked {
        return Some(format!("The backend's failure is hidden from the client: {}", kind.as_str()));
    }
    Some(match exchange.integration_status {
        Some(_) => "The backend's own answer".to_owned(),
        None => "A preflight, which the API answers by itself".to_owned(),
    })
}

fn request(exchange: &Exchange, masking: &Masking<'_>, log: &mut Vec<String>) {
    let request = &exchange.request;
    let parameters = query::parse(request.query.as_deref().unwrap_or_default());
    let values = |p: &query::Parameter<'_>| p.values.iter().map(|v| masking.value(&p.name, v)).collect::<Vec<_>>();
    let query = parameters.iter().map(|p| (p.name.to_string(), values(p).join(","))).collect();
    log.extend([
        format!("HTTP Method: {}, Path: {}", request.method, request.path),
        format!("Request query string: {}", Pairs(query)),
        format!("Request headers: {}", Pairs(masking.headers(&request.headers))),
        format!("Request body: {}", masking.body(&request.body, is_bytes(&request.body))),
    ]);
}

fn is_event(route: &HttpRoute) -> bool {
    matches!(route.integration.call, HttpCall::Function { .. })
}

fn sent(route: &HttpRoute, log: &mut Vec<String>) {
    match &route.integration.call {
        HttpCall::Function { format, .. } => log.push(format!("Payload format: {}", format.as_str())),
        HttpCall::Service { action, .. } => log.push(format!("Integration subtype: {}", action.subtype.as_str())),
        HttpCall::Http { .. } | HttpCall::Nothing => {}
    }
}

fn answered(
    exchange: &Exchange,
    response: &Response,
    masking: &Masking<'_>,
    reasons: Vec<String>,
    log: &mut Vec<String>,
) {
    if let Some(failure) = &exchange.failure {
        log.push(format!("{} [{}]", refusal::sentence(failure), failure.cause().as_str()));
        log.extend(reasons);
    } else if exchange.decisions.masked.is_some() || exchange.integration_status.is_none() {
        log.extend(why(exchange));
    }
    let body = response.body.whole();
    log.extend([
        format!("Response headers: {}", Pairs(masking.headers(&response.headers))),
        format!("Response body: {}", masking.body(body, is_bytes(body))),
        format!("Response status: {}", response.status),
    ]);
}
