//! What loads but will surprise: statuses nobody declared, responses never chosen, templates nobody reads.

use super::pattern::{self, Reach};
use super::template;
use crate::api::{
    ApiKeySource, Endpoint, Integration, IntegrationType, MediaTypes, Method, ParameterLocation, PassthroughBehavior,
    RequestParameter, RestApi, UriPart,
};
use crate::config::definition::stage::Stage;
use crate::config::definition::written::{self, Route, Text};
use crate::config::document::{Report, Spot};

/// One method.
pub fn method(route: &Route, path: &str, integration: &Integration, report: &Report) {
    let Some(written) = &route.integration else { return };
    timeout(written, report);
    illegal_header(written, integration, report);
    if integration.broken.is_some() {
        return;
    }
    unmapped_placeholder(written, integration, report);
    undeclared_parameter(route, written, report);
    match integration.kind {
        IntegrationType::AwsProxy | IntegrationType::HttpProxy => ignored_by_proxy(integration.kind, written, report),
        _ => custom(route, path, written, integration, report),
    }
}

/// Request templates that meet bytes instead of a text: under `*/*` every one, a preflight's too.
pub fn templates_of_bytes(route: &Route, method: Option<&Method>, binary: &MediaTypes, report: &Report) {
    if let (Some(written), Some(method)) = (&route.integration, method) {
        template::of_bytes(method.integration.kind, written, binary, report);
    }
}

fn timeout(written: &written::Integration, report: &Report) {
    let Some((millis, place)) = &written.timeout else { return };
    if *millis > 29_000 {
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

fn ignored_by_proxy(kind: IntegrationType, written: &written::Integration, report: &Report) {
    let name = if kind == IntegrationType::AwsProxy { "AWS_PROXY" } else { "HTTP_PROXY" };
    let ignored = |what: &str| format!("`{name}` does not use {what}");
    if let Some((_, text)) = written.request_templates.iter().find(|(_, text)| !text.value.is_empty()) {
        report.warning(&text.place, "ignored-by-proxy", ignored("`requestTemplates`"));
    }
    if kind == IntegrationType::AwsProxy
        && let Some((_, text)) = written.request_parameters.first()
    {
        report.warning(&text.place, "ignored-by-proxy", ignored("`requestParameters`"));
    }
    for response in &written.responses {
        if let Some(text) = response.pattern.as_ref().filter(|_| kind == IntegrationType::AwsProxy) {
            report.note(&text.place, "ignored-by-proxy", ignored("integration responses"));
        } else if let Some((_, text)) = response.parameters.iter().chain(&response.templates).next() {
            report.note(&text.place, "ignored-by-proxy", ignored("what integration responses map"));
        }
    }
}

fn custom(route: &Route, path: &str, written: &written::Integration, integration: &Integration, report: &Report) {
    let is_lambda = matches!(integration.endpoint, Endpoint::Lambda(_));
    if integration.kind == IntegrationType::Mock {
        mock_status(written, report);
    } else if integration.passthrough_behavior == PassthroughBehavior::Never && written.request_templates.is_empty() {
        let message = "no request template, and `passthroughBehavior` is `NEVER`: every request is answered 415";
        report.warning(&written.place, "always-415", message.to_owned());
    }
    template::request(written, report);
    let mut responses: Vec<&written::IntegrationResponse> = written.responses.iter().collect();
    responses.sort_by_key(|r| (r.pattern.is_none(), r.status));
    has_default(path, written, &responses, is_lambda, report);
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
        declared(route, response, report);
        template::response(response, report);
    }
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

fn has_default(
    path: &str,
    written: &written::Integration,
    responses: &[&written::IntegrationResponse],
    is_lambda: bool,
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
    if let [only] = responses
        && is_lambda
        && only.status < 400
    {
        let message = format!("the only response is {}: clients see it when the function fails too", only.status);
        report.note(&only.place, "errors-hidden", message);
    }
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

/// The API as a whole.
pub fn api(api: &RestApi, stage: &Stage, functions: Option<Spot<'_>>, api_spot: &Spot<'_>) {
    let methods = || api.resources.iter().flat_map(|r| &r.methods);
    let used: Vec<usize> = methods()
        .filter_map(|m| match &m.integration.endpoint {
            Endpoint::Lambda(function) => Some(function.backend),
            _ => None,
        })
        .collect();
    for (n, (name, spot)) in functions.map(|s| s.entries()).unwrap_or_default().into_iter().enumerate() {
        if !used.contains(&n) && name != "*" {
            spot.note("unused-function", format!("no method calls function `{name}`"));
        }
    }
    let guarded = methods().filter(|m| m.api_key_required).count();
    if guarded > 0 && stage.usage_plans.values().all(|plan| plan.keys.is_empty()) {
        let message =
            format!("no usage plan has an API key: methods that need one ({guarded}) answer every request with 403");
        api_spot.warning("no-usage-plan", message);
    }
    if guarded > 0 && api.api_key_source == ApiKeySource::Authorizer {
        let message =
            "API keys come from an authorizer, which is not evaluated: every request for a key is answered 403";
        api_spot.warning("api-key-source", message.to_owned());
    }
}
