//! Mapping templates that name what API Gateway does not have, or whose media type the client never sees.

use crate::api::{ContentHandling, IntegrationType, MediaTypes};
use crate::config::definition::written::{Integration, IntegrationResponse, Text};
use crate::config::document::{Report, nearest};

const UTIL: &[&str] = &["escapeJavaScript", "parseJson", "urlEncode", "urlDecode", "base64Encode", "base64Decode"];
const INPUT: &[&str] = &["body", "json", "path", "params"];

/// The request templates of an integration.
pub(crate) fn request(written: &Integration, report: &Report) {
    for (_, text) in &written.request_templates {
        members(text, report);
    }
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
pub(crate) fn response(response: &IntegrationResponse, report: &Report) {
    for (_, text) in &response.templates {
        members(text, report);
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

/// `$util.toJson` and its like are AppSync's: here they print nothing.
fn members(text: &Text, report: &Report) {
    for (object, known) in [("util", UTIL), ("input", INPUT)] {
        let mut unknown: Vec<&str> = uses(&text.value, object).filter(|name| !known.contains(name)).collect();
        unknown.dedup();
        for name in unknown {
            let hint = nearest(name, known).map(|n| format!("; the nearest is `${object}.{n}`")).unwrap_or_default();
            let message = format!("API Gateway has no `${object}.{name}`: it prints nothing{hint}");
            report.warning(&text.place, "unknown-member", message);
        }
    }
}

/// The members of `$object.member` in a template, its comments left out.
fn uses<'a>(template: &'a str, object: &'static str) -> impl Iterator<Item = &'a str> {
    let code = template.lines().map(|line| line.split("##").next().unwrap_or_default());
    code.flat_map(move |line| {
        line.split('$').skip(1).filter_map(move |rest| {
            let rest = rest.trim_start_matches(['!', '{']);
            let member = rest.strip_prefix(object)?.strip_prefix('.')?;
            let end = member.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(member.len());
            member.get(..end).filter(|name| !name.is_empty())
        })
    })
}
