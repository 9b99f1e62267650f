//! Templates that print no JSON: texts that are not escaped, and quotes around what has its own.

use super::probe::{Fault, Kind, Mark, PathParameters, Probes};
use crate::api::{Endpoint, Integration, IntegrationType, MappingTemplate, Templates};
use crate::config::definition::written::{self, Text};
use crate::config::document::{Report, Severity};

/// What becomes of text that is no JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// Lambda refuses it (fact `invalid-event-400`).
    Event,
    /// A backend gets it as it is.
    Body,
    /// A client gets it as it is.
    Answer,
}

impl Side {
    fn outcome(self) -> &'static str {
        match self {
            Side::Event => "the event is no JSON and the answer a 400",
            Side::Body => "the backend gets what is no JSON",
            Side::Answer => "the client gets what is no JSON",
        }
    }

    /// Clients can send what they like; what a backend answers is the author's own.
    fn severity(self) -> Severity {
        if self == Side::Answer { Severity::Note } else { Severity::Warning }
    }
}

/// The request templates of an integration on this path.
pub(super) fn request(
    parameters: &PathParameters<'_>,
    written: &written::Integration,
    integration: &Integration,
    probes: &Probes,
    report: &Report,
) {
    // A mock's body is read for its status only.
    if integration.kind == IntegrationType::Mock {
        return;
    }
    let side = if matches!(integration.endpoint, Endpoint::Lambda(_)) { Side::Event } else { Side::Body };
    for (media_type, text) in &written.request_templates {
        if side == Side::Event || is_json(media_type) {
            check(parameters, text, compiled(text, &integration.request_templates), side, probes, report);
        }
    }
}

/// The templates of an integration response.
pub(super) fn response(
    parameters: &PathParameters<'_>,
    written: &written::IntegrationResponse,
    integration: &Integration,
    probes: &Probes,
    report: &Report,
) {
    for (_, text) in written.templates.iter().filter(|(media_type, _)| is_json(media_type)) {
        let template = integration.responses.iter().find_map(|response| compiled(text, &response.response_templates));
        check(parameters, text, template, Side::Answer, probes, report);
    }
}

/// Whether a media type is one of JSON's.
pub(super) fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type.as_bytes().windows(4).any(|four| four.eq_ignore_ascii_case(b"json"))
}

fn compiled<'a>(text: &Text, templates: &'a Templates) -> Option<&'a MappingTemplate> {
    templates.iter().map(|(_, template)| template).find(|template| *template.source == text.value)
}

fn check(
    parameters: &PathParameters<'_>,
    text: &Text,
    template: Option<&MappingTemplate>,
    side: Side,
    probes: &Probes,
    report: &Report,
) {
    let Some(template) = template.and_then(|found| found.template.as_ref()) else { return };
    let Some(verdict) = probes.of(template, parameters) else { return };
    if !verdict.is_json {
        // What a branch prints that was not taken is not known.
        if (verdict.looks_like_json || side == Side::Event) && !branches(&text.value) {
            let message = format!("whatever the request, {}", side.outcome());
            report.warning(&text.place, "template-not-json", message);
        }
        return;
    }
    if !verdict.looks_like_json {
        return;
    }
    for kind in [Fault::JsonInQuotes, Fault::Unescaped, Fault::Apostrophe] {
        let marks: Vec<&Mark> = verdict.faults.iter().filter(|(fault, _)| *fault == kind).map(|(_, m)| m).collect();
        if let Some(first) = marks.first() {
            tell(kind, first, marks.len() - 1, text, side, report);
        }
    }
}

/// One finding a template and kind: the first place, and how many there are.
fn tell(fault: Fault, mark: &Mark, others: usize, text: &Text, side: Side, report: &Report) {
    let place = text.line(line_of(&mark.name, &text.value));
    let others = if others == 0 { String::new() } else { format!(" (and {others} more like it)") };
    let Mark { name, kind } = mark;
    let outcome = side.outcome();
    match fault {
        Fault::JsonInQuotes => {
            let message = format!("`{name}`{others} has quotes of its own: leave out those around it, or {outcome}");
            report.warning(&place, "json-in-quotes", message);
        }
        Fault::Unescaped => {
            let message = format!(
                "`{name}`{others} stands in a JSON string as it is: with a `\"` or a line break in it {outcome}; \
                 `$util.escapeJavaScript(…).replaceAll(\"\\\\'\", \"'\")` escapes it"
            );
            report.add(side.severity(), &place, "unescaped-text", message);
        }
        Fault::Apostrophe => {
            let who = if *kind == Kind::PathParameter { "a path parameter's" } else { "an" };
            let message = format!(
                "`$util.escapeJavaScript` of `{name}`{others} writes {who} apostrophe as `\\'`, which JSON does not have: {outcome}; \
                 append `.replaceAll(\"\\\\'\", \"'\")`"
            );
            report.add(side.severity(), &place, "escaped-apostrophe", message);
        }
    }
}

/// Whether a template may print something else for another request.
fn branches(template: &str) -> bool {
    ["if", "foreach", "macro", "define", "evaluate", "stop", "break", "parse", "include"]
        .iter()
        .any(|word| template.contains(&format!("#{word}")) || template.contains(&format!("#{{{word}")))
}

/// The line of a template on which a name stands; what stands behind a variable is told by its last step.
fn line_of(name: &str, template: &str) -> usize {
    let whole = name.trim_start_matches('$');
    let in_double_quotes = whole.replace('\'', "\"");
    let last = name.rsplit(['.', '\'']).find(|step| !step.is_empty() && *step != ")").unwrap_or(name);
    let line = |wanted: &dyn Fn(&str) -> bool| template.lines().position(wanted);
    // Where it is set nothing is printed.
    let prints = |line: &str| !line.trim_start().starts_with('#');
    line(&|line| prints(line) && (line.contains(whole) || line.contains(&in_double_quotes)))
        .or_else(|| line(&|line| prints(line) && line.contains(last)))
        .or_else(|| line(&|line| line.contains(last)))
        .map_or(0, |n| n + 1)
}
