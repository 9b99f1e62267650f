//! Parameter mappings: `integration.request.header.X: method.request.querystring.y` and their kin.

use smol_str::SmolStr;

use super::surroundings::Surroundings;
use crate::api::{ParameterMapping, ParameterSource, ParameterTarget};
use crate::config::definition::written::Text;
use crate::config::document::Report;
use crate::jsonpath::Path;

/// Which map a mapping stands in: it decides on targets and sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// `requestParameters`
    Request,
    /// `responseParameters`
    Response,
    /// `responseParameters` of a gateway response
    Gateway,
}

/// Compiles a map of mappings. What is not one is reported and left out.
pub(crate) fn mappings(written: &[(SmolStr, Text)], side: Side, s: &Surroundings<'_>) -> Vec<ParameterMapping> {
    written.iter().filter_map(|(target, source)| mapping(target, source, side, s)).collect()
}

fn mapping(key: &str, text: &Text, side: Side, s: &Surroundings<'_>) -> Option<ParameterMapping> {
    if is_http_api(key) {
        let message = format!("`{key}` is how HTTP APIs map parameters: it has no effect");
        s.report.warning(&text.place, "http-api-only", message);
        return None;
    }
    let Some((target, name)) = target(key, side) else {
        s.report.error(&text.place, "parameter", format!("`{key}` is not {}", targets(side)));
        return None;
    };
    let source = source(&text.value, side, s, text)?;
    Some(ParameterMapping { target, name, source, written: text.value.to_string() })
}

fn is_http_api(key: &str) -> bool {
    ["append:", "overwrite:", "remove:"].iter().any(|verb| key.starts_with(verb))
}

fn target(key: &str, side: Side) -> Option<(ParameterTarget, String)> {
    let (target, name) = match side {
        Side::Request => {
            let (location, name) = key.strip_prefix("integration.request.")?.split_once('.')?;
            let target = match location {
                "header" => ParameterTarget::RequestHeader,
                "path" => ParameterTarget::RequestPath,
                "querystring" => ParameterTarget::RequestQueryString,
                _ => return None,
            };
            (target, name)
        }
        Side::Response => (ParameterTarget::ResponseHeader, key.strip_prefix("method.response.header.")?),
        Side::Gateway => (ParameterTarget::ResponseHeader, key.strip_prefix("gatewayresponse.header.")?),
    };
    (!name.is_empty()).then(|| (target, name.to_owned()))
}

fn targets(side: Side) -> &'static str {
    match side {
        Side::Request => "`integration.request.{header|path|querystring}.NAME`",
        Side::Response => "`method.response.header.NAME`",
        Side::Gateway => "`gatewayresponse.header.NAME`",
    }
}

/// The source; `None` when there is nothing to map (reported if it is wrong).
fn source(value: &str, side: Side, s: &Surroundings<'_>, text: &Text) -> Option<ParameterSource> {
    let value = value.trim();
    if let Some(literal) = value.strip_prefix('\'').and_then(|v| v.strip_suffix('\'')) {
        return Some(ParameterSource::Literal(literal.to_owned()));
    }
    if let Some(name) = value.strip_prefix("stageVariables.") {
        // A source that is missing sets nothing, not an empty value (recorded on AWS for a header).
        return s.variables.get(name).map(|value| ParameterSource::Literal(value.clone()));
    }
    if let Some(name) = value.strip_prefix("context.") {
        return Some(ParameterSource::Context(name.to_owned()));
    }
    let found = match side {
        Side::Request => request_source(value, true, text, s.report),
        Side::Gateway => request_source(value, false, text, s.report),
        Side::Response => response_source(value, text, s.report),
    };
    match found {
        Some(source) => source,
        None => {
            let value = if s.report.is_secret(&text.place) { "****" } else { value };
            s.report.error(&text.place, "parameter", wrong_source(value, side));
            None
        }
    }
}

/// The outer `None`: not a source at all. The inner: one that is reported already.
type Found = Option<Option<ParameterSource>>;

fn request_source(value: &str, body: bool, text: &Text, report: &Report) -> Found {
    let rest = value.strip_prefix("method.request.")?;
    if rest == "body" && body {
        return Some(Some(ParameterSource::Body));
    }
    let (location, name) = rest.split_once('.')?;
    let named = (!name.is_empty()).then(|| name.to_owned())?;
    Some(match location {
        "path" => Some(ParameterSource::Path(named)),
        "querystring" => Some(ParameterSource::QueryString(named)),
        "multivaluequerystring" => Some(ParameterSource::MultiValueQueryString(named)),
        "header" => Some(ParameterSource::Header(named)),
        "multivalueheader" => Some(ParameterSource::MultiValueHeader(named)),
        "body" if body => path(name, text, report).map(ParameterSource::BodyPath),
        _ => return None,
    })
}

fn response_source(value: &str, text: &Text, report: &Report) -> Found {
    let rest = value.strip_prefix("integration.response.")?;
    if rest == "body" {
        return Some(Some(ParameterSource::ResponseBody));
    }
    let (location, name) = rest.split_once('.')?;
    let named = (!name.is_empty()).then(|| name.to_owned())?;
    Some(match location {
        "header" => Some(ParameterSource::ResponseHeader(named)),
        "multivalueheader" => Some(ParameterSource::MultiValueResponseHeader(named)),
        "body" => path(name, text, report).map(ParameterSource::ResponseBodyPath),
        _ => return None,
    })
}

/// A JSON path without its `$.`, which is how API Gateway documents it here; written with it, it means the same.
fn path(rest: &str, text: &Text, report: &Report) -> Option<Path> {
    let whole = match rest.starts_with('$') {
        true => rest.to_owned(),
        false if rest.starts_with('[') => format!("${rest}"),
        false => format!("$.{rest}"),
    };
    match Path::compile(&whole) {
        Ok(path) => Some(path),
        Err(e) => {
            report.error(&text.place, "jsonpath", format!("`{whole}` is not a JSON path: {}", e.detail));
            None
        }
    }
}

fn wrong_source(value: &str, side: Side) -> String {
    let expected = match side {
        Side::Request => "`method.request.{path|querystring|header|body}…`, `context.…`, `stageVariables.…`",
        Side::Response => "`integration.response.{header|body}…`, `context.…`, `stageVariables.…`",
        Side::Gateway => "`method.request.{path|querystring|header}.…`, `context.…`, `stageVariables.…`",
    };
    format!("`{value}` is not {expected} or a literal, which needs single quotes of its own: \"'{value}'\"")
}
