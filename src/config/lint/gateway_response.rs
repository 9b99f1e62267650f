//! Templates of gateway responses, which are no VTL: references are replaced, and that is all (fact `gateway-templates`).

use super::names;
use super::reference::references;
use crate::config::definition::written::{GatewayResponse, Text};
use crate::config::document::Report;

/// A customised gateway response.
pub(crate) fn gateway_response(written: &GatewayResponse, report: &Report) {
    for (media_type, text) in &written.templates {
        velocity(text, report);
        names::gateway_template(text, report);
        if media_type.to_ascii_lowercase().contains("json") {
            quotes(text, report);
        }
    }
}

/// The first of what only Velocity would run.
fn velocity(text: &Text, report: &Report) {
    for (n, line) in text.value.lines().enumerate() {
        let directive = ["#if", "#set", "#foreach", "#macro"]
            .into_iter()
            .find(|word| line.match_indices(word).any(|(at, _)| line[at + word.len()..].trim_start().starts_with('(')));
        let function = references(line).into_iter().find(|r| matches!(r.root, "input" | "util")).map(|r| r.text);
        if let Some(found) = directive.or(function) {
            let message = format!(
                "`{found}` is sent as it is: gateway responses run no VTL, they put in `$context.…`, `$stageVariables.…` and `$method.request.…`"
            );
            report.warning(&text.line(n + 1), "gateway-response-vtl", message);
            return;
        }
    }
}

/// `messageString` has quotes of its own, `message` has none (fact `context-error-string`).
fn quotes(text: &Text, report: &Report) {
    for reference in references(&text.value) {
        if reference.root != "context" {
            continue;
        }
        let in_string = is_in_string(&text.value[..reference.start]);
        let message = match reference.path().as_slice() {
            ["error", "messageString"] if in_string => {
                "`$context.error.messageString` has quotes of its own: leave out those around it, or the answer is no JSON"
            }
            ["error", "message"] if !in_string => {
                "`$context.error.message` has no quotes: the answer is no JSON; `$context.error.messageString` has them"
            }
            _ => continue,
        };
        report.warning(&text.line(reference.line), "message-quotes", message.to_owned());
    }
}

/// Whether a JSON string is open behind this text.
fn is_in_string(text: &str) -> bool {
    let (mut open, mut escaped) = (false, false);
    for byte in text.bytes() {
        open ^= byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
    }
    open
}
