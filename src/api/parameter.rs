//! `ParameterMapping`: from where, to where.

use std::fmt;

use crate::jsonpath::Path;

/// One entry of `requestParameters` or `responseParameters`.
#[derive(Debug, Clone)]
pub struct ParameterMapping {
    /// Where the value goes.
    pub target: ParameterTarget,
    /// The name there, with the spelling of the definition.
    pub name: String,
    /// Where it comes from.
    pub source: ParameterSource,
    /// The source as the definition has it.
    pub written: String,
}

/// Where a mapped value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterTarget {
    /// `integration.request.header.NAME`
    RequestHeader,
    /// `integration.request.path.NAME`
    RequestPath,
    /// `integration.request.querystring.NAME`
    RequestQueryString,
    /// `method.response.header.NAME`, `gatewayresponse.header.NAME`
    ResponseHeader,
}

/// Where a mapped value comes from.
#[derive(Debug, Clone)]
pub enum ParameterSource {
    /// `method.request.path.NAME`
    Path(String),
    /// `method.request.querystring.NAME`: the last value
    QueryString(String),
    /// `method.request.multivaluequerystring.NAME`: every value
    MultiValueQueryString(String),
    /// `method.request.header.NAME`: the last value
    Header(String),
    /// `method.request.multivalueheader.NAME`: every value
    MultiValueHeader(String),
    /// `method.request.body`
    Body,
    /// `method.request.body.JSONPATH`
    BodyPath(Path),
    /// `integration.response.header.NAME`
    ResponseHeader(String),
    /// `integration.response.multivalueheader.NAME`
    MultiValueResponseHeader(String),
    /// `integration.response.body`
    ResponseBody,
    /// `integration.response.body.JSONPATH`
    ResponseBodyPath(Path),
    /// `context.NAME`, the dotted rest
    Context(String),
    /// `stageVariables.NAME` or a literal in single quotes: known at load
    Literal(String),
}

impl ParameterMapping {
    /// The target as definitions name it, without where that is: `header.X-Id`.
    pub(crate) fn target_name(&self) -> String {
        let place = match self.target {
            ParameterTarget::RequestHeader | ParameterTarget::ResponseHeader => "header",
            ParameterTarget::RequestPath => "path",
            ParameterTarget::RequestQueryString => "querystring",
        };
        format!("{place}.{}", self.name)
    }
}

/// As definitions name it; a stage variable stands as what it held at load.
impl fmt::Display for ParameterSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParameterSource::Path(name) => write!(f, "method.request.path.{name}"),
            ParameterSource::QueryString(name) => write!(f, "method.request.querystring.{name}"),
            ParameterSource::MultiValueQueryString(name) => write!(f, "method.request.multivaluequerystring.{name}"),
            ParameterSource::Header(name) => write!(f, "method.request.header.{name}"),
            ParameterSource::MultiValueHeader(name) => write!(f, "method.request.multivalueheader.{name}"),
            ParameterSource::Body => f.write_str("method.request.body"),
            ParameterSource::BodyPath(path) => write!(f, "method.request.body {path:?}"),
            ParameterSource::ResponseHeader(name) => write!(f, "integration.response.header.{name}"),
            ParameterSource::MultiValueResponseHeader(name) => {
                write!(f, "integration.response.multivalueheader.{name}")
            }
            ParameterSource::ResponseBody => f.write_str("integration.response.body"),
            ParameterSource::ResponseBodyPath(path) => write!(f, "integration.response.body {path:?}"),
            ParameterSource::Context(name) => write!(f, "context.{name}"),
            ParameterSource::Literal(text) => write!(f, "'{text}'"),
        }
    }
}
