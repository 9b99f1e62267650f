//! A method's integration: endpoint, templates, mappings, and its responses in the order in which they are tried.

use std::time::Duration;

use super::endpoint::{Broken, endpoint};
use super::parameter::{Side, mappings};
use super::surroundings::Surroundings;
use super::template::templates;
use crate::api::{
    Endpoint, FunctionRef, HttpMethod, Integration, IntegrationResponse, IntegrationType, ParameterTarget,
    PassthroughBehavior,
};
use crate::config::definition::written::{self, Route};
use crate::config::document::Place;
use crate::config::settings::Backend;
use crate::pattern::Pattern;

/// The integration of a route; `None` when it is wrong (and reported).
pub(crate) fn integration(route: &Route, s: &Surroundings<'_>) -> Option<Integration> {
    let Some(written) = &route.integration else {
        let message = "no integration: every request is answered 500, and API Gateway refuses to deploy it".to_owned();
        s.report.warning(&route.place, "no-integration", message.clone());
        return Some(nothing(Some(message), s));
    };
    if let Some(why) = &written.unsupported {
        return Some(nothing(Some(why.clone()), s));
    }
    // Its finding stands where the template names it. What stands around it cannot be read without it.
    let missing =
        unknown(written, s).map(|name| format!("`${{{name}}}` has no value here; `api.parameters` can give one"));
    let is_known = missing.is_none();
    let request_templates =
        if is_known { templates(&written.request_templates, &s.templates, s.report) } else { Vec::new() };
    let mut request_parameters =
        if is_known { mappings(&written.request_parameters, Side::Request, s) } else { Vec::new() };
    let kind = written.kind?;
    if kind == IntegrationType::AwsProxy {
        // The headers of the Invoke request; the event is never mapped (fact `proxy-ignores-mappings`).
        request_parameters.retain(|mapping| mapping.target == ParameterTarget::RequestHeader);
    }
    let responses = if is_known { responses(kind, route, written, s) } else { Vec::new() };
    let found = endpoint(kind, written, s);
    let method = http_method(kind, written, found.as_ref().map(|(endpoint, _)| endpoint), s);
    let (endpoint, unreachable) = found?;
    let (http_method, wrong_method) = method?;
    let patterns: Vec<Pattern> = responses.iter().filter_map(|r| r.selection_pattern.clone()).collect();
    let is_proxy = matches!(kind, IntegrationType::AwsProxy | IntegrationType::HttpProxy);
    let streamed = written.streamed.is_some() && is_proxy;
    if let Some(place) = &written.streamed {
        check_streamed(streamed, place, written, &endpoint, s);
    }
    let wrong_mode = if kind == IntegrationType::AwsProxy { transfer_mode(written, s) } else { None };
    let illegal_header = request_parameters_names(written).find(|name| kind.refuses_header(name)).map(str::to_owned);
    Some(Integration {
        kind,
        endpoint,
        http_method,
        timeout: written.timeout.as_ref().map_or(s.timeout, |(millis, _)| Duration::from_millis(*millis)),
        streamed,
        passthrough_behavior: written.passthrough_behavior,
        content_handling: written.content_handling,
        request_parameters,
        request_templates,
        patterns: s.patterns.set(&patterns),
        responses,
        illegal_header,
        broken: missing.or(unreachable).or(wrong_method).or(wrong_mode),
    })
}

/// Says what `STREAM` does not bring about there.
fn check_streamed(
    streamed: bool,
    place: &Place,
    written: &written::Integration,
    endpoint: &Endpoint,
    s: &Surroundings<'_>,
) {
    let collects = |function: &FunctionRef| {
        s.functions.get(function.backend).is_some_and(|f| matches!(f.backend, Backend::Emulator(_)))
    };
    let message = match endpoint {
        _ if !streamed => "the answer is not streamed: it is sent once it is complete",
        Endpoint::Lambda(function) if collects(function) => {
            "AWS's emulator does not stream: the answer is sent once it is complete"
        }
        _ if written.content_handling.is_some() => "`contentHandling` has no meaning where the answer streams",
        _ => return,
    };
    s.report.warning(place, "streaming", message.to_owned());
}

/// The uri of a function says whether it streams, too (documented): one that says otherwise than the method is a 500 at each call.
fn transfer_mode(written: &written::Integration, s: &Surroundings<'_>) -> Option<String> {
    let uri = written.uri.as_ref()?;
    let streams = uri.value.ends_with("/response-streaming-invocations");
    let message = match (streams, &written.streamed) {
        (true, None) => {
            "the uri is that of a streamed invocation, and `responseTransferMode` is not STREAM: every request is answered 500"
        }
        (false, Some(_)) if uri.value.ends_with("/invocations") => {
            "`responseTransferMode` is STREAM, and the uri is not `…/2021-11-15/functions/{function ARN}/\
             response-streaming-invocations`: every request is answered 500"
        }
        _ => return None,
    };
    s.report.warning(&uri.place, "streaming", message.to_owned());
    Some(message.to_owned())
}

/// Headers that are mapped, whether or not their source is there: a forbidden one is a 500 in any case.
fn request_parameters_names(written: &written::Integration) -> impl Iterator<Item = &str> {
    written.request_parameters.iter().filter_map(|(key, _)| key.strip_prefix("integration.request.header."))
}

