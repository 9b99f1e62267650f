//! `Mapping`: one entry of an HTTP API's `requestParameters` or `responseParameters`: what is done to which part of a message.

use std::fmt::{self, Display};

use super::expression::{Expression, ExpressionFault};

/// `append:header.x`, with its value.
#[derive(Debug, Clone)]
pub(crate) struct Mapping {
    /// What is done.
    pub action: Action,
    /// To which part.
    pub target: Target,
    /// With which value; `remove` has none.
    pub value: Option<Expression>,
}

/// What a mapping does to its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// The value is added to those that are there.
    Append,
    /// The value takes their place.
    Overwrite,
    /// They are taken away.
    Remove,
}

/// Which part of a message a mapping changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// `header.NAME`
    Header(String),
    /// `querystring.NAME` of a request
    QueryString(String),
    /// `path` of a request
    Path,
    /// `statuscode` of a response
    StatusCode,
}

/// What API Gateway takes for no mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MappingFault {
    /// The key names nothing that can be changed.
    Key {
        /// As written.
        key: String,
        /// Whether it is one of a request's.
        of_request: bool,
    },
    /// The header is API Gateway's own.
    ReservedHeader(String),
    /// The value of `overwrite:statuscode` is no status.
    Status(String),
    /// `$response…` in a request's mapping.
    NoResponseYet(String),
    /// The value is no expression.
    Expression(ExpressionFault),
}

/// Headers that no mapping may name (documented), in lower case; a `*` stands for any end.
const RESERVED: &[&str] = &[
    "access-control-*",
    "apigw-*",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-location",
    "forwarded",
    "keep-alive",
    "origin",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailers",
    "transfer-encoding",
    "upgrade",
    "x-amz-*",
    "x-amzn-*",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "via",
];

impl Mapping {
    /// Reads an entry of `requestParameters`.
    pub(crate) fn of_request(key: &str, value: &str) -> Result<Mapping, MappingFault> {
        let mapping = read(key, value, true)?;
        let early = |e: &Expression| e.sources().any(|source| source.is_of_response());
        match mapping.value.as_ref().filter(|value| early(value)) {
            Some(value) => Err(MappingFault::NoResponseYet(value.written.to_string())),
            None => Ok(mapping),
        }
    }

    /// Reads an entry of `responseParameters`.
    pub(crate) fn of_response(key: &str, value: &str) -> Result<Mapping, MappingFault> {
        let mapping = read(key, value, false)?;
        let status = mapping.value.as_ref().filter(|_| mapping.target == Target::StatusCode);
        let literal = status.and_then(Expression::literal);
        match literal.filter(|text| status_code(text).is_none()) {
            Some(text) => Err(MappingFault::Status(text.to_owned())),
            None => Ok(mapping),
        }
    }
}

/// A status that a mapping may set: 200 to 599 (documented).
pub(crate) fn status_code(text: &str) -> Option<u16> {
    text.trim().parse().ok().filter(|status| (200..600).contains(status))
}

fn read(key: &str, value: &str, of_request: bool) -> Result<Mapping, MappingFault> {
    let wrong = || MappingFault::Key { key: key.to_owned(), of_request };
    // The guide's table spells it with a dot, its examples with a colon.
    let (verb, place) =
        key.split_once(':').or(key.split_once(".path").map(|(verb, _)| (verb, "path"))).ok_or_else(wrong)?;
    let action = match verb {
        "append" => Action::Append,
        "overwrite" => Action::Overwrite,
        "remove" => Action::Remove,
        _ => return Err(wrong()),
    };
    let target = target(place, action, of_request).ok_or_else(wrong)?;
    if let Target::Header(name) = &target
        && is_reserved(name)
    {
        return Err(MappingFault::ReservedHeader(name.clone()));
    }
    let value = match action {
        Action::Remove => None,
        _ => Some(Expression::parse(value).map_err(MappingFault::Expression)?),
    };
    Ok(Mapping { action, target, value })
}

fn target(place: &str, action: Action, of_request: bool) -> Option<Target> {
    match (place, place.split_once('.')) {
        ("path", _) if of_request && action == Action::Overwrite => Some(Target::Path),
        ("statuscode", _) if !of_request && action == Action::Overwrite => Some(Target::StatusCode),
        (_, Some((_, ""))) => None,
        (_, Some(("header", name))) => Some(Target::Header(name.to_owned())),
        (_, Some(("querystring", name))) if of_request => Some(Target::QueryString(name.to_owned())),
        _ => None,
    }
}

fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    RESERVED.iter().any(|entry| entry.strip_suffix('*').map_or(*entry == name, |start| name.starts_with(start)))
}

impl Display for MappingFault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            MappingFault::Key { key, of_request: true } => write!(
                f,
                "`{key}` is no mapping of a request: expected `append|overwrite|remove:header.NAME`, \
                 `append|overwrite|remove:querystring.NAME` or `overwrite:path`"
            ),
            MappingFault::Key { key, of_request: false } => write!(
                f,
                "`{key}` is no mapping of a response: expected `append|overwrite|remove:header.NAME` or \
                 `overwrite:statuscode`"
            ),
            MappingFault::ReservedHeader(name) => {
                write!(f, "the header `{name}` is reserved: no mapping may change it")
            }
            MappingFault::Status(text) => write!(f, "`{text}` is no status: expected 200 to 599"),
            MappingFault::NoResponseYet(value) => {
                write!(f, "`{value}` names a value of the response, which a request's mapping cannot have")
            }
            MappingFault::Expression(fault) => fault.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key and a value, and how each side reads them.
    const ROWS: &[(&str, &str, &str, &str)] = &[
        ("append:header.x", "$request.header.A", "Append Header(\"x\") A", "Append Header(\"x\") A"),
        (
            "overwrite:header.X-Y",
            "'static'",
            "Overwrite Header(\"X-Y\") 'static'",
            "Overwrite Header(\"X-Y\") 'static'",
        ),
        ("remove:header.x", "''", "Remove Header(\"x\")", "Remove Header(\"x\")"),
        ("append:querystring.q", "a", "Append QueryString(\"q\") a", "key"),
        ("remove:querystring.q", "", "Remove QueryString(\"q\")", "key"),
        ("overwrite:path", "/v1${request.path}", "Overwrite Path /v1 Path", "key"),
        ("overwrite.path", "$request.path", "Overwrite Path Path", "key"),
        ("append:path", "/x", "key", "key"),
        ("remove:path", "", "key", "key"),
        ("overwrite:statuscode", "403", "key", "Overwrite StatusCode 403"),
        ("overwrite:statuscode", "199", "key", "`199` is no status: expected 200 to 599"),
        ("overwrite:statuscode", "$context.x", "key", "Overwrite StatusCode x"),
        ("append:statuscode", "403", "key", "key"),
        ("append:header.", "x", "key", "key"),
        ("set:header.x", "x", "key", "key"),
        ("header.x", "x", "key", "key"),
        ("append:body", "x", "key", "key"),
        ("append:header.Via", "x", "reserved Via", "reserved Via"),
        ("remove:header.AUTHORIZATION", "", "reserved AUTHORIZATION", "reserved AUTHORIZATION"),
        ("append:header.X-Amzn-Trace-Id", "x", "reserved X-Amzn-Trace-Id", "reserved X-Amzn-Trace-Id"),
        ("append:header.access-control-x", "x", "reserved access-control-x", "reserved access-control-x"),
        (
            "append:header.x-forwarded-port",
            "x",
            "Append Header(\"x-forwarded-port\") x",
            "Append Header(\"x-forwarded-port\") x",
        ),
        ("append:header.x", "$response.header.a", "early", "Append Header(\"x\") a"),
        ("append:header.x", "${response.body.a}", "early", "Append Header(\"x\") BodyPath"),
    ];

    #[test]
    fn mappings() {
        for (key, value, of_request, of_response) in ROWS {
            assert_eq!(show(Mapping::of_request(key, value)), *of_request, "{key} {value}");
            assert_eq!(show(Mapping::of_response(key, value)), *of_response, "{key} {value}");
        }
    }

    fn show(read: Result<Mapping, MappingFault>) -> String {
        match read {
            Ok(Mapping { action, target, value }) => {
                let value =
                    value.map_or_else(String::new, |value| format!(" {}", super::super::expression::show(&value)));
                format!("{action:?} {target:?}{value}")
            }
            Err(MappingFault::Key { .. }) => "key".to_owned(),
            Err(MappingFault::ReservedHeader(name)) => format!("reserved {name}"),
            Err(MappingFault::NoResponseYet(_)) => "early".to_owned(),
            Err(other) => other.to_string(),
        }
    }
}
