//! What becomes of the backend's reply: a function's payload is read, any other answer passes; then mappings change it.

use super::integration_request::source;
use super::parameter_mapping::change_response;
use super::reply;
use super::spelling::canonical;
use super::values::Values;
use crate::api::{HttpApi, HttpCall, HttpRoute};
use crate::exchange::call::IntegrationReply;
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;
use crate::http1::head::is_of_the_connection;
use crate::http1::message::{Header, Headers, Response};
use crate::integration::Payload;
use crate::metrics::MaskedKind;

/// Makes the response of a reply.
pub(crate) fn render(
    api: &HttpApi,
    route: &HttpRoute,
    exchange: &mut Exchange,
    reply: IntegrationReply,
) -> Result<Response, Failure> {
    let (mut response, failed) = match &route.integration.call {
        HttpCall::Function { format, .. } => {
            if reply.function_error {
                let message = Payload::read(reply.body.whole()).selection_text().into_owned();
                return Err(Failure::FunctionError { message });
            }
            let answer = reply::read(*format, reply.body.whole(), &reply.ahead)?;
            exchange.function_status = Some(answer.response.status);
            exchange.decisions.masked = answer.masked;
            note(exchange, answer.inferred, &answer.ignored);
            (answer.response, MaskedKind::StatusCode)
        }
        HttpCall::Http { .. } | HttpCall::Service { .. } | HttpCall::Nothing => {
            (passed_on(reply), MaskedKind::HttpStatus)
        }
    };
    let mappings = &route.integration.response_parameters;
    if !mappings.is_empty() {
        let (status, headers, body) = (response.status, response.headers.clone(), response.body.whole().clone());
        let values = Values::with_reply(source(api, route, exchange), headers, &body);
        change_response(mappings, &values, &mut response);
        if status >= 400 && response.status < 400 {
            exchange.decisions.masked = Some(failed);
        }
    }
    Ok(response)
}

/// The answer before the mappings change it, made once more for who looks.
pub(crate) fn unmapped(route: &HttpRoute, reply: &IntegrationReply) -> Option<Response> {
    match &route.integration.call {
        HttpCall::Function { format, .. } => {
            reply::read(*format, reply.body.whole(), &reply.ahead).ok().map(|answer| answer.response)
        }
        HttpCall::Http { .. } | HttpCall::Service { .. } | HttpCall::Nothing => Some(passed_on(reply.seen())),
    }
}

/// How a function's payload was read, for who looks.
fn note(exchange: &mut Exchange, inferred: bool, ignored: &[String]) {
    let Some(sample) = &mut exchange.sample else { return };
    if inferred {
        sample.notes.push("The payload has no `statusCode`: all of it is the body of a 200".to_owned());
    }
    if !ignored.is_empty() {
        sample.notes.push(format!("Members of the payload that mean nothing: {}", ignored.join(", ")));
    }
}

/// Status, headers and body as they are, but for what is about the backend's connection; names are spelled as API Gateway does.
fn passed_on(reply: IntegrationReply) -> Response {
    let passed = reply
        .headers
        .0
        .into_iter()
        .filter(|line| !is_of_the_connection(&line.name) && !line.name.eq_ignore_ascii_case(b"date"));
    let spelled = passed.map(|line| Header { name: canonical(&line.name).into(), value: line.value });
    Response { status: reply.status, headers: Headers(spelled.collect()), body: reply.body }
}
