//! `GatewayResponseType` with its default status, and `GatewayResponse`, which customises one.

use super::parameter::ParameterMapping;

macro_rules! types {
    ($($name:ident $text:literal $status:expr;)*) => {
        /// The kinds of answer that the gateway itself makes; names and default statuses as AWS lists them (recorded).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs)]
        pub enum GatewayResponseType { $($name,)* }

        impl GatewayResponseType {
            /// Every type.
            pub const ALL: &'static [GatewayResponseType] = &[$(GatewayResponseType::$name,)*];

            /// The name in definitions.
            pub fn as_str(self) -> &'static str {
                match self { $(GatewayResponseType::$name => $text,)* }
            }

            /// The status unless it is customised; `None` for the two fallbacks.
            pub fn default_status(self) -> Option<u16> {
                match self { $(GatewayResponseType::$name => $status,)* }
            }
        }
    };
}

types! {
    AccessDenied "ACCESS_DENIED" Some(403);
    ApiConfigurationError "API_CONFIGURATION_ERROR" Some(500);
    AuthorizerConfigurationError "AUTHORIZER_CONFIGURATION_ERROR" Some(500);
    AuthorizerFailure "AUTHORIZER_FAILURE" Some(500);
    BadRequestParameters "BAD_REQUEST_PARAMETERS" Some(400);
    BadRequestBody "BAD_REQUEST_BODY" Some(400);
    Default4xx "DEFAULT_4XX" None;
    Default5xx "DEFAULT_5XX" None;
    ExpiredToken "EXPIRED_TOKEN" Some(403);
    IntegrationFailure "INTEGRATION_FAILURE" Some(504);
    IntegrationTimeout "INTEGRATION_TIMEOUT" Some(504);
    InvalidApiKey "INVALID_API_KEY" Some(403);
    InvalidSignature "INVALID_SIGNATURE" Some(403);
    MissingAuthenticationToken "MISSING_AUTHENTICATION_TOKEN" Some(403);
    QuotaExceeded "QUOTA_EXCEEDED" Some(429);
    RequestTooLarge "REQUEST_TOO_LARGE" Some(413);
    ResourceNotFound "RESOURCE_NOT_FOUND" Some(404);
    Throttled "THROTTLED" Some(429);
    Unauthorized "UNAUTHORIZED" Some(401);
    UnsupportedMediaType "UNSUPPORTED_MEDIA_TYPE" Some(415);
    WafFiltered "WAF_FILTERED" Some(403);
}

impl GatewayResponseType {
    /// The type of that name in definitions.
    pub fn parse(name: &str) -> Option<GatewayResponseType> {
        Self::ALL.iter().copied().find(|t| t.as_str() == name)
    }
}

/// A customised gateway response. What it does not set keeps the type's default (nothing is inherited from `DEFAULT_xXX`).
#[derive(Debug, Clone, Default)]
pub struct GatewayResponse {
    /// Another status.
    pub status: Option<u16>,
    /// Headers to add; the target is always `ParameterTarget::ResponseHeader`.
    pub parameters: Vec<ParameterMapping>,
    /// Bodies by media type; plain substitution, not VTL. Empty: the default body.
    pub templates: Vec<(String, String)>,
}

/// The customised gateway responses of an API.
#[derive(Debug, Clone, Default)]
pub struct GatewayResponses(Vec<(GatewayResponseType, GatewayResponse)>);

impl GatewayResponses {
    /// Sets one.
    pub fn set(&mut self, kind: GatewayResponseType, response: GatewayResponse) {
        self.0.retain(|(k, _)| *k != kind);
        self.0.push((kind, response));
    }
    /// The one set for exactly this type.
    pub fn get(&self, kind: GatewayResponseType) -> Option<&GatewayResponse> {
        self.0.iter().find(|(k, _)| *k == kind).map(|(_, r)| r)
    }
    /// Every one that is set.
    pub fn iter(&self) -> impl Iterator<Item = &(GatewayResponseType, GatewayResponse)> {
        self.0.iter()
    }
}
