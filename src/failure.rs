//! Every way a request can fail, and which gateway response answers it: THE place where 500, 502 and 504 are decided.

use std::borrow::Cow;

use crate::api::GatewayResponseType;

/// Why the gateway itself answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// No resource or method for the request.
    NoRoute {
        /// What is wrong with the `Authorization` header as a signature, when one was sent: it is told first.
        signature: Option<String>,
    },
    /// The path is outside the stage.
    UnknownStage,
    /// The client's body is over API Gateway's 10 MB: the plain-text 413.
    RequestTooLarge,
    /// The event is over Lambda's 6 MB: the JSON 413.
    EventTooLarge,
    /// The request target is too long.
    UriTooLong,
    /// The header lines are too long.
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
    Unsigned {
        /// What is wrong with the `Authorization` header as a signature, when one was sent.
        signature: Option<String>,
    },
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

impl Failure {
    /// Its cause.
    pub fn cause(&self) -> Cause {
        match self {
            Failure::NoRoute { .. } | Failure::UnknownStage => Cause::NoRoute,
            Failure::RequestTooLarge | Failure::EventTooLarge | Failure::UriTooLong | Failure::HeadTooLarge => {
                Cause::RequestTooLarge
            }
            Failure::MissingParameters(_) => Cause::MissingParameters,
            Failure::InvalidBody(_) | Failure::InvalidJsonInRequestBody => Cause::InvalidBody,
            Failure::UnsupportedMediaType => Cause::UnsupportedMediaType,
            Failure::ApiKey => Cause::ApiKey,
            Failure::Throttled => Cause::Throttled,
            Failure::Quota => Cause::Quota,
            Failure::Unauthorized | Failure::Unsigned { .. } => Cause::Unauthorized,
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
            Failure::NoRoute { signature: None } | Failure::Unsigned { signature: None } => {
                T::MissingAuthenticationToken
            }
            Failure::NoRoute { .. } | Failure::Unsigned { .. } => T::Default4xx,
            Failure::UnknownStage => T::AccessDenied,
            Failure::RequestTooLarge | Failure::EventTooLarge | Failure::UriTooLong | Failure::HeadTooLarge => {
                T::RequestTooLarge
            }
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

    /// The status, unless a gateway response changes it.
    pub fn status(&self) -> u16 {
        match self {
            Failure::UriTooLong => 414,
            Failure::HeadTooLarge => 431,
            // Recorded on AWS: a refused invocation is a 500, though its gateway response says 504.
            Failure::InvocationRejected { .. } | Failure::Internal(_) => 500,
            Failure::FunctionError { .. } | Failure::MalformedResponse(_) => 502,
            // An unsigned request to no method is answered like one without the header.
            Failure::NoRoute { .. } | Failure::Unsigned { .. } => 403,
            _ => self.gateway_response().default_status().unwrap_or(500),
        }
    }

    /// `$context.error.message`; `None` is null (an authorizer that cannot be asked).
    pub fn message(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(match self {
            Failure::NoRoute { signature: Some(text) } | Failure::Unsigned { signature: Some(text) } => text,
            Failure::NoRoute { .. } | Failure::Unsigned { .. } => "Missing Authentication Token",
            Failure::UnknownStage | Failure::ApiKey => "Forbidden",
            Failure::RequestTooLarge => "HTTP content length exceeded 10485760 bytes.",
            Failure::EventTooLarge => "Request Too Long",
            Failure::UriTooLong => "Request URI too long",
            Failure::HeadTooLarge => "Request Header Fields Too Large",
            Failure::MissingParameters(names) => {
                return Some(Cow::Owned(format!("Missing required request parameters: [{}]", names.join(", "))));
            }
            Failure::InvalidBody(_) => "Invalid request body",
            Failure::InvalidJsonInRequestBody => "Invalid JSON in request body",
            Failure::UnsupportedMediaType => "Unsupported Media Type",
            Failure::Throttled => "Too Many Requests",
            Failure::Quota => "Limit Exceeded",
            Failure::Unauthorized => "Unauthorized",
            Failure::AccessDenied => "User is not authorized to access this resource",
            Failure::Authorizer => return None,
            Failure::Timeout => "Endpoint request timed out",
            Failure::NetworkError(_) => "Network error communicating with endpoint",
            Failure::InvocationRejected { .. }
            | Failure::NoMatchingResponse { .. }
            | Failure::UndeclaredStatus(_)
            | Failure::RequestTemplate(_)
            | Failure::ResponseTemplate(_)
            | Failure::ContentHandling(_)
            | Failure::IllegalHeader(_)
            | Failure::Configuration(_)
            | Failure::Internal(_)
            | Failure::FunctionError { .. }
            | Failure::MalformedResponse(_) => "Internal server error",
        }))
    }

    /// `$context.error.validationErrorString`
    pub fn validation_error(&self) -> Option<&str> {
        match self {
            Failure::InvalidBody(messages) => Some(messages),
            _ => None,
        }
    }

    /// `x-amzn-ErrorType`, which no gateway response changes.
    pub fn error_type(&self) -> &'static str {
        match self {
            Failure::NoRoute { signature: None } | Failure::Unsigned { signature: None } => {
                "MissingAuthenticationTokenException"
            }
            Failure::NoRoute { .. } | Failure::Unsigned { .. } => "IncompleteSignatureException",
            Failure::UnknownStage | Failure::ApiKey => "ForbiddenException",
            Failure::Throttled => "TooManyRequestsException",
            Failure::Quota => "LimitExceededException",
            Failure::Unauthorized => "UnauthorizedException",
            Failure::AccessDenied => "AccessDeniedException",
            Failure::Authorizer => "AuthorizerConfigurationException",
            Failure::RequestTooLarge
            | Failure::EventTooLarge
            | Failure::UriTooLong
            | Failure::HeadTooLarge
            | Failure::MissingParameters(_)
            | Failure::InvalidBody(_)
            | Failure::InvalidJsonInRequestBody
            | Failure::UnsupportedMediaType => "BadRequestException",
            _ => "InternalServerErrorException",
        }
    }

