//! Bodies of types that nobody thought of: past the validator, or to a function that reads JSON alone.

use crate::api::{Endpoint, Integration, IntegrationType, MediaTypes, PassthroughBehavior};
use crate::config::definition::written::{self, Route};
use crate::config::document::Report;

/// A method's request bodies.
pub(super) fn check(route: &Route, written: &written::Integration, integration: &Integration, report: &Report) {
    unchecked(route, written, integration.kind, report);
    if integration.kind == IntegrationType::Aws && matches!(integration.endpoint, Endpoint::Lambda(_)) {
        no_event(route, written, report);
    }
}

/// Whether a body that no template takes reaches the backend.
fn passes(written: &written::Integration, kind: IntegrationType) -> bool {
    match (kind, written.passthrough_behavior) {
        (IntegrationType::AwsProxy | IntegrationType::HttpProxy, _) | (_, PassthroughBehavior::WhenNoMatch) => true,
        (_, PassthroughBehavior::WhenNoTemplates) => written.request_templates.is_empty(),
        (_, PassthroughBehavior::Never) => false,
    }
}

/// A validator looks at the model of the body's type, and at nothing when there is none (fact `body-model`).
fn unchecked(route: &Route, written: &written::Integration, kind: IntegrationType, report: &Report) {
    let is_for_all = |media_type: &str| matches!(media_type, "$default" | "*/*");
    if !route.validator.body || route.models.is_empty() || kind == IntegrationType::Mock {
        return;
    }
    if passes(written, kind) && !route.models.iter().any(|(media_type, _)| is_for_all(media_type)) {
        let types: Vec<String> = route.models.iter().map(|(media_type, _)| format!("`{media_type}`")).collect();
        let message =
            format!("bodies of other types than {} reach the backend without being checked", types.join(", "));
        report.note(&route.place, "unchecked-body", message);
    }
}

/// Declared types that are not JSON and that no template takes.
fn no_event(route: &Route, written: &written::Integration, report: &Report) {
    if route.models.is_empty() || !passes(written, IntegrationType::Aws) {
        return;
    }
    let templates = written.request_templates.iter().map(|(media_type, _)| media_type.to_string()).collect();
    let templates = MediaTypes::new(templates);
    let is_json =
        |media_type: &str| media_type.to_ascii_lowercase().contains("json") || media_type.contains(['*', '$']);
    let types = route.models.iter().map(|(media_type, _)| media_type);
    let bare: Vec<String> =
        types.filter(|t| !is_json(t) && !templates.contains(t)).map(|media_type| format!("`{media_type}`")).collect();
    if !bare.is_empty() {
        let message = format!(
            "a body of type {} passes to the function as it is, which is no JSON: the answer is a 400; `requestTemplates` need one for it",
            bare.join(" or ")
        );
        report.warning(&written.place, "passthrough-not-json", message);
    }
}
