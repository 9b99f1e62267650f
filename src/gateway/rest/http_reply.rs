//! What the backend of an HTTP_PROXY integration answered, passed on to the client.

use crate::exchange::call::IntegrationReply;
use crate::http1::message::{Headers, Response};
use crate::mapping::header::fate_from_http_proxy;

/// Status and body as they are; of the headers those that belong to a connection are renamed (recorded on AWS).
pub(crate) fn pass_on(reply: IntegrationReply) -> Response {
    let passed = reply.headers.0.into_iter().filter_map(|line| fate_from_http_proxy(&line.name).apply(line));
    let mut headers = Headers(passed.collect());
    if !headers.contains("content-type") {
        headers.push("Content-Type", "application/json");
    }
    Response { status: reply.status, headers, body: reply.body }
}
