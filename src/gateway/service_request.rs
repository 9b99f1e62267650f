//! What API Gateway adds to a call of an AWS service whose uri names an action.

use crate::api::ServiceRef;
use crate::mapping::parameter::Mapped;

/// The `action/NAME` form of a uri is the `Action` parameter, and for a service with a JSON protocol the header that says
/// the same, with the content type that goes with it. What the definition maps itself wins.
pub fn with_action(service: &ServiceRef, mut mapped: Mapped) -> Mapped {
    let Some(action) = &service.action else { return mapped };
    if !mapped.query.iter().any(|(name, _)| name == "Action") {
        mapped.query.insert(0, ("Action".into(), action.to_string()));
    }
    let Some(target) = &service.target else { return mapped };
    if !mapped.headers.contains("x-amz-target") {
        mapped.headers.push("X-Amz-Target", target.to_string());
    }
    if !mapped.headers.contains("content-type") {
        // The two services that stayed with the first version of the protocol.
        let version = if ["DynamoDB", "AWSStep"].iter().any(|first| target.starts_with(first)) { "1.0" } else { "1.1" };
        mapped.headers.push("Content-Type", format!("application/x-amz-json-{version}"));
    }
    mapped
}
