//! The API as written, with the place of everything: told the same whether it came from native routes or from OpenAPI.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value;
use smol_str::SmolStr;

use super::authorizer::{Authorizer, Policy};
use super::http_api::HttpApi;
use super::text::Text;
use crate::api::{
    ApiKeySource, Authorization, ContentHandling, GatewayResponseType, HttpMethod, IntegrationType,
    PassthroughBehavior, RequestParameter,
};
use crate::config::document::Place;

/// The whole API.
#[derive(Debug, Default)]
pub(crate) struct WrittenApi {
    /// `info.title`, `api.name`
    pub title: Option<String>,
    /// Every method, in the order of the document.
    pub routes: Vec<Route>,
    /// Schemas by name; references between them are `#/definitions/NAME`.
    pub models: IndexMap<String, Schema>,
    /// Request validators by name.
    pub validators: IndexMap<String, Validator>,
    /// Customised gateway responses.
    pub gateway_responses: Vec<GatewayResponse>,
    /// `binaryMediaTypes`
    pub binary_media_types: Option<Vec<String>>,
    /// `minimumCompressionSize`
    pub minimum_compression_size: Option<usize>,
    /// `apiKeySource`
    pub api_key_source: Option<ApiKeySource>,
    /// The resource policy.
    pub policy: Option<Policy>,
    /// Authorizers by name.
    pub authorizers: IndexMap<String, Authorizer>,
    /// The functions of a template, with the other names under which the configuration may know them.
    pub functions: IndexMap<String, Vec<String>>,
    /// The API, when it is an HTTP API.
    pub http: Option<HttpApi>,
    /// Parameters of a template that have no value.
    pub parameters: Vec<String>,
    /// What mappings and templates of a CloudFormation template name and nothing here has a value for: it stands as `${Name}`.
    pub unknown: BTreeSet<String>,
}

/// A JSON schema.
#[derive(Debug, Clone)]
pub(crate) struct Schema {
    /// The schema.
    pub json: Value,
    /// Where it stands.
    pub place: Place,
}

/// A request validator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Validator {
    /// `validateRequestParameters`
    pub parameters: bool,
    /// `validateRequestBody`
    pub body: bool,
}

/// One method of one path.
#[derive(Debug)]
pub(crate) struct Route {
    /// Where it stands.
    pub place: Place,
    /// Whether it was imported: what is unusual there is no error.
    pub imported: bool,
    /// The path's template.
    pub path: String,
    /// The method.
    pub method: HttpMethod,
    /// `operationName`
    pub operation_name: Option<String>,
    /// What guards it.
    pub authorization: Authorization,
    /// `authorizationScopes`
    pub scopes: Vec<String>,
    /// Whether an API key is needed.
    pub api_key_required: bool,
    /// What is checked.
    pub validator: Validator,
    /// Declared parameters.
    pub parameters: Vec<RequestParameter>,
    /// Body models by media type.
    pub models: Vec<(String, Body)>,
    /// Method responses.
    pub responses: Vec<MethodResponse>,
    /// What is called.
    pub integration: Option<Integration>,
    /// What was wrong with it, already reported: every request is answered 500.
    pub broken: Option<String>,
}

/// A body's model.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// One of the API's models.
    Named(String, Place),
    /// A schema of its own.
    Inline(Schema),
}

/// A status that the method may answer with.
#[derive(Debug, Clone)]
pub(crate) struct MethodResponse {
    /// The status.
    pub status: u16,
    /// Headers that may be mapped.
    pub headers: Vec<String>,
}

/// What is called.
#[derive(Debug)]
pub(crate) struct Integration {
    /// Where it stands.
    pub place: Place,
    /// `type`
    pub kind: Option<IntegrationType>,
    /// `uri`
    pub uri: Option<Text>,
    /// A function's name or ARN, in native routes.
    pub function: Option<Text>,
    /// `httpMethod`
    pub http_method: Option<Text>,
    /// `passthroughBehavior`
    pub passthrough_behavior: PassthroughBehavior,
    /// `contentHandling`
    pub content_handling: Option<ContentHandling>,
    /// `timeoutInMillis`
    pub timeout: Option<(u64, Place)>,
    /// Where `responseTransferMode` says `STREAM`.
    pub streamed: Option<Place>,
    /// `requestParameters`
    pub request_parameters: Vec<(SmolStr, Text)>,
    /// `requestTemplates`
    pub request_templates: Vec<(SmolStr, Text)>,
    /// `responses`
    pub responses: Vec<IntegrationResponse>,
    /// `integrationSubtype`, of HTTP APIs.
    pub subtype: Option<String>,
    /// Why it cannot be served at all (a feature of HTTP APIs only), already reported.
    pub unsupported: Option<String>,
}

/// How an answer of the backend becomes the method's.
#[derive(Debug)]
pub(crate) struct IntegrationResponse {
    /// Where it stands.
    pub place: Place,
    /// The pattern; `None` for the default.
    pub pattern: Option<Text>,
    /// `statusCode`
    pub status: u16,
    /// `responseParameters`
    pub parameters: Vec<(SmolStr, Text)>,
    /// `responseTemplates`
    pub templates: Vec<(SmolStr, Text)>,
    /// `contentHandling`
    pub content_handling: Option<ContentHandling>,
}

/// A customised gateway response.
#[derive(Debug)]
pub(crate) struct GatewayResponse {
    /// Where it stands.
    pub place: Place,
    /// Which.
    pub kind: GatewayResponseType,
    /// `statusCode`
    pub status: Option<u16>,
    /// `responseParameters`
    pub parameters: Vec<(SmolStr, Text)>,
    /// `responseTemplates`
    pub templates: Vec<(SmolStr, Text)>,
}
