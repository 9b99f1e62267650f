//! MOCK: the rendered request template says which status the backend that does not exist answered with.

use bytes::Bytes;

use crate::exchange::call::{IntegrationCall, IntegrationReply};
use crate::failure::Failure;
use crate::value::{Value, json};

/// The status in a rendered request template. Text before the JSON object is tolerated, as are keys without quotes
/// (recorded on AWS).
pub fn status(rendered: &str) -> Result<u16, Failure> {
    let object = rendered.find('{').and_then(|at| json::parse(&rendered[at..]).ok());
    let status = match object {
        Some(Value::Map(map)) => map.get("statusCode"),
        _ => None,
    };
    let status = match status {
        Some(Value::Int(status)) => u16::try_from(status).ok(),
        Some(Value::Long(status)) => u16::try_from(status).ok(),
        _ => None,
    };
    status.ok_or_else(|| Failure::Configuration(UNPARSABLE.into()))
}

const UNPARSABLE: &str = "Unable to parse statusCode. It should be an integer that is defined in the request template.";

/// The status as a call's body: decimal digits, or nothing for the default response.
pub fn body(status: Option<u16>) -> Bytes {
    status.map(|status| Bytes::from(status.to_string())).unwrap_or_default()
}

/// What nobody answers to a MOCK call: its status, 0 for the default response, and no body.
pub fn reply(call: &IntegrationCall) -> IntegrationReply {
    let status = std::str::from_utf8(&call.body).ok().and_then(|digits| digits.parse().ok());
    IntegrationReply { status: status.unwrap_or_default(), ..IntegrationReply::default() }
}
