//! `Method`: method request, integration, method responses.

use std::sync::Arc;

use super::http_method::HttpMethod;
use super::integration::Integration;
use super::schema::JsonSchema;
use super::usage_plan::Throttle;

/// One method of a resource.
#[derive(Debug, Clone)]
pub struct Method {
    /// `GET` …, or `ANY`.
    pub http_method: HttpMethod,
    /// `operationName` (OpenAPI `operationId`).
    pub operation_name: Option<String>,
    /// What guards the method.
    pub authorization: Authorization,
    /// `authorizationScopes`: of which a token must have one.
    pub scopes: Vec<String>,
    /// Whether a key of a usage plan is needed.
    pub api_key_required: bool,
    /// Throttle of this method in the stage's settings.
    pub throttle: Option<Throttle>,
    /// What is checked before anything is called.
    pub request: MethodRequest,
    /// What is called.
    pub integration: Integration,
    /// The statuses that the method may answer with, and their headers.
    pub responses: Vec<MethodResponse>,
}

/// What guards a method.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Authorization {
    /// Open to all.
    #[default]
    None,
    /// `AWS_IAM`: requests must be signed.
    AwsIam,
    /// A Cognito user pool, by the name of its security scheme.
    CognitoUserPools(String),
    /// A JWT authorizer, by the name of its security scheme.
    Jwt(String),
    /// A Lambda authorizer, by the name of its security scheme; with the header that must be there for a TOKEN one.
    Custom {
        /// The security scheme's name.
        name: String,
        /// The header that holds the token (`identitySource`), for a TOKEN authorizer.
        token_header: Option<String>,
    },
}

/// What is checked before anything is called.
#[derive(Debug, Clone, Default)]
pub struct MethodRequest {
    /// Parameters that the method declares.
    pub parameters: Vec<RequestParameter>,
    /// Whether required parameters are checked.
    pub validate_parameters: bool,
    /// Whether the body is checked against its model.
    pub validate_body: bool,
    /// Models by media type (`$default` for the rest).
    pub models: Vec<(String, Model)>,
}

/// A parameter that the method declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestParameter {
    /// Where it stands.
    pub location: ParameterLocation,
    /// Its name.
    pub name: String,
    /// Whether a request without it is refused.
    pub required: bool,
}

/// Where a request parameter stands. The order is the order in which missing ones are listed (recorded on AWS).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum ParameterLocation {
    Header,
    Path,
    QueryString,
}

/// A body model: a JSON schema of draft 4, compiled.
#[derive(Clone)]
pub struct Model {
    /// Its name in the definition.
    pub name: String,
    /// The compiled schema.
    pub schema: Arc<JsonSchema>,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Model").field(&self.name).finish()
    }
}

/// A status that the method may answer with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodResponse {
    /// The status.
    pub status: u16,
    /// Headers that may be mapped.
    pub headers: Vec<String>,
}