/// What a template or a mapping needs and nothing here has a value for.
fn unknown<'a>(written: &'a written::Integration, s: &Surroundings<'_>) -> Option<&'a str> {
    if s.unknown.is_empty() {
        return None;
    }
    let of_responses = written.responses.iter().flat_map(|r| r.parameters.iter().chain(&r.templates));
    let texts = written.request_parameters.iter().chain(&written.request_templates).chain(of_responses);
    let names = texts.flat_map(|(_, text)| text.value.split("${").skip(1).filter_map(|rest| rest.split('}').next()));
    names.into_iter().find(|name| s.unknown.contains(*name))
}

/// An integration that calls nothing.
pub(crate) fn nothing(why: Option<String>, s: &Surroundings<'_>) -> Integration {
    Integration {
        kind: IntegrationType::Mock,
        endpoint: Endpoint::None,
        http_method: HttpMethod::Any,
        timeout: s.timeout,
        streamed: false,
        passthrough_behavior: PassthroughBehavior::default(),
        content_handling: None,
        request_parameters: Vec::new(),
        request_templates: Vec::new(),
        responses: Vec::new(),
        patterns: s.patterns.set(&[]),
        illegal_header: None,
        broken: why,
    }
}

/// The method that the backend is called with. Lambda is called with POST: anything else is a 500 at each call, which neither
/// import nor deployment prevents (recorded on AWS for `AWS_PROXY`, documented for `AWS`).
fn http_method(
    kind: IntegrationType,
    written: &written::Integration,
    endpoint: Option<&Endpoint>,
    s: &Surroundings<'_>,
) -> Option<(HttpMethod, Broken)> {
    let is_lambda = kind == IntegrationType::AwsProxy || matches!(endpoint, Some(Endpoint::Lambda(_)));
    let Some(text) = &written.http_method else {
        let (method, taken) = if matches!(kind, IntegrationType::Http | IntegrationType::HttpProxy) {
            (HttpMethod::Any, "the client's method")
        } else {
            (HttpMethod::Post, "POST")
        };
        if kind != IntegrationType::Mock && written.function.is_none() {
            let message = format!("`httpMethod` is missing: {taken} is taken, while API Gateway refuses the import");
            s.report.warning(&written.place, "integration-method", message);
        }
        return Some((method, None));
    };
    let Some(method) = HttpMethod::parse(&text.value.to_ascii_uppercase()) else {
        if kind == IntegrationType::Mock {
            return Some((HttpMethod::Any, None));
        }
        s.report.error(&text.place, "integration-method", format!("`{}` is not an HTTP method", text.value));
        return None;
    };
    if is_lambda && method != HttpMethod::Post {
        let message =
            format!("Lambda functions are called with POST: with `{}` every request is answered 500", text.value);
        s.report.warning(&text.place, "integration-method", message.clone());
        return Some((method, Some(message)));
    }
    Some((method, None))
}

/// Ascending status, the default last. API Gateway keeps responses in a map by status, and documents no order. The one recording
/// where two patterns match (`.*four hundred.*` of 405 won over `.+` of 502) fits ascending status: this is inferred.
fn responses(
    kind: IntegrationType,
    route: &Route,
    written: &written::Integration,
    s: &Surroundings<'_>,
) -> Vec<IntegrationResponse> {
    let is_proxy = matches!(kind, IntegrationType::AwsProxy | IntegrationType::HttpProxy);
    let mut responses: Vec<IntegrationResponse> = Vec::with_capacity(written.responses.len());
    // API Gateway keeps them by status: of two without a pattern the lower status counts.
    let mut in_order: Vec<&written::IntegrationResponse> = written.responses.iter().collect();
    if route.imported {
        in_order.sort_by_key(|response| response.status);
    }
    for response in in_order {
        let selection_pattern = match &response.pattern {
            None => None,
            Some(text) if text.value.is_empty() => None,
            Some(text) => match s.patterns.pattern(&text.value) {
                Ok(pattern) => Some(pattern),
                Err(e) => {
                    let message =
                        format!("`{}` is not a pattern: {} near index {}", text.value, e.description, e.index);
                    s.report.error(&text.place, "pattern", message);
                    continue;
                }
            },
        };
        if selection_pattern.is_none() && responses.iter().any(|r| r.selection_pattern.is_none()) {
            let message = "a second response without a pattern: only one can be the default";
            match route.imported {
                true => {
                    let message = format!("{message}; the one with the lowest status counts");
                    s.report.warning(&response.place, "two-defaults", message);
                }
                false => s.report.error(&response.place, "two-defaults", message.to_owned()),
            }
            continue;
        }
        responses.push(IntegrationResponse {
            selection_pattern,
            status: response.status,
            declared: is_proxy || route.responses.iter().any(|r| r.status == response.status),
            response_parameters: mappings(&response.parameters, Side::Response, s),
            response_templates: templates(&response.templates, &s.templates, s.report),
            content_handling: response.content_handling,
        });
    }
    responses.sort_by_key(|r| (r.selection_pattern.is_none(), r.status));
    responses.shrink_to_fit();
    responses
}
