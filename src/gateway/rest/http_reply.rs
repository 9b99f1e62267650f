//! What the backend of an HTTP_PROXY integration answered, passed on to the client.

use crate::exchange::call::IntegrationReply;
use crate::http1::message::{Headers, Response};
use crate::mapping::header::{self, Fate};

/// Status and body as they are; of the headers those that belong to a connection are renamed (recorded on AWS).
pub fn pass_on(reply: IntegrationReply) -> Response {
    let mut headers = Headers::default();
    for line in reply.headers.0 {
        match header::fate_from_http_proxy(&line.name) {
            Fate::Sent => headers.0.push(line),
            Fate::Renamed => headers.push(header::renamed(&line.name), line.value),
            Fate::Dropped => {}
        }
    }
    if !headers.contains("content-type") {
        headers.push("Content-Type", "application/json");
    }
    Response { status: reply.status, headers, body: reply.body }
}
