//! `Integration`: what a method calls, how the call is made, and how its answer becomes the method's.

use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;

use super::http_method::HttpMethod;
use super::parameter::ParameterMapping;
use crate::pattern::{Pattern, PatternSet};
use crate::vtl::Template;

/// What a method calls.
#[derive(Debug, Clone)]
pub struct Integration {
    /// AWS, AWS_PROXY, HTTP, HTTP_PROXY, MOCK.
    pub kind: IntegrationType,
    /// Where the call goes.
    pub endpoint: Endpoint,
    /// The method that the backend is called with; `Any`: the client's.
    pub http_method: HttpMethod,
    /// Longest time for the call.
    pub timeout: Duration,
    /// Whether the answer is handed on as it comes (`responseTransferMode: STREAM`).
    pub streamed: bool,
    /// What happens to a body that no request template takes.
    pub passthrough_behavior: PassthroughBehavior,
    /// Conversion of the request body.
    pub content_handling: Option<ContentHandling>,
    /// `requestParameters`
    pub request_parameters: Vec<ParameterMapping>,
    /// `requestTemplates`
    pub request_templates: Templates,
    /// Integration responses in the order in which they are tried; the default last, if there is one.
    pub responses: Vec<IntegrationResponse>,
    /// The patterns of `responses`, in their order, without the default's.
    pub patterns: PatternSet,
    /// A header that API Gateway refuses to map at run time, such as `Content-Length`: every call is a 500, even when the source
    /// is empty (recorded on AWS).
    pub illegal_header: Option<String>,
    /// Why every call to it is a 500 (AWS_PROXY with another integration method than POST …).
    pub broken: Option<String>,
}

/// The five integration types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum IntegrationType {
    Aws,
    AwsProxy,
    Http,
    HttpProxy,
    Mock,
}

impl IntegrationType {
    /// The word of a definition.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            IntegrationType::Aws => "AWS",
            IntegrationType::AwsProxy => "AWS_PROXY",
            IntegrationType::Http => "HTTP",
            IntegrationType::HttpProxy => "HTTP_PROXY",
            IntegrationType::Mock => "MOCK",
        }
    }

    /// Whether mapping this request header makes every call a 500 (recorded on AWS, but for the API's id). Public definitions
    /// in use map `X-Amzn-Trace-Id`: an emulator's belief that it is refused too is not followed.
    pub fn refuses_header(self, name: &str) -> bool {
        const ALWAYS: &[&str] = &["content-length", "transfer-encoding", "x-amzn-apigateway-api-id"];
        const BY_AWS: &[&str] = &["authorization", "connection", "expect", "proxy-authenticate", "te"];
        let is_in = |list: &[&str]| list.iter().any(|n| n.eq_ignore_ascii_case(name));
        is_in(ALWAYS) || (matches!(self, IntegrationType::Aws | IntegrationType::AwsProxy) && is_in(BY_AWS))
    }
}

/// Where a call goes, stage variables put in.
#[derive(Debug, Clone)]
pub enum Endpoint {
    /// A Lambda function.
    Lambda(FunctionRef),
    /// Another AWS service, at the address that the configuration gives for it.
    Service(ServiceRef),
    /// An HTTP backend: the uri, with `{name}` placeholders for path parameters.
    Http(HttpUri),
    /// None (MOCK).
    None,
}

/// A Lambda function, as the definition names it.
#[derive(Debug, Clone)]
pub struct FunctionRef {
    /// The name, without version or alias: the metric's label.
    pub name: Arc<str>,
    /// Version or alias.
    pub qualifier: Option<Arc<str>>,
    /// The whole ARN as written, for the execution log.
    pub arn: Arc<str>,
    /// Which of the configuration's `functions` it is: an index into that list.
    pub backend: usize,
}

/// An action of an AWS service.
#[derive(Debug, Clone)]
pub struct ServiceRef {
    /// Such as `sqs`.
    pub service: Arc<str>,
    /// Such as `SendMessage`, for the `action/…` form: sent as the `Action` parameter.
    pub action: Option<Arc<str>>,
    /// The uri that is called: the configured address and the path.
    pub uri: HttpUri,
}

/// A uri with placeholders.
#[derive(Debug, Clone)]
pub struct HttpUri {
    /// As written, stage variables put in.
    pub text: Arc<str>,
    /// Literal text and placeholder names in turn.
    pub parts: Vec<UriPart>,
    /// Why it cannot be called (bad scheme, no host): the 500 `Invalid endpoint address`.
    pub invalid: Option<String>,
}

/// A piece of a uri.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UriPart {
    /// Text.
    Literal(String),
    /// `{name}`: filled by `integration.request.path.name` only.
    Placeholder(String),
}

/// What happens to a body that no request template takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PassthroughBehavior {
    #[default]
    WhenNoMatch,
    WhenNoTemplates,
    Never,
}

/// Conversion of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ContentHandling {
    ConvertToText,
    ConvertToBinary,
}

/// Mapping templates by media type, in the order of the definition.
pub(crate) type Templates = Vec<(SmolStr, MappingTemplate)>;

/// A mapping template, parsed.
#[derive(Debug, Clone)]
pub struct MappingTemplate {
    /// The text, for `explain` and errors.
    pub source: Arc<str>,
    /// What it does; `None` for an empty template, which passes the body through.
    pub template: Option<Arc<Template>>,
    /// What it can look at of the request.
    pub looks_at: LooksAt,
}

/// What a template can look at of what would take long to show as a whole.
#[derive(Debug, Clone, Default)]
pub struct LooksAt {
    /// These members of `$context`; `None`: any.
    pub context: Option<Arc<[Arc<str>]>>,
    /// These parameters by `$input.params`; `None`: any.
    pub parameters: Option<Arc<[Arc<str>]>>,
}

/// How an answer of the backend becomes the method's.
#[derive(Debug, Clone)]
pub struct IntegrationResponse {
    /// The regular expression; `None` is the default response.
    pub selection_pattern: Option<Pattern>,
    /// The status that the client gets.
    pub status: u16,
    /// Whether the method declares that status; otherwise choosing this response is a 500.
    pub declared: bool,
    /// `responseParameters`
    pub response_parameters: Vec<ParameterMapping>,
    /// `responseTemplates`
    pub response_templates: Templates,
    /// Conversion of the response body.
    pub content_handling: Option<ContentHandling>,
}
