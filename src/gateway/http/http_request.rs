//! The request that goes to the backend of an HTTP_PROXY integration: uri, query string, headers.

use super::parameter_mapping::Changed;
use super::percent::encode_path;
use crate::api::{AppendedPath, HttpApi, HttpMethod, HttpUri, UriPart};
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;
use crate::http1::head::{connection_options, is_of_the_connection};
use crate::http1::message::Headers;
use crate::mapping::variables::domain_name;

/// The integration's method; the client's own for `ANY`.
pub(crate) fn method(exchange: &Exchange, method: HttpMethod) -> String {
    match method {
        HttpMethod::Any => exchange.request.method.clone(),
        method => method.as_str().to_owned(),
    }
}

/// The uri with the route's variables, or with the path that mappings set in the place of its own, and the query string.
pub(crate) fn uri(
    exchange: &Exchange,
    uri: &HttpUri,
    appended: AppendedPath,
    changed: &Changed,
) -> Result<String, Failure> {
    let mut text = filled(exchange, uri, appended);
    if let Some(path) = &changed.path {
        let authority = text.find("://").map_or(0, |at| at + 3);
        text.truncate(text[authority..].find(['/', '?']).map_or(text.len(), |at| authority + at));
        text.push_str(if path.starts_with('/') { "" } else { "/" });
        text.push_str(path);
    }
    let query = changed.query.as_deref().or(exchange.request.query.as_deref());
    if let Some(query) = query.filter(|query| !query.is_empty()) {
        text.push(if text.contains('?') { '&' } else { '?' });
        text.push_str(query);
    }
    match text.parse::<http::Uri>() {
        Ok(parsed) if uri.invalid.is_none() && parsed.host().is_some_and(|host| !host.is_empty()) => Ok(text),
        _ => Err(Failure::Configuration("Invalid endpoint address".into())),
    }
}

/// The uri with the route's variables, and what of the path goes behind it.
fn filled(exchange: &Exchange, uri: &HttpUri, appended: AppendedPath) -> String {
    let matched = exchange.matched.as_ref();
    let mut text = String::with_capacity(uri.text.len() + exchange.request.path.len());
    for part in &uri.parts {
        match part {
            UriPart::Literal(literal) => text.push_str(literal),
            UriPart::Placeholder(name) => {
                let name = name.trim_end_matches('+');
                let variables = matched.map_or([].as_slice(), |matched| &matched.path_parameters);
                let value = variables.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value);
                text.push_str(&encode_path(value));
            }
        }
    }
    let path = match appended {
        AppendedPath::Nothing => "",
        AppendedPath::BelowStage => matched.map_or("", |matched| &matched.path),
        AppendedPath::Whole => &exchange.request.path,
    };
    if !path.is_empty() && text.ends_with('/') {
        text.pop();
    }
    text.push_str(path);
    text
}

/// The client's headers, but for what is about its connection. Who it is stands in `Forwarded`, where a REST API has
/// `X-Forwarded-For` (documented).
pub(crate) fn headers(api: &HttpApi, exchange: &Exchange) -> Headers {
    const OURS: [&str; 6] =
        ["host", "forwarded", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id"];
    let request = &exchange.request;
    let options: Vec<&[u8]> = connection_options(&request.headers).collect();
    let ends_here = |name: &[u8]| {
        is_of_the_connection(name)
            || OURS.iter().any(|own| name.eq_ignore_ascii_case(own.as_bytes()))
            || options.iter().any(|option| option.eq_ignore_ascii_case(name))
    };
    let mut headers = Headers(request.headers.0.iter().filter(|line| !ends_here(&line.name)).cloned().collect());
    let host = domain_name(api, exchange).unwrap_or_default();
    let before = request.headers.last("forwarded").map(|sent| format!("{sent},")).unwrap_or_default();
    headers.push("Forwarded", format!("{before}by=127.0.0.1;for={};host={host};proto=https", request.source_ip));
    headers.push("Via", "HTTP/1.1 AmazonAPIGateway");
    headers.push("X-Amzn-Trace-Id", exchange.ids.trace_id.clone());
    headers
}
