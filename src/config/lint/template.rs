//! Mapping templates that name what API Gateway does not have, or whose media type the client never sees.

use super::condition;
use super::escaping::is_json;
use super::names::{self, Known};
use super::reference::{Reference, Step, code, literal, references, set_names};
use crate::api::{ContentHandling, IntegrationType, MediaTypes};
use crate::config::definition::written::{Integration, IntegrationResponse, Text};
use crate::config::document::Report;

/// The request templates of an integration.
pub(super) fn request(written: &Integration, known: &Known<'_>, report: &Report) {
    for (media_type, text) in &written.request_templates {
        check(media_type, text, known, report);
    }
}

fn check(media_type: &str, text: &Text, known: &Known<'_>, report: &Report) {
    let is_json = is_json(media_type);
    if known.quiet.is_quiet(&text.value, is_json) {
        // A parameter is another method's perhaps.
        if text.value.contains("params") {
            names::template(text, known, report);
        }
        return;
    }
    let before = report.count();
    if is_json {
        names::placeholder(text, report);
    }
    if text.value.contains(['$', '#']) {
        names::template(text, known, report);
        condition::check(text, report);
    }
    known.quiet.remember(&text.value, is_json, report.count() == before);
}

/// The request templates of an integration whose bodies are bytes by then, which no template can read.
pub(crate) fn of_bytes(kind: IntegrationType, written: &Integration, binary: &MediaTypes, report: &Report) {
    if matches!(kind, IntegrationType::AwsProxy | IntegrationType::HttpProxy) {
        return;
    }
    let is_bytes = |media_type: &str| match written.content_handling {
        None => binary.contains(media_type),
        Some(handling) => handling == ContentHandling::ConvertToBinary,
    };
    for (media_type, text) in written.request_templates.iter().filter(|(media_type, _)| is_bytes(media_type)) {
        let message = format!(
            "a body of type `{media_type}` is binary here, which no template can read: every such request is answered 500; \
             `contentHandling: CONVERT_TO_TEXT` helps"
        );
        report.warning(&text.place, "binary-template", message);
    }
}

/// The templates of an integration response.
pub(super) fn response(response: &IntegrationResponse, known: &Known<'_>, report: &Report) {
    for (media_type, text) in &response.templates {
        check(media_type, text, known, report);
    }
    let is_json = |media_type: &str| media_type.eq_ignore_ascii_case("application/json");
    let mapped = response.parameters.iter().any(|(key, _)| {
        key.strip_prefix("method.response.header.").is_some_and(|name| name.eq_ignore_ascii_case("content-type"))
    });
    if mapped || response.templates.iter().any(|(media_type, _)| is_json(media_type)) {
        return;
    }
    let other = response.templates.iter().find(|(_, text)| !text.value.contains("responseOverride.header"));
    if let Some((media_type, text)) = other {
        let message = format!(
            "the answer's `Content-Type` stays `application/json`; map `method.response.header.Content-Type` to \"'{media_type}'\""
        );
        report.note(&text.place, "content-type", message);
    }
}

/// Whether a template reads parts of the body, asks for no error, and does not pass the whole on.
pub(super) fn picks_fields(template: &str) -> bool {
    let code = code(template);
    let is_told = ["error", "Error", "$input.json('$')", "$input.json(\"$\")", "$input.body"];
    if is_told.iter().any(|text| code.contains(text)) {
        return false;
    }
    let references = references(&code);
    let of_input = |reference: &&Reference<'_>| reference.root == "input";
    let reads_part = references.iter().filter(of_input).any(|reference| match reference.steps.as_slice() {
        [Step::Call("path" | "json", argument)] => literal(argument).is_some_and(|path| path != "$"),
        [Step::Call("path", _), _, ..] => true,
        _ => false,
    });
    let set = set_names(&code, &references);
    let of_variable = |reference: &Reference<'_>| set.contains(&reference.root) && !reference.path().is_empty();
    reads_part || (code.contains("$input.path('$')") && references.iter().any(of_variable))
}
