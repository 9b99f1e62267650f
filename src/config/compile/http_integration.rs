//! The integration of an HTTP API's route: a function, an HTTP backend, an action of a service; its mappings.

use std::time::Duration;

use super::endpoint;
use super::path::parameter;
use super::surroundings::Surroundings;
use crate::api::http::{Mapping, MappingFault, PayloadFormat, ServiceIntegration, Subtype};
use crate::api::{AppendedPath, DEFAULT_ROUTE, Endpoint, HttpCall, HttpIntegration, HttpMethod, HttpUri, UriPart};
use crate::config::definition::written::Text;
use crate::config::definition::written::http_api as written;
use crate::config::document::nearest;

/// Longest time of an integration, and the one of those that do not say (documented).
const LONGEST: Duration = Duration::from_secs(30);
/// Shortest time of an integration (documented).
const SHORTEST: Duration = Duration::from_millis(50);

/// The integration of a route; `None` when it is wrong (and reported).
pub(crate) fn integration(route: &written::HttpRoute, path: &str, s: &Surroundings<'_>) -> Option<HttpIntegration> {
    let Some(written) = &route.integration else {
        let message = "no integration: every request is answered 500".to_owned();
        s.report.warning(&route.place, "no-integration", message.clone());
        return Some(nothing(Some(message), s));
    };
    let timeout = timeout(written, s);
    let subtype = written.subtype.as_ref();
    let is_http = written.kind.as_ref().is_some_and(|kind| kind.value == "HTTP_PROXY");
    let (call, broken) = match (subtype, is_http) {
        (Some(subtype), _) => service(subtype, written, s)?,
        (None, true) => http(path, written, s)?,
        (None, false) => function(written, s)?,
    };
    let maps = !matches!(call, HttpCall::Service { .. });
    let request = written.request_parameters.iter().filter(|_| maps);
    let responses = written.response_parameters.iter().filter_map(|(status, list)| {
        let status: u16 = status.trim().parse().ok()?;
        Some((status, list.iter().filter_map(|(key, text)| mapping(key, text, Mapping::of_response, s)).collect()))
    });
    Some(HttpIntegration {
        call,
        timeout,
        request_parameters: request.filter_map(|(key, text)| mapping(key, text, Mapping::of_request, s)).collect(),
        response_parameters: responses.collect(),
        broken,
    })
}

/// An integration that calls nothing.
pub(crate) fn nothing(why: Option<String>, s: &Surroundings<'_>) -> HttpIntegration {
    HttpIntegration {
        call: HttpCall::Nothing,
        timeout: s.timeout,
        request_parameters: Vec::new(),
        response_parameters: Vec::new(),
        broken: why,
    }
}

fn timeout(written: &written::HttpIntegration, s: &Surroundings<'_>) -> Duration {
    let Some((millis, place)) = &written.timeout else { return s.http_timeout() };
    let timeout = Duration::from_millis(*millis);
    if !(SHORTEST..=LONGEST).contains(&timeout) {
        let message = format!("API Gateway takes 50 to 30000 milliseconds, not {millis}");
        s.report.warning(place, "timeout", message);
    }
    timeout
}

/// What is called, and why every call is a 500 if it is.
type Found = Option<(HttpCall, Option<String>)>;

fn function(written: &written::HttpIntegration, s: &Surroundings<'_>) -> Found {
    if let Some(kind) = written.kind.as_ref().filter(|kind| kind.value != "AWS_PROXY") {
        let message =
            format!("`{}` is not a type that HTTP APIs have: expected `AWS_PROXY` or `HTTP_PROXY`", kind.value);
        s.report.error(&kind.place, "integration-type", message);
        return None;
    }
    let found = match (&written.function, &written.uri) {
        (Some(name), _) => endpoint::named_function(name, s),
        (None, Some(uri)) => endpoint::function(uri, s),
        (None, None) => {
            let message = "`uri` (or, in a native route, `function`) is missing".to_owned();
            s.report.error(&written.place, "missing-key", message);
            None
        }
    };
    let format = format(written, s);
    match found? {
        (Endpoint::Lambda(function), broken) => Some((HttpCall::Function { function, format }, broken)),
        (_, broken) => Some((HttpCall::Nothing, broken)),
    }
}

