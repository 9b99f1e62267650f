//! The HTTP request that goes to a backend or an AWS service: uri, query string, headers.

use std::borrow::Cow;
use std::fmt::Write;

use crate::api::{HttpMethod, HttpUri, Method, RestApi, UriPart};
use crate::exchange::call::Target;
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;
use crate::http1::head::connection_options;
use crate::http1::message::Headers;
use crate::mapping::client::ClientParameters;
use crate::mapping::header;
use crate::mapping::parameter::Mapped;

/// What an HTTP or service integration calls.
pub(crate) fn target(
    api: &RestApi,
    method: &Method,
    exchange: &Exchange,
    uri: &HttpUri,
    mapped: Mapped,
    has_body: bool,
) -> Result<Target, Failure> {
    let uri = fill(uri, &mapped.path, &query(&mapped.query))?;
    Ok(Target::Http {
        method: http_method(method, exchange),
        uri,
        headers: headers(api, exchange, mapped.headers, has_body),
    })
}

/// What an HTTP_PROXY integration calls: the client's headers and query string go along.
pub(crate) fn proxy_target(
    api: &RestApi,
    method: &Method,
    exchange: &Exchange,
    uri: &HttpUri,
    mapped: Mapped,
) -> Result<Target, Failure> {
    // Recorded on AWS: of one name, the uri's values come first, then the mapped ones, then the client's.
    let mut pairs = query(&mapped.query);
    if let Some(sent) = exchange.request.query.as_deref().filter(|query| !query.is_empty()) {
        pairs.push_str(if pairs.is_empty() { "" } else { "&" });
        pairs.push_str(&escape(sent, is_query));
    }
    let uri = fill(uri, &mapped.path, &pairs)?;
    Ok(Target::Http {
        method: http_method(method, exchange),
        uri,
        headers: proxy_headers(api, exchange, mapped.headers),
    })
}

/// The integration's method; the client's own for `ANY`.
fn http_method(method: &Method, exchange: &Exchange) -> String {
    match method.integration.http_method {
        HttpMethod::Any => exchange.request.method.clone(),
        method => method.as_str().to_owned(),
    }
}

/// Nothing of the client's but its content type is sent (recorded on AWS).
fn headers(api: &RestApi, exchange: &Exchange, mapped: Headers, has_body: bool) -> Headers {
    let mut headers = Headers::default();
    headers.push("Accept", "application/json");
    if has_body {
        let sent = exchange.request.headers.all("content-type").next_back();
        headers.push("Content-Type", sent.map_or_else(|| "application/json".into(), |line| line.value.clone()));
    }
    headers.push("User-Agent", format!("AmazonAPIGateway_{}", api.id));
    finish(headers, api, exchange, mapped)
}

fn proxy_headers(api: &RestApi, exchange: &Exchange, mapped: Headers) -> Headers {
    let client = ClientParameters::new(exchange);
    let options: Vec<&[u8]> = connection_options(&exchange.request.headers).collect();
    let is_named = |name: &[u8]| options.iter().any(|option| option.eq_ignore_ascii_case(name));
    let passed = client.header_lines().filter(|line| header::passes_to_http_proxy(&line.name) && !is_named(&line.name));
    let mut headers = Headers(passed.cloned().collect());
    if !headers.contains("user-agent") {
        headers.push("User-Agent", format!("AmazonAPIGateway_{}", api.id));
    }
    finish(headers, api, exchange, mapped)
}

/// Adds what the gateway sends with every call, then what is mapped.
fn finish(mut headers: Headers, api: &RestApi, exchange: &Exchange, mapped: Headers) -> Headers {
    headers.set("X-Amzn-Apigateway-Api-Id", api.id.clone());
    headers.set("X-Amzn-Trace-Id", exchange.ids.trace_id.clone());
    for line in mapped.0.into_iter().filter(|line| header::is_sent_when_mapped(&line.name)) {
        headers.set(line.name, line.value);
    }
    headers
}

/// The uri with its placeholders filled and the pairs added to its query string. A placeholder that nothing is mapped to
/// stays, and its brace is no character of a uri (documented: AWS's knowledge base).
fn fill(uri: &HttpUri, path: &[(String, String)], pairs: &str) -> Result<String, Failure> {
    let mut text = String::with_capacity(uri.text.len() + pairs.len() + 1);
    for part in &uri.parts {
        let allowed = if text.contains('?') { is_query_value } else { is_path };
        match part {
            UriPart::Literal(literal) => text.push_str(&escape(literal, is_uri)),
            UriPart::Placeholder(name) => match path.iter().rfind(|(n, _)| n == name) {
                Some((_, value)) => text.push_str(&escape(value, allowed)),
                None => {
                    let message = format!("Illegal character in the endpoint address: {{{name}}} is not mapped");
                    return Err(Failure::Configuration(message));
                }
            },
        }
    }
    if !pairs.is_empty() {
        text.push(if text.contains('?') { '&' } else { '?' });
        text.push_str(pairs);
    }
    match text.parse::<http::Uri>() {
        Ok(parsed) if uri.invalid.is_none() && parsed.host().is_some_and(|host| !host.is_empty()) => Ok(text),
        _ => Err(Failure::Configuration("Invalid endpoint address".into())),
    }
}

/// `name=value&…`, escaped.
fn query(pairs: &[(String, String)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name, is_unreserved), escape(value, is_unreserved)))
        .collect();
    pairs.join("&")
}

/// Percent-encodes every byte that is not allowed.
fn escape(text: &str, is_allowed: fn(u8) -> bool) -> Cow<'_, str> {
    if text.bytes().all(is_allowed) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        match is_allowed(byte) {
            true => out.push(char::from(byte)),
            // Writing to a string cannot fail.
            false => drop(write!(out, "%{byte:02X}")),
        }
    }
    Cow::Owned(out)
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// What a whole uri may hold; `%` begins an escape that is already there.
fn is_uri(byte: u8) -> bool {
    is_query(byte) || byte == b'?'
}

/// What a query string may hold as it is.
fn is_query(byte: u8) -> bool {
    is_unreserved(byte) || b"%/?:@!$&'()*+,;=[]".contains(&byte)
}

/// What a value of the path may hold: it keeps its slashes and escapes (path parameters are never decoded).
fn is_path(byte: u8) -> bool {
    is_unreserved(byte) || b"%/:@!$&'()*+,;=".contains(&byte)
}

/// What a value in the query string may hold.
fn is_query_value(byte: u8) -> bool {
    is_unreserved(byte) || b"%/:@!$'()*,;".contains(&byte)
}
