//! Bounds of a request.

use crate::failure::Failure;
use crate::http1::message::{Header, Request};

/// How large requests and events may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request body, decompressed.
    pub request_body: usize,
    /// Bytes of an event for a function.
    pub event: usize,
    /// Bytes of all header lines.
    pub header_bytes: usize,
    /// Bytes of the request target.
    pub uri_bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { request_body: 10_485_760, event: 6_291_456, header_bytes: 10_240, uri_bytes: 10_240 }
    }
}

impl Limits {
    /// Refuses a request that is over one of them.
    pub fn check(&self, request: &Request) -> Result<(), Failure> {
        let line = |line: &Header| line.name.len() + line.value.len();
        if request.path.len() + request.query.as_ref().map_or(0, String::len) > self.uri_bytes {
            Err(Failure::UriTooLong)
        } else if request.headers.0.iter().map(line).sum::<usize>() > self.header_bytes {
            Err(Failure::HeadTooLarge)
        } else if request.body.len() > self.request_body {
            Err(Failure::RequestTooLarge)
        } else {
            Ok(())
        }
    }
}
