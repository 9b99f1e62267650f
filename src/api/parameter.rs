//! `ParameterMapping`: from where, to where.

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
