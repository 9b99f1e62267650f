//! Integration responses: statuses nobody declared, responses never chosen, errors that clients do not see.

use super::escaping;
use super::names::Known;
use super::pattern::{self, Reach};
use super::probe::{PathParameters, Probes};
use super::template;
use crate::api::{Endpoint, Integration};
use crate::config::definition::written::{self, Route, Text};
use crate::config::document::Report;

/// The responses of a custom or MOCK integration, in the order in which they are tried.
pub(crate) fn check(
    known: &Known<'_>,
    (path, parameters): (&str, &PathParameters<'_>),
    written: &written::Integration,
    integration: &Integration,
    probes: &Probes,
    report: &Report,
) {
    let is_lambda = matches!(integration.endpoint, Endpoint::Lambda(_));
    let mut responses: Vec<&written::IntegrationResponse> = written.responses.iter().collect();
    responses.sort_by_key(|r| (r.pattern.is_none(), r.status));
    has_default(known, path, written, (&responses, is_lambda), report);
    reachable(&responses, is_lambda, report);
    for (n, response) in responses.iter().enumerate() {
        if let Some(pattern) = &response.pattern {
            let compiled = integration.responses.iter().filter_map(|r| r.selection_pattern.as_ref());
            let compiled = compiled.into_iter().find(|p| p.source() == pattern.value);
            pattern::check(pattern, compiled, is_lambda, report);
        }
        if let Some(other) = responses[..n].iter().find(|earlier| earlier.status == response.status) {
            let (status, line) = (response.status, other.place.line);
            let message =
                format!("status {status} is that of the response on line {line} too: API Gateway keeps one per status");
            report.warning(&response.place, "duplicate-status", message);
        }
        declared(known.route, response, report);
        template::response(response, known, report);
        escaping::response(parameters, response, integration, probes, report);
    }
}

fn has_default(
    known: &Known<'_>,
    path: &str,
    written: &written::Integration,
    (responses, is_lambda): (&[&written::IntegrationResponse], bool),
    report: &Report,
) {
    if responses.is_empty() {
        let message = format!("no integration response: every request to `{path}` is answered 500");
        report.warning(&written.place, "no-responses", message);
        return;
    }
    let catches = |r: &&written::IntegrationResponse| {
        r.pattern.as_ref().is_none_or(|p| pattern::reach(&p.value, is_lambda) == Reach::All)
    };
    if !responses.iter().any(catches) {
        let message = "no default response: an answer that no pattern matches is a 500".to_owned();
        if is_lambda {
            report.warning(&written.place, "no-default-response", message);
        } else {
            report.note(&written.place, "no-default-response", message);
        }
        return;
    }
    if !is_lambda || hollow(known, responses, report) {
        return;
    }
    if let [only] = responses
        && only.status < 400
    {
        let message = format!("the only response is {}: clients see it when the function fails too", only.status);
        report.note(&only.place, "errors-hidden", message);
    }
}

/// A default of 2xx that picks fields of the success out: of a failed function's answer there are none of them, and the client
/// gets a success with nothing in it.
fn hollow(known: &Known<'_>, responses: &[&written::IntegrationResponse], report: &Report) -> bool {
    let reach = |r: &written::IntegrationResponse| r.pattern.as_ref().map(|p| pattern::reach(&p.value, true));
    let Some(default) = responses.iter().find(|r| reach(r).is_none()).filter(|r| r.status < 300) else { return false };
    if responses.iter().any(|r| matches!(reach(r), Some(Reach::All | Reach::Errors))) {
        return false;
    }
    let picks_fields = |text: &str| known.quiet.picks_fields(text, || template::picks_fields(text));
    let Some((_, text)) = default.templates.iter().find(|(_, text)| picks_fields(&text.value)) else {
        return false;
    };
    let status = default.status;
    let message = format!(
        "a function that fails is a {status} here, without the fields that this template reads: a response with the pattern `(\\n|.)+` takes every error"
    );
    report.warning(&text.place, "hollow-success", message);
    true
}

fn reachable(responses: &[&written::IntegrationResponse], is_lambda: bool, report: &Report) {
    let mut taken: Option<(&Text, Reach, u16)> = None;
    for (n, response) in responses.iter().enumerate() {
        let twin = response.pattern.as_ref().and_then(|pattern| {
            let earlier = responses[..n].iter().filter_map(|r| Some((r.pattern.as_ref()?, r.status)));
            earlier.into_iter().find(|(p, _)| p.value == pattern.value)
        });
        let first = match taken {
            Some((text, Reach::All, status)) => Some((text, status)),
            Some((text, Reach::Errors, status)) if response.pattern.is_some() => Some((text, status)),
            _ => twin,
        };
        if let Some((text, status)) = first {
            let message = format!(
                "never chosen: `{}` of status {status} takes all that comes here, as the lower status is tried first",
                text.value
            );
            report.warning(&response.place, "unreachable-response", message);
        }
        let Some(pattern) = &response.pattern else { continue };
        let reach = pattern::reach(&pattern.value, is_lambda);
        if reach != Reach::Some && taken.is_none_or(|(_, earlier, _)| earlier != Reach::All) {
            taken = Some((pattern, reach, response.status));
        }
    }
}

/// A chosen status that the method does not declare is a 500 for the client; the import does not mind ("Output mapping refers to
/// an invalid method response" is what others have seen in their logs).
fn declared(route: &Route, response: &written::IntegrationResponse, report: &Report) {
    let Some(method) = route.responses.iter().find(|r| r.status == response.status) else {
        let message = format!("status {} is not among the method's responses: choosing it is a 500", response.status);
        report.warning(&response.place, "undeclared-status", message);
        return;
    };
    if !route.imported && method.headers.is_empty() {
        return;
    }
    for (key, text) in &response.parameters {
        let Some(name) = key.strip_prefix("method.response.header.") else { continue };
        if !method.headers.iter().any(|h| h.eq_ignore_ascii_case(name)) {
            let message =
                format!("header `{name}` is not declared for status {}: API Gateway refuses it", response.status);
            report.warning(&text.place, "undeclared-header", message);
        }
    }
}
