//! `IdentitySource`: which value of a request identifies its caller, and the key under which an answer about it is kept.

use std::borrow::Cow;
use std::fmt::{self, Display};

use crate::pattern::{Outcome, Pattern};

/// Where a value that identifies the caller stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentitySource {
    /// A header.
    Header(String),
    /// A query string parameter.
    QueryString(String),
    /// A stage variable.
    StageVariable(String),
    /// A variable of `$context`, without that word.
    Context(String),
}

/// What identity sources read: the request in flight.
pub trait CallerValues {
    /// A header's value, its name in any case.
    fn header(&self, name: &str) -> Option<Cow<'_, str>>;
    /// A query string parameter's value, decoded.
    fn query_string(&self, name: &str) -> Option<Cow<'_, str>>;
    /// A stage variable.
    fn stage_variable(&self, name: &str) -> Option<Cow<'_, str>>;
    /// A variable of `$context`, such as `identity.sourceIp`.
    fn context(&self, name: &str) -> Option<Cow<'_, str>>;
}

/// What no API Gateway reads an identity from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownSource {
    /// As it was written.
    pub written: String,
    /// What would have been one.
    pub expected: &'static str,
}

/// Why a request does not identify its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unidentified {
    /// The source is absent or empty.
    Missing(IdentitySource),
    /// The token does not match `identityValidationExpression`.
    Expression {
        /// Where the token stands.
        source: IdentitySource,
        /// The expression.
        expression: String,
    },
}

impl IdentitySource {
    /// Reads a REST API's list: `method.request.header.Auth, context.identity.sourceIp`.
    pub fn parse_rest_list(text: &str) -> Result<Vec<IdentitySource>, UnknownSource> {
        text.split(',').map(str::trim).filter(|one| !one.is_empty()).map(IdentitySource::parse_rest).collect()
    }

    /// Reads one of a REST API's: `method.request.header.Auth`.
    pub fn parse_rest(text: &str) -> Result<IdentitySource, UnknownSource> {
        let forms = [
            ("method.request.header.", IdentitySource::Header as Form),
            ("method.request.querystring.", IdentitySource::QueryString),
            ("stageVariables.", IdentitySource::StageVariable),
            ("context.", IdentitySource::Context),
        ];
        let expected =
            "`method.request.header.NAME`, `method.request.querystring.NAME`, `stageVariables.NAME` or `context.NAME`";
        parse(text, forms, expected)
    }

    /// Reads one of an HTTP API's: `$request.header.Auth`.
    pub fn parse_http(text: &str) -> Result<IdentitySource, UnknownSource> {
        let forms = [
            ("$request.header.", IdentitySource::Header as Form),
            ("$request.querystring.", IdentitySource::QueryString),
            ("$stageVariables.", IdentitySource::StageVariable),
            ("$context.", IdentitySource::Context),
        ];
        let expected = "`$request.header.NAME`, `$request.querystring.NAME`, `$stageVariables.NAME` or `$context.NAME`";
        parse(text, forms, expected)
    }

    /// The value; an empty one counts as absent (documented).
    pub fn read<'r>(&self, request: &'r dyn CallerValues) -> Option<Cow<'r, str>> {
        let value = match self {
            IdentitySource::Header(name) => request.header(name),
            IdentitySource::QueryString(name) => request.query_string(name),
            IdentitySource::StageVariable(name) => request.stage_variable(name),
            IdentitySource::Context(name) => request.context(name),
        };
        value.filter(|value| !value.is_empty())
    }
}

/// What a prefix stands for.
type Form = fn(String) -> IdentitySource;

fn parse(text: &str, forms: [(&str, Form); 4], expected: &'static str) -> Result<IdentitySource, UnknownSource> {
    let found = forms.iter().find_map(|(prefix, source)| Some((text.strip_prefix(prefix)?, source)));
    match found {
        Some((name, source)) if !name.is_empty() => Ok(source(name.to_owned())),
        _ => Err(UnknownSource { written: text.to_owned(), expected }),
    }
}

/// Every value that identifies the caller, in order, or the first that is missing.
pub fn identify(sources: &[IdentitySource], request: &dyn CallerValues) -> Result<Vec<String>, Unidentified> {
    let value = |source: &IdentitySource| {
        source.read(request).map(Cow::into_owned).ok_or_else(|| Unidentified::Missing(source.clone()))
    };
    sources.iter().map(value).collect()
}

/// The token of a TOKEN authorizer: there, not empty, and as a whole what the expression describes. An expression that
/// gives up matches nothing.
pub fn token(
    source: &IdentitySource,
    expression: Option<&Pattern>,
    request: &dyn CallerValues,
) -> Result<String, Unidentified> {
    let token = source.read(request).ok_or_else(|| Unidentified::Missing(source.clone()))?;
    match expression {
        Some(expression) if expression.matches(&token) != Outcome::Match => {
            Err(Unidentified::Expression { source: source.clone(), expression: expression.source().to_owned() })
        }
        _ => Ok(token.into_owned()),
    }
}

/// Under what an authorizer's answer is kept. It holds what identifies the caller, so it does not print it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CacheKey(Box<str>);

impl CacheKey {
    /// Of one authorizer, for one stage. Lengths stand before the values, so that no two lists look alike.
    pub fn new(authorizer: &str, stage: &str, values: &[String]) -> CacheKey {
        let parts = [authorizer, stage].into_iter().chain(values.iter().map(String::as_str));
        let mut length = itoa::Buffer::new();
        let mut key = String::with_capacity(parts.clone().map(|part| part.len() + 5).sum());
        for part in parts {
            key.push_str(length.format(part.len()));
            key.push(':');
            key.push_str(part);
        }
        CacheKey(key.into())
    }

    /// Of a document at that url, such as an issuer's keys: no authorizer is without a name.
    pub fn of_document(url: &str) -> CacheKey {
        CacheKey::new("", url, &[])
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("CacheKey(…)")
    }
}

impl Display for IdentitySource {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            IdentitySource::Header(name) => write!(f, "header `{name}`"),
            IdentitySource::QueryString(name) => write!(f, "query string parameter `{name}`"),
            IdentitySource::StageVariable(name) => write!(f, "stage variable `{name}`"),
            IdentitySource::Context(name) => write!(f, "`$context.{name}`"),
        }
    }
}

impl Display for UnknownSource {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "`{}` is no identity source: expected {}", self.written, self.expected)
    }
}

impl Display for Unidentified {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Unidentified::Missing(source) => write!(f, "the identity source {source} is missing or empty"),
            Unidentified::Expression { source, expression } => {
                write!(f, "the identity source {source} does not match `{expression}`")
            }
        }
    }
}
