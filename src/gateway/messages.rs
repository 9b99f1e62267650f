//! Messages of an exchange as lines of a log, secrets hidden: what was sent to a backend, and what came back.

use std::fmt;

use crate::exchange::call::{IntegrationCall, IntegrationReply, Target};
use crate::exchange::exchange::Exchange;
use crate::exchange::masking::Masking;

/// What was sent. An event is JSON in which the whole request stands.
pub(crate) fn call(region: &str, call: &IntegrationCall, is_event: bool, masking: &Masking<'_>, log: &mut Vec<String>) {
    let uri = match &call.target {
        Target::Function { arn, .. } => {
            let (version, action) = match call.streamed {
                true => ("2021-11-15", "response-streaming-invocations"),
                false => ("2015-03-31", "invocations"),
            };
            format!("https://lambda.{region}.amazonaws.com/{version}/functions/{arn}/{action}")
        }
        Target::Http { uri, .. } => masking.uri(uri),
    };
    let shown = match is_event {
        true => masking.event(&call.body),
        false => masking.body(&call.body, is_bytes(&call.body)),
    };
    log.extend([
        format!("Endpoint request URI: {uri}"),
        format!("Endpoint request headers: {}", Pairs(masking.headers(call.target.headers()))),
        format!("Endpoint request body after transformations: {shown}"),
        format!("Sending request to {uri}"),
    ]);
}

/// What came back.
pub(crate) fn reply(reply: &IntegrationReply, exchange: &Exchange, masking: &Masking<'_>, log: &mut Vec<String>) {
    let latency = exchange.integration_latency.unwrap_or_default().as_millis();
    log.extend([
        format!("Received response. Status: {}, Integration latency: {latency} ms", reply.status),
        format!("Endpoint response headers: {}", Pairs(masking.headers(&reply.headers))),
    ]);
    if let Some(metadata) = &reply.metadata {
        // Not in API Gateway's log.
        log.push(format!("Endpoint response metadata: {}", masking.body(metadata, is_bytes(metadata))));
    }
    log.extend([format!(
        "Endpoint response body before transformations: {}",
        masking.body(reply.body.whole(), is_bytes(reply.body.whole()))
    )]);
}

/// What went wrong on purpose: whatever stands behind it was not sent.
pub(crate) fn fault(exchange: &Exchange, log: &mut Vec<String>) {
    if let Some(fault) = &exchange.fault {
        log.push(format!("Fault on purpose: {}; nothing is called", fault.cause.as_str()));
    }
}

/// Whether a body is no text.
pub(crate) fn is_bytes(body: &[u8]) -> bool {
    std::str::from_utf8(body).is_err()
}

/// `{k=v, k2=v2}`, as Java prints a map.
pub(crate) struct Pairs(pub Vec<(String, String)>);

impl fmt::Display for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, (name, value)) in self.0.iter().enumerate() {
            write!(f, "{}{name}={value}", if i == 0 { "" } else { ", " })?;
        }
        f.write_str("}")
    }
}