    /// Whether it happens before the method is executed. The built-in bodies of these have no space behind the colon, those
    /// of the others have one (recorded on AWS).
    pub fn is_early(&self) -> bool {
        matches!(
            self,
            Failure::NoRoute { .. }
                | Failure::UnknownStage
                | Failure::RequestTooLarge
                | Failure::UriTooLong
                | Failure::HeadTooLarge
                | Failure::ApiKey
                | Failure::Throttled
                | Failure::Quota
                | Failure::Unauthorized
                | Failure::Unsigned { .. }
                | Failure::AccessDenied
                | Failure::Authorizer
        )
    }

    /// Whether the answer has `X-Amzn-Trace-Id`. Recorded on AWS: a refused parameter or body has it, a regional API's own
    /// 502 does not; the gateway's other answers follow the 502.
    pub fn has_trace_id(&self) -> bool {
        matches!(self, Failure::MissingParameters(_) | Failure::InvalidBody(_))
    }

    /// Whether a gateway response of the definition may change the answer: what is too large never, and for a path outside
    /// the stage there is no definition.
    pub fn is_customizable(&self) -> bool {
        !matches!(self.cause(), Cause::RequestTooLarge) && !matches!(self, Failure::UnknownStage)
    }

    /// What API Gateway's execution log says of it, with what we know more.
    pub fn sentence(&self) -> String {
        let configuration = |text: &str| format!("Execution failed due to configuration error: {text}");
        match self {
            Failure::InvocationRejected { status: 403 } => configuration("Invalid permissions on Lambda function"),
            Failure::InvocationRejected { status: 429 } => configuration("Rate Exceeded."),
            Failure::InvocationRejected { status } => format!("Lambda invocation failed with status: {status}"),
            Failure::NoMatchingResponse { status } => configuration(&format!(
                "No match for output mapping and no default output mapping configured. Endpoint Response Status Code: {status}"
            )),
            Failure::UndeclaredStatus(status) => {
                configuration(&format!("Output mapping refers to an invalid method response: {status}"))
            }
            Failure::RequestTemplate(error) => configuration(&format!("Unable to transform request: {error}")),
            Failure::ResponseTemplate(error) => configuration(&format!("Unable to transform response: {error}")),
            Failure::ContentHandling(text) => configuration(text),
            Failure::IllegalHeader(name) => configuration(&format!("{name} header already present")),
            Failure::Configuration(text) => configuration(text),
            Failure::Internal(text) => format!("Execution failed due to an internal error: {text}"),
            Failure::FunctionError { message } => {
                format!("Lambda execution failed with status 200 due to customer function error: {message}")
            }
            Failure::MalformedResponse(reason) => configuration(&format!("Malformed Lambda proxy response: {reason}")),
            Failure::Timeout => "Execution failed due to a timeout error".to_owned(),
            Failure::NetworkError(detail) => {
                format!("Execution failed due to a network error communicating with endpoint: {detail}")
            }
            Failure::InvalidBody(messages) => format!("Request body does not match model schema: {messages}"),
            refused => format!(
                "Request refused: {}",
                refused.message().unwrap_or(Cow::Borrowed("the authorizer cannot be asked"))
            ),
        }
    }
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