/// The console, SAM and native routes take 2.0; an import says which, and what does not is taken as 1.0.
fn format(written: &written::HttpIntegration, s: &Surroundings<'_>) -> PayloadFormat {
    let Some(text) = &written.payload_format else {
        if written.function.is_some() {
            return PayloadFormat::V2;
        }
        let message = "`payloadFormatVersion` is missing: 1.0 is taken".to_owned();
        s.report.warning(&written.place, "payload-format", message);
        return PayloadFormat::V1;
    };
    PayloadFormat::parse(text.value.trim()).unwrap_or_else(|| {
        let message = format!("`{}` is no payload format: expected `1.0` or `2.0`", text.value);
        s.report.error(&text.place, "payload-format", message);
        PayloadFormat::V2
    })
}

fn http(path: &str, written: &written::HttpIntegration, s: &Surroundings<'_>) -> Found {
    let Some(uri) = &written.uri else {
        s.report.error(&written.place, "missing-key", "`uri` is missing".to_owned());
        return None;
    };
    let method = http_method(written, s)?;
    let link = written.connection.as_ref().filter(|(kind, _)| kind == "VPC_LINK");
    let (found, appended) = match link {
        Some((_, id)) => (endpoint::behind_vpc_link(uri, id.as_deref(), s), AppendedPath::Whole),
        None if path == DEFAULT_ROUTE => (endpoint::url(uri, s), AppendedPath::BelowStage),
        None => (endpoint::url(uri, s), AppendedPath::Nothing),
    };
    Some(match found {
        Ok(found) => {
            let broken = unknown_variable(path, &found).inspect(|why| {
                s.report.warning(&uri.place, "path-variable", format!("{why}: every request is answered 500"));
            });
            (HttpCall::Http { uri: found, method, appended }, broken)
        }
        Err(why) => (HttpCall::Nothing, Some(why)),
    })
}

/// A variable of the uri that the route's path has not.
fn unknown_variable(path: &str, uri: &HttpUri) -> Option<String> {
    let names: Vec<&str> = path.split('/').filter_map(parameter).map(|name| name.trim_end_matches('+')).collect();
    let named = uri.parts.iter().find_map(|part| match part {
        UriPart::Placeholder(name) if !names.contains(&name.trim_end_matches('+')) => Some(name),
        UriPart::Placeholder(_) | UriPart::Literal(_) => None,
    })?;
    Some(format!("`{{{named}}}` of the uri is no variable of the route"))
}

fn http_method(written: &written::HttpIntegration, s: &Surroundings<'_>) -> Option<HttpMethod> {
    let Some(text) = &written.http_method else { return Some(HttpMethod::Any) };
    let method = HttpMethod::parse(&text.value.to_ascii_uppercase());
    if method.is_none() {
        s.report.error(&text.place, "integration-method", format!("`{}` is not an HTTP method", text.value));
    }
    method
}

fn service(subtype: &Text, written: &written::HttpIntegration, s: &Surroundings<'_>) -> Found {
    let Some(known) = Subtype::parse(&subtype.value) else {
        let known: Vec<&str> = Subtype::ALL.iter().map(|one| one.as_str()).collect();
        let hint = nearest(&subtype.value, &known).map(|name| format!("; the nearest is `{name}`")).unwrap_or_default();
        let message = format!("`{}` is no action that HTTP APIs call{hint}", subtype.value);
        s.report.error(&subtype.place, "integration-subtype", message);
        return None;
    };
    let parameters = written.request_parameters.iter().map(|(name, text)| (name.as_str(), text.value.as_str()));
    let read = ServiceIntegration::read(known, parameters);
    let base = endpoint::service_address(known.service(), &subtype.place, s);
    match read {
        Ok(action) => Some(match base {
            Ok(base) => (HttpCall::Service { action, base }, None),
            Err(why) => (HttpCall::Nothing, Some(why)),
        }),
        Err(faults) => {
            for fault in faults {
                s.report.error(&written.place, "parameter", fault.to_string());
            }
            None
        }
    }
}

/// A mapping; what is none is reported and left out.
fn mapping(
    key: &str,
    text: &Text,
    read: fn(&str, &str) -> Result<Mapping, MappingFault>,
    s: &Surroundings<'_>,
) -> Option<Mapping> {
    read(key, text.value.trim()).inspect_err(|fault| s.report.error(&text.place, "parameter", fault.to_string())).ok()
}
