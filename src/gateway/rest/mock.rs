//! MOCK: the rendered request template says which status the backend that does not exist answered with.

use crate::exchange::call::IntegrationReply;
use crate::failure::Failure;
use crate::value::{Value, json};

/// The status in a rendered request template. Text before the JSON object is tolerated, as are keys without quotes
/// (recorded on AWS).
pub(crate) fn status(rendered: &str) -> Result<u16, Failure> {
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

/// What nobody answers to MOCK: that status, 0 for the default response, and no body.
pub(crate) fn reply(status: Option<u16>) -> IntegrationReply {
    IntegrationReply { status: status.unwrap_or_default(), ..IntegrationReply::default() }
}
