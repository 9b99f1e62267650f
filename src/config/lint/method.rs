//! One method: what its integration says that API Gateway refuses, ignores, or cannot serve.

use indexmap::IndexMap;

use super::names::{self, Known};
use super::probe::{PathParameters, Probes};
use super::{body, escaping, response, template};
use crate::api::{
    Authorization, Endpoint, HttpMethod, Integration, IntegrationType, MediaTypes, Method, ParameterLocation,
    PassthroughBehavior, RequestParameter, UriPart,
};
use crate::config::definition::written::{self, Route, Text};
use crate::config::document::Report;

/// One method.
pub(crate) fn method(
    route: &Route,
    path: &str,
    integration: &Integration,
    variables: &IndexMap<String, String>,
    probes: &Probes,
    report: &Report,
) {
    guarded_preflight(route, path, report);
    let Some(written) = &route.integration else { return };
    timeout(written, report);
    illegal_header(written, integration, report);
    if integration.broken.is_some() {
        return;
    }
    unmapped_placeholder(written, integration, report);
    undeclared_parameter(route, written, report);
    body::check(route, written, integration, report);
    let is_proxy = matches!(integration.kind, IntegrationType::AwsProxy | IntegrationType::HttpProxy);
    names::declared_parameters(route, is_proxy || integration.kind == IntegrationType::Mock, report);
    if is_proxy {
        ignored_by_proxy(integration.kind, written, report);
    } else {
        custom(&Known { route, variables, quiet: &probes.quiet }, path, written, integration, probes, report);
    }
}

/// Request templates that meet bytes instead of a text: under `*/*` every one, a preflight's too.
pub(crate) fn templates_of_bytes(route: &Route, method: &Method, binary: &MediaTypes, report: &Report) {
    if let Some(written) = &route.integration {
        template::of_bytes(method.integration.kind, written, binary, report);
    }
}

/// A browser sends no credentials with a preflight.
fn guarded_preflight(route: &Route, path: &str, report: &Report) {
    let is_guarded = route.authorization != Authorization::None || route.api_key_required;
    if route.method == HttpMethod::Options && is_guarded {
        let message = format!("no browser's preflight of `{path}` can pass: it carries no credentials");
        report.warning(&route.place, "guarded-preflight", message);
    }
}

/// 50 ms to 29 s are the documented bounds, and 15 minutes for an answer that streams; since June 2024 an account may have a longer one for regional and private APIs.
fn timeout(written: &written::Integration, report: &Report) {
    let Some((millis, place)) = &written.timeout else { return };
    if *millis > 29_000 && written.streamed.is_none() {
        let message = format!("{millis} ms is over API Gateway's 29 s: it needs a raised quota there");
        report.warning(place, "timeout", message);
    } else if *millis < 50 {
        report.warning(place, "timeout", format!("{millis} ms is under API Gateway's least, 50 ms"));
    }
}

fn illegal_header(written: &written::Integration, integration: &Integration, report: &Report) {
    let Some(name) = &integration.illegal_header else { return };
    let key = format!("integration.request.header.{name}");
    let place = written.request_parameters.iter().find(|(k, _)| *k == key).map(|(_, text)| &text.place);
    let message = format!("API Gateway refuses to map header `{name}`: every request is answered 500");
    report.warning(place.unwrap_or(&written.place), "illegal-header", message);
}

fn unmapped_placeholder(written: &written::Integration, integration: &Integration, report: &Report) {
    let uri = match &integration.endpoint {
        Endpoint::Http(uri) => uri,
        Endpoint::Service(service) => &service.uri,
        _ => return,
    };
    let overridden = written.request_templates.iter().any(|(_, text)| text.value.contains("requestOverride"));
    for part in &uri.parts {
        let UriPart::Placeholder(name) = part else { continue };
        let key = format!("integration.request.path.{name}");
        if overridden || written.request_parameters.iter().any(|(k, _)| *k == key) {
            continue;
        }
        let message = format!(
            "`{{{name}}}` is filled by `{key}` only, which nothing is mapped to: every request is answered 500"
        );
        report.warning(written.uri.as_ref().map_or(&written.place, |uri| &uri.place), "unmapped-placeholder", message);
    }
}

/// A native route need not declare what it maps.
fn undeclared_parameter(route: &Route, written: &written::Integration, report: &Report) {
    use ParameterLocation as L;
    for (_, text) in written.request_parameters.iter().filter(|_| route.imported) {
        let Some(source) = text.value.strip_prefix("method.request.") else { continue };
        let (location, name) = match source.split_once('.') {
            Some(("path", name)) => (L::Path, name),
            Some(("querystring" | "multivaluequerystring", name)) => (L::QueryString, name),
            Some(("header" | "multivalueheader", name)) => (L::Header, name),
            _ => continue,
        };
        let declares = |p: &RequestParameter| p.location == location && p.name.eq_ignore_ascii_case(name);
        if !route.parameters.iter().any(declares) {
            let message = format!("`{}` is not among the method's parameters: API Gateway refuses it", text.value);
            report.warning(&text.place, "undeclared-parameter", message);
        }
    }
}

/// What maps a header of the Invoke request, of Lambda proxies too: a tenant, the client context.
const HEADER: &str = "integration.request.header.";

fn ignored_by_proxy(kind: IntegrationType, written: &written::Integration, report: &Report) {
    let name = kind.as_str();
    let ignored = |what: &str| format!("`{name}` does not use {what}");
    if let Some((_, text)) = written.request_templates.iter().find(|(_, text)| !text.value.is_empty()) {
        report.warning(&text.place, "ignored-by-proxy", ignored("`requestTemplates`"));
    }
    if kind == IntegrationType::AwsProxy
        && let Some((_, text)) = written.request_parameters.iter().find(|(key, _)| !key.starts_with(HEADER))
    {
        report.warning(
            &text.place,
            "ignored-by-proxy",
            ignored("`requestParameters` other than headers of the Invoke request"),
        );
    }
    for response in &written.responses {
        if let Some(text) = response.pattern.as_ref().filter(|_| kind == IntegrationType::AwsProxy) {
            report.note(&text.place, "ignored-by-proxy", ignored("integration responses"));
        } else if let Some((_, text)) = response.parameters.iter().chain(&response.templates).next() {
            report.note(&text.place, "ignored-by-proxy", ignored("what integration responses map"));
        }
    }
}

fn custom(
    known: &Known<'_>,
    path: &str,
    written: &written::Integration,
    integration: &Integration,
    probes: &Probes,
    report: &Report,
) {
    if integration.kind == IntegrationType::Mock {
        mock_status(written, report);
    } else if integration.passthrough_behavior == PassthroughBehavior::Never && written.request_templates.is_empty() {
        let message = "no request template, and `passthroughBehavior` is `NEVER`: every request is answered 415";
        report.warning(&written.place, "always-415", message.to_owned());
    }
    template::request(written, known, report);
    let parameters = PathParameters::of(path);
    escaping::request(&parameters, written, integration, probes, report);
    response::check(known, (path, &parameters), written, integration, probes, report);
}

fn mock_status(written: &written::Integration, report: &Report) {
    let templates: Vec<&Text> =
        written.request_templates.iter().map(|(_, t)| t).filter(|t| !t.value.is_empty()).collect();
    let Some(first) = templates.first() else { return };
    if !templates.iter().any(|t| t.value.contains("statusCode")) {
        let message = "a mock's request template must give `{\"statusCode\": …}`: every request is answered 500";
        report.warning(&first.place, "mock-status", message.to_owned());
    }
}
