//! Mapping templates that name what API Gateway does not have, or whose media type the client never sees.

use super::file::{Integration, IntegrationResponse, Text};
use super::nearest::nearest;
use super::report::Report;

const UTIL: &[&str] = &["escapeJavaScript", "parseJson", "urlEncode", "urlDecode", "base64Encode", "base64Decode"];
const INPUT: &[&str] = &["body", "json", "path", "params"];

/// The request templates of an integration.
pub fn request(written: &Integration, report: &Report) {
    for (_, text) in &written.request_templates {
        members(text, report);
    }
}

/// The templates of an integration response.
pub fn response(response: &IntegrationResponse, report: &Report) {
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
