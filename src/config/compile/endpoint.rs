//! Where an integration's call goes: a function, a service or a url, with stage variables and parameters put in.

use std::sync::Arc;

use super::placeholder;
use super::surroundings::Surroundings;
use crate::api::{Endpoint, FunctionRef, HttpUri, IntegrationType, ServiceRef, UriPart};
use crate::config::definition::written::intrinsic::{substitute, unresolved};
use crate::config::definition::written::{Integration, Text};
use crate::config::document::url::Url;
use crate::config::document::{Place, nearest};

const LAMBDA_URI: &str = "`arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function ARN}/invocations`";

/// Why every call is a 500.
pub(crate) type Broken = Option<String>;

/// The endpoint, and why it cannot be called if it cannot; `None` when it is wrong (and reported).
pub(crate) fn endpoint(
    kind: IntegrationType,
    written: &Integration,
    s: &Surroundings<'_>,
) -> Option<(Endpoint, Broken)> {
    if kind == IntegrationType::Mock {
        return Some((Endpoint::None, None));
    }
    let is_http = matches!(kind, IntegrationType::Http | IntegrationType::HttpProxy);
    if let Some(function) = &written.function {
        if is_http {
            let message = "`function` is for `AWS` and `AWS_PROXY`; an HTTP integration has a `uri`".to_owned();
            s.report.error(&function.place, "uri", message);
            return None;
        }
        let name = expand(function, s);
        return lambda(&name, function, s);
    }
    let Some(uri) = &written.uri else {
        let expected = if is_http { "`uri`" } else { "`uri` (or, in a native route, `function`)" };
        s.report.error(&written.place, "missing-key", format!("{expected} is missing"));
        return None;
    };
    let text = expand(uri, s);
    if let Some(message) = unrendered(&text, uri, s) {
        return Some((Endpoint::None, Some(message)));
    }
    if is_http { Some((Endpoint::Http(http(&text, uri, s)), None)) } else { aws(kind, &text, uri, s) }
}

/// The function that an authorizer's `authorizerUri` names, or why it cannot be called.
pub(crate) fn authorizer_function(uri: &Text, s: &Surroundings<'_>) -> Result<FunctionRef, String> {
    let text = expand(uri, s);
    if let Some(message) = unrendered(&text, uri, s) {
        return Err(message);
    }
    match aws(IntegrationType::AwsProxy, &text, uri, s) {
        Some((Endpoint::Lambda(function), None)) => Ok(function),
        Some((_, Some(why))) => Err(why),
        Some((_, None)) | None => Err(format!("`{text}` names no function")),
    }
}

/// The function of an HTTP API's integration, by the uri that a REST API has too or by its own ARN, and why it cannot be called
/// if it cannot; `None` when it is wrong (and reported).
pub(crate) fn function(uri: &Text, s: &Surroundings<'_>) -> Option<(Endpoint, Broken)> {
    let text = expand(uri, s);
    if let Some(why) = unrendered(&text, uri, s) {
        return Some((Endpoint::None, Some(why)));
    }
    let plain = name_the_rest(&text, uri, s);
    let is_own = plain.starts_with("arn:") && plain.contains(":lambda:") && plain.contains(":function:");
    match is_own && !plain.contains("/functions/") {
        true => lambda(&plain, uri, s),
        false => aws(IntegrationType::AwsProxy, &text, uri, s),
    }
}

/// A function by its name or ARN, as native routes have it.
pub(crate) fn named_function(name: &Text, s: &Surroundings<'_>) -> Option<(Endpoint, Broken)> {
    lambda(&expand(name, s), name, s)
}

/// The url of an HTTP API's integration.
pub(crate) fn url(uri: &Text, s: &Surroundings<'_>) -> Result<HttpUri, String> {
    let text = expand(uri, s);
    unrendered(&text, uri, s).map_or_else(|| Ok(http(&text, uri, s)), Err)
}

