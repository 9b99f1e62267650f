//! How large a request may be.

use crate::config::settings::Limits;
use crate::failure::Failure;
use crate::http1::message::{Header, Request};

/// Refuses a request that is over the bounds of its parts.
pub(crate) fn check(limits: &Limits, request: &Request) -> Result<(), Failure> {
    let line = |line: &Header| line.name.len() + line.value.len();
    if request.path.len() + request.query.as_ref().map_or(0, String::len) > limits.uri_bytes {
        Err(Failure::UriTooLong)
    } else if request.headers.0.iter().map(line).sum::<usize>() > limits.header_bytes {
        Err(Failure::HeadTooLarge)
    } else if request.body.len() > limits.request_body {
        Err(Failure::RequestTooLarge)
    } else {
        Ok(())
    }
}
