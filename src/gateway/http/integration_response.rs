//! What becomes of the backend's reply: a function's payload is read, any other answer passes; then mappings change it.

use super::reply;
use crate::api::{HttpApi, HttpCall, HttpRoute};
use crate::exchange::call::IntegrationReply;
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;
use crate::http1::head::is_of_the_connection;
use crate::http1::message::{Headers, Response};
use crate::integration::Payload;
use crate::json_text::ReadAhead;

/// Makes the response of a reply.
pub(crate) fn render(
    _: &HttpApi,
    route: &HttpRoute,
    exchange: &mut Exchange,
    reply: IntegrationReply,
) -> Result<Response, Failure> {
    match &route.integration.call {
        HttpCall::Function { format, .. } => {
            if reply.function_error {
                let message = Payload::read(reply.body.whole()).selection_text().into_owned();
                return Err(Failure::FunctionError { message });
            }
            let answer = reply::read(*format, reply.body.whole(), &ReadAhead::default())?;
            exchange.function_status = Some(answer.response.status);
            exchange.decisions.masked = answer.masked;
            Ok(answer.response)
        }
        HttpCall::Http { .. } | HttpCall::Service { .. } | HttpCall::Nothing => Ok(passed_on(reply)),
    }
}

/// Status, headers and body as they are, but for what is about the backend's connection.
fn passed_on(reply: IntegrationReply) -> Response {
    let passed = reply.headers.0.into_iter().filter(|line| !is_of_the_connection(&line.name));
    Response { status: reply.status, headers: Headers(passed.collect()), body: reply.body }
}