/// The address of what stands behind a VPC link: under the uri itself (an ARN), else under the link's id, else `vpc_link`.
pub(crate) fn behind_vpc_link(uri: &Text, link: Option<&str>, s: &Surroundings<'_>) -> Result<HttpUri, String> {
    let text = expand(uri, s);
    if text.starts_with("http") {
        return Ok(http(&text, uri, s));
    }
    let names = [Some(text.as_str()), link, Some("vpc_link")];
    let found = names.into_iter().flatten().find_map(|name| s.services.get(name));
    let at = found.cloned().or_else(|| s.offline.then(|| "http://vpc-link.invalid".to_owned()));
    let Some(base) = at else {
        let message = "nothing says where what is behind the VPC link is: add `services.vpc_link`".to_owned();
        if s.is_first_missing(&format!("service {text}")) {
            s.report.error(&uri.place, "unknown-service", message.clone());
        }
        return Err(message);
    };
    Ok(http(base.trim_end_matches('/'), uri, s))
}

/// The configured address of a service that an HTTP API calls by an integration subtype.
pub(crate) fn service_address(name: &str, place: &Place, s: &Surroundings<'_>) -> Result<String, String> {
    let found = s.services.get(name).or_else(|| s.services.get("*")).cloned();
    let at_aws = || s.offline.then(|| format!("https://{name}.{}.amazonaws.com", s.stage.region));
    if let Some(base) = found.or_else(at_aws) {
        return Ok(base.trim_end_matches('/').to_owned());
    }
    let message = format!("nothing says where service `{name}` is: add `services.{name}`");
    if s.is_first_missing(&format!("service {name}")) {
        s.report.error(place, "unknown-service", message.clone());
    }
    Err(message)
}

fn unrendered(text: &str, uri: &Text, s: &Surroundings<'_>) -> Option<String> {
    let found = placeholder::find(text)?;
    let message = format!("`{found}` in the uri is not filled in: every request is answered 500");
    s.report.error(&uri.place, "unrendered", message.clone());
    Some(message)
}

/// Stage variables and parameters put in. An unset stage variable is the empty text; what comes of that is a bad url and a 500
/// at each call, no failed deployment (recorded on AWS). `${!stageVariables.x}` is one
/// too: so it stands in what was copied out of a template's `Fn::Sub`.
fn expand(text: &Text, s: &Surroundings<'_>) -> String {
    if memchr::memchr(b'$', text.value.as_bytes()).is_none() {
        return text.value.to_string();
    }
    let plain = substitute(&text.value, |_| None);
    substitute(&plain, |name| {
        let Some(variable) = name.strip_prefix("stageVariables.") else { return s.stage.parameter(name) };
        let value = s.variables.get(variable).cloned();
        if value.is_none() {
            let message = format!("stage variable `{variable}` is not set: it is the empty text here");
            s.report.warning(&text.place, "unset-stage-variable", message);
        }
        Some(value.unwrap_or_default())
    })
}

fn aws(kind: IntegrationType, text: &str, uri: &Text, s: &Surroundings<'_>) -> Option<(Endpoint, Broken)> {
    let whole = text.strip_prefix("${").and_then(|t| t.strip_suffix('}')).filter(|t| !t.contains('}'));
    let plain = name_the_rest(text, uri, s);
    let pieces: Vec<&str> = plain.splitn(6, ':').collect();
    if let ["arn", _, "apigateway", _, service, action] = pieces.as_slice() {
        if *service == "lambda" {
            return invocation(kind, action, uri, s);
        }
        // API Gateway refuses all but Lambda and Firehose (recorded on AWS); Firehose is not served here.
        if kind == IntegrationType::AwsProxy {
            let message = format!("`AWS_PROXY` calls Lambda functions only; the uri names `{service}`");
            s.report.error(&uri.place, "uri", message);
            return None;
        }
        return Some(match self::service(service, action, uri, s) {
            Ok(service) => (Endpoint::Service(service), None),
            Err(why) => (Endpoint::None, Some(why)),
        });
    }
    if whole.is_some() {
        return lambda(&plain, uri, s);
    }
    if plain.starts_with("arn:") && plain.contains(":lambda:") && plain.contains(":function:") {
        s.report.warning(&uri.place, "uri", format!("a function's own ARN: API Gateway takes {LAMBDA_URI}"));
        return lambda(&plain, uri, s);
    }
    let message =
        format!("`{text}` is not {LAMBDA_URI} nor `arn:aws:apigateway:{{region}}:{{service}}:path/…` or `…:action/…`");
    s.report.error(&uri.place, "uri", message);
    None
}

