//! Every way a request can fail, and which gateway response answers it: THE place where 500, 502 and 504 are decided.

use crate::api::GatewayResponseType;

/// Why the gateway itself answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// No resource or method for the request (spec chapter 6.3); with the `Authorization` header, when there is one.
    NoRoute {
        /// The header's value.
        authorization: Option<String>,
    },
    /// The path is outside the stage.
    UnknownStage,
    /// The client's body is over API Gateway's 10 MB: the plain-text 413.
    RequestTooLarge,
    /// The event is over Lambda's 6 MB: the JSON 413.
    EventTooLarge,
    /// The request line or a header is too long.
    HeadTooLarge,
    /// Required parameters that are missing or empty, by name.
    MissingParameters(Vec<String>),
    /// The body does not fit its model: the validator's messages, as `$context.error.validationErrorString` has them.
    InvalidBody(String),
    /// A mapping looks into a body that is not JSON.
    InvalidJsonInRequestBody,
    /// No request template takes the content type, and passing through is forbidden.
    UnsupportedMediaType,
    /// The API key is missing, unknown, disabled or in no plan.
    ApiKey,
    /// A throttle said no.
    Throttled,
    /// A usage plan's quota is used up.
    Quota,
    /// The token that the authorizer needs is missing.
    Unauthorized,
    /// A signature is needed and missing (AWS_IAM).
    Unsigned,
    /// A resource policy or a protection that is not evaluated refuses.
    AccessDenied,
    /// The authorizer cannot be asked.
    Authorizer,
    /// Lambda (or the emulator, or a full queue) refused the invocation with this status.
    InvocationRejected {
        /// The status of the Invoke API's answer.
        status: u16,
    },
    /// No integration response matches, and there is no default.
    NoMatchingResponse {
        /// What the endpoint answered.
        status: u16,
    },
    /// The chosen integration response has a status that the method does not declare.
    UndeclaredStatus(u16),
    /// The request template fails: its error, printed.
    RequestTemplate(String),
    /// The response template fails: its error, printed.
    ResponseTemplate(String),
    /// A body is not base64, or is binary where text is needed.
    ContentHandling(&'static str),
    /// A parameter mapping names a header that API Gateway refuses.
    IllegalHeader(String),
    /// The definition cannot be served as it is.
    Configuration(String),
    /// A fault of stagegate's own.
    Internal(String),
    /// The function raised an error (proxy integration).
    FunctionError {
        /// Its `errorMessage`.
        message: String,
    },
    /// The function's answer is not in the proxy format.
    MalformedResponse(String),
    /// No answer in time.
    Timeout,
    /// The backend cannot be reached, or broke the connection.
    NetworkError(String),
}

/// The closed set of causes: the metric's label, and the word in logs, inspector and `explain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Cause {
    NoRoute,
    RequestTooLarge,
    MissingParameters,
    InvalidBody,
    UnsupportedMediaType,
    ApiKey,
    Throttled,
    Quota,
    Unauthorized,
    AccessDenied,
    Authorizer,
    InvocationRejected,
    NoMatchingResponse,
    UndeclaredStatus,
    RequestTemplate,
    ResponseTemplate,
    ContentHandling,
    IllegalHeader,
    Configuration,
    Internal,
    FunctionError,
    MalformedResponse,
    Timeout,
    NetworkError,
}

impl Cause {
    /// The label.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::NoRoute => "no_route",
            Cause::RequestTooLarge => "request_too_large",
            Cause::MissingParameters => "missing_parameters",
            Cause::InvalidBody => "invalid_body",
            Cause::UnsupportedMediaType => "unsupported_media_type",
            Cause::ApiKey => "api_key",
            Cause::Throttled => "throttled",
            Cause::Quota => "quota",
            Cause::Unauthorized => "unauthorized",
            Cause::AccessDenied => "access_denied",
            Cause::Authorizer => "authorizer",
            Cause::InvocationRejected => "invocation_rejected",
            Cause::NoMatchingResponse => "no_matching_response",
            Cause::UndeclaredStatus => "undeclared_status",
            Cause::RequestTemplate => "request_template",
            Cause::ResponseTemplate => "response_template",
            Cause::ContentHandling => "content_handling",
            Cause::IllegalHeader => "illegal_header",
            Cause::Configuration => "configuration",
            Cause::Internal => "internal",
            Cause::FunctionError => "function_error",
            Cause::MalformedResponse => "malformed_response",
            Cause::Timeout => "timeout",
            Cause::NetworkError => "network_error",
        }
    }
}

impl Failure {
    /// Its cause.
    pub fn cause(&self) -> Cause {
        match self {
            Failure::NoRoute { .. } | Failure::UnknownStage => Cause::NoRoute,
            Failure::RequestTooLarge | Failure::EventTooLarge | Failure::HeadTooLarge => Cause::RequestTooLarge,
            Failure::MissingParameters(_) => Cause::MissingParameters,
            Failure::InvalidBody(_) | Failure::InvalidJsonInRequestBody => Cause::InvalidBody,
            Failure::UnsupportedMediaType => Cause::UnsupportedMediaType,
            Failure::ApiKey => Cause::ApiKey,
            Failure::Throttled => Cause::Throttled,
            Failure::Quota => Cause::Quota,
            Failure::Unauthorized | Failure::Unsigned => Cause::Unauthorized,
            Failure::AccessDenied => Cause::AccessDenied,
            Failure::Authorizer => Cause::Authorizer,
            Failure::InvocationRejected { .. } => Cause::InvocationRejected,
            Failure::NoMatchingResponse { .. } => Cause::NoMatchingResponse,
            Failure::UndeclaredStatus(_) => Cause::UndeclaredStatus,
            Failure::RequestTemplate(_) => Cause::RequestTemplate,
            Failure::ResponseTemplate(_) => Cause::ResponseTemplate,
            Failure::ContentHandling(_) => Cause::ContentHandling,
            Failure::IllegalHeader(_) => Cause::IllegalHeader,
            Failure::Configuration(_) => Cause::Configuration,
            Failure::Internal(_) => Cause::Internal,
            Failure::FunctionError { .. } => Cause::FunctionError,
            Failure::MalformedResponse(_) => Cause::MalformedResponse,
            Failure::Timeout => Cause::Timeout,
            Failure::NetworkError(_) => Cause::NetworkError,
        }
    }

    /// Which gateway response answers it.
    pub fn gateway_response(&self) -> GatewayResponseType {
        use GatewayResponseType as T;
        match self {
            Failure::NoRoute { .. } | Failure::Unsigned => T::MissingAuthenticationToken,
            Failure::UnknownStage => T::AccessDenied,
            Failure::RequestTooLarge | Failure::EventTooLarge | Failure::HeadTooLarge => T::RequestTooLarge,
            Failure::MissingParameters(_) => T::BadRequestParameters,
            Failure::InvalidBody(_) | Failure::InvalidJsonInRequestBody => T::BadRequestBody,
            Failure::UnsupportedMediaType => T::UnsupportedMediaType,
            Failure::ApiKey => T::InvalidApiKey,
            Failure::Throttled => T::Throttled,
            Failure::Quota => T::QuotaExceeded,
            Failure::Unauthorized => T::Unauthorized,
            Failure::AccessDenied => T::AccessDenied,
            Failure::Authorizer => T::AuthorizerConfigurationError,
            Failure::InvocationRejected { .. } | Failure::NetworkError(_) => T::IntegrationFailure,
            Failure::Timeout => T::IntegrationTimeout,
            Failure::NoMatchingResponse { .. }
            | Failure::UndeclaredStatus(_)
            | Failure::RequestTemplate(_)
            | Failure::ResponseTemplate(_)
            | Failure::ContentHandling(_)
            | Failure::IllegalHeader(_)
            | Failure::Configuration(_) => T::ApiConfigurationError,
            Failure::Internal(_) | Failure::FunctionError { .. } | Failure::MalformedResponse(_) => T::Default5xx,
        }
    }
}