/// `${Orders.Arn}` of a template that is not deployed: its own name must do.
fn name_the_rest(text: &str, uri: &Text, s: &Surroundings<'_>) -> String {
    for name in unresolved(text) {
        let message =
            format!("`${{{name}}}` has no value here: taken as `{}`; `api.parameters` can give one", short(&name));
        s.report.note(&uri.place, "template-parameter", message);
    }
    substitute(text, |name| Some(short(name)))
}

fn short(name: &str) -> String {
    let name = name.split(".Arn").next().unwrap_or(name).replace("::", "-");
    name.replace([':', '{', '}', '$'], "-")
}

/// `path/2015-03-31/functions/{function}/invocations`. Only the end is looked at: a doubled slash in `path//2015-03-31` was seen
/// to be accepted by AWS.
fn invocation(kind: IntegrationType, action: &str, uri: &Text, s: &Surroundings<'_>) -> Option<(Endpoint, Broken)> {
    let rest = action.split_once("/functions/").map(|(_, rest)| rest);
    let buffered = rest.and_then(|r| r.strip_suffix("/invocations"));
    let streamed = rest.and_then(|r| r.strip_suffix("/response-streaming-invocations"));
    if streamed.is_some() && kind != IntegrationType::AwsProxy {
        let message = "the answer is not streamed: it is sent once it is complete".to_owned();
        s.report.warning(&uri.place, "streaming", message);
    }
    match streamed.or(buffered) {
        Some(function) => lambda(function, uri, s),
        None => {
            s.report.error(&uri.place, "uri", format!("expected {LAMBDA_URI}"));
            None
        }
    }
}

/// A function by name, partial or whole ARN, with or without alias.
fn lambda(written: &str, text: &Text, s: &Surroundings<'_>) -> Option<(Endpoint, Broken)> {
    let pieces: Vec<&str> = written.split(':').collect();
    let after = pieces.iter().position(|piece| *piece == "function").map_or(0, |at| at + 1);
    let name = pieces.get(after).copied().unwrap_or_default();
    let qualifier = pieces.get(after + 1).copied().filter(|q| !q.is_empty());
    if name.is_empty() || name == "arn" {
        let message = format!("`{written}` names no function: every request is answered 500");
        s.report.warning(&text.place, "empty-function", message.clone());
        return Some((Endpoint::None, Some(message)));
    }
    let Some(backend) = find(name, qualifier, s) else {
        return Some((Endpoint::None, Some(missing_function(name, text, s))));
    };
    let arn = match written.starts_with("arn:") {
        true => written.to_owned(),
        false => {
            let qualifier = qualifier.map(|q| format!(":{q}")).unwrap_or_default();
            format!("arn:aws:lambda:{}:{}:function:{name}{qualifier}", s.stage.region, s.stage.account_id)
        }
    };
    let qualifier = qualifier.map(|qualifier| s.texts.get(qualifier));
    let function = FunctionRef { name: s.texts.get(name), qualifier, arn: s.texts.get(&arn), backend };
    Some((Endpoint::Lambda(function), None))
}

/// `name:alias`, then `name`, for each name that the function has; then `*`.
fn find(name: &str, qualifier: Option<&str>, s: &Surroundings<'_>) -> Option<usize> {
    let position = |key: &str| s.functions.iter().position(|f| f.name == key);
    let names = || [name].into_iter().chain(others(name, s));
    let qualified = qualifier.and_then(|q| names().find_map(|name| position(&format!("{name}:{q}"))));
    qualified.or_else(|| names().find_map(position)).or_else(|| position("*"))
}

fn others<'a>(name: &str, s: &'a Surroundings<'_>) -> impl Iterator<Item = &'a str> {
    s.names.get(name).into_iter().flatten().map(String::as_str)
}

/// Reports it once for each function.
fn missing_function(name: &str, text: &Text, s: &Surroundings<'_>) -> String {
    let known: Vec<&str> = s.functions.iter().map(|f| f.name.as_str()).collect();
    let hint = nearest(name, &known).map(|n| format!("; the nearest entry is `{n}`")).unwrap_or_default();
    let others: Vec<String> = others(name, s).map(|other| format!(", `functions.{other}`")).collect();
    let others = others.concat();
    let message =
        format!("nothing says where function `{name}` is: add `functions.{name}`{others} or `functions.\"*\"`{hint}");
    if s.is_first_missing(name) {
        s.report.error(&text.place, "unknown-function", message.clone());
    }
    message
}

/// `path/{path}` or `action/{Action}&{parameters}` of a service, at the address that the configuration gives for it.
fn service(service: &str, rest: &str, uri: &Text, s: &Surroundings<'_>) -> Result<ServiceRef, String> {
    let (subdomain, name) = service.rsplit_once('.').map_or((None, service), |(sub, name)| (Some(sub), name));
    let exact = s.services.get(service).map(|base| (base.clone(), None));
    let by_name = || s.services.get(name).or_else(|| s.services.get("*")).map(|base| (base.clone(), subdomain));
    let at_aws = || s.offline.then(|| (format!("https://{service}.{}.amazonaws.com", s.stage.region), None));
    let Some((base, subdomain)) = exact.or_else(by_name).or_else(at_aws) else {
        let message = format!("nothing says where service `{name}` is: add `services.{name}`");
        if s.is_first_missing(&format!("service {name}")) {
            s.report.error(&uri.place, "unknown-service", message.clone());
        }
        return Err(message);
    };
    let base = base.trim_end_matches('/');
    let subdomain = subdomain.map(|sub| format!("/{sub}")).unwrap_or_default();
    let (action, text) = match rest.split_once('/') {
        Some(("path", path)) => (None, format!("{base}{subdomain}/{}", path.trim_start_matches('/'))),
        Some(("action", action)) => {
            let (action, query) = action.split_once('&').unwrap_or((action, ""));
            let query = if query.is_empty() { String::new() } else { format!("?{query}") };
            (Some(action), format!("{base}{subdomain}/{query}"))
        }
        _ => {
            let message = format!("`{rest}` is not `path/…` or `action/…`");
            s.report.error(&uri.place, "uri", message.clone());
            return Err(message);
        }
    };
    let uri = http(&text, uri, s);
    Ok(ServiceRef { service: name.into(), action: action.map(Into::into), uri })
}

/// A url with `{name}` placeholders; one that cannot be called is a 500 at run time, as on AWS.
fn http(text: &str, uri: &Text, s: &Surroundings<'_>) -> HttpUri {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, after) = (&rest[..start], &rest[start + 1..]);
        let name = after.find('}').map(|end| &after[..end]).filter(|_| !before.ends_with('$'));
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            literal.push_str(&rest[..=start]);
            rest = after;
            continue;
        };
        literal.push_str(before);
        if !literal.is_empty() {
            parts.push(UriPart::Literal(std::mem::take(&mut literal)));
        }
        parts.push(UriPart::Placeholder(name.to_owned()));
        rest = &after[name.len() + 1..];
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        parts.push(UriPart::Literal(literal));
    }
    let invalid = why_invalid(text, &parts);
    if let Some(why) = &invalid {
        let message = format!("`{text}` cannot be called ({why}): every request is answered 500");
        s.report.warning(&uri.place, "invalid-endpoint", message);
    }
    HttpUri { text: Arc::from(text), parts, invalid }
}

fn why_invalid(text: &str, parts: &[UriPart]) -> Option<String> {
    if let Some(name) = unresolved(text).first() {
        return Some(format!("`${{{name}}}` has no value; `api.parameters` can give one"));
    }
    let filled: String = parts
        .iter()
        .map(|part| match part {
            UriPart::Literal(text) => text.as_str(),
            UriPart::Placeholder(_) => "x",
        })
        .collect();
    Url::parse(&filled).err()
}
