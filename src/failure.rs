//! Every way a request can fail, a row of one table each: THE place where 500, 502 and 504 are decided.
//!
//! What a client reads for a failure is its API's kind to say: for REST APIs in `gateway/rest/refusal.rs`.

use crate::api::GatewayResponseType;
use crate::authorization::signature::SignatureFault;

/// Why the gateway itself answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The head is no HTTP, or could be read in two ways: what is wrong with it.
    BadHead(&'static str),
    /// The client broke off in its body, or what it sent is no body.
    BrokenBody,
    /// The client's body did not come in time.
    SlowBody,
    /// There are too many requests without an answer.
    Overloaded,
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
    /// To know whether the body fits its model takes too many steps, or too long.
    ValidationLimit,
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
    /// The token that the authorizer was shown is over.
    TokenExpired,
    /// A signature is needed and missing (AWS_IAM).
    Unsigned {
        /// What is wrong with the `Authorization` header as a signature, when one was sent.
        signature: Option<String>,
    },
    /// A signature that is not taken (AWS_IAM).
    Signature(SignatureFault),
    /// A policy refuses, or nothing allows: what the client is told.
    AccessDenied(String),
    /// The authorizer cannot be asked, or its answer cannot be read: why.
    Authorizer(String),
    /// The authorizer's function failed: its `errorMessage`.
    AuthorizerFunction(String),
    /// Lambda (or the emulator, or a full queue) refused the invocation with this status.
    InvocationRejected {
        /// The status of the Invoke API's answer.
        status: u16,
        /// `x-amzn-ErrorType` of that answer.
        error_type: Option<String>,
    },
    /// The event is not JSON: Lambda's sentence.
    InvalidEvent(String),
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

/// What every failure of a kind has in common: a row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its cause.
    pub cause: Cause,
    /// Which gateway response answers it.
    pub gateway_response: GatewayResponseType,
    /// The status, unless a gateway response changes it.
    pub status: u16,
    /// `x-amzn-ErrorType`, which no gateway response changes.
    pub error_type: &'static str,
    /// Where on its way the request fails.
    pub place: Place,
    /// Whether the answer has `X-Amzn-Trace-Id`.
    pub has_trace_id: bool,
    /// Whether a gateway response of the definition may change the answer.
    pub customizable: bool,
}

/// Where on its way a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Before the gateway has taken it: the answer has no ids.
    Front,
    /// Before its method is executed.
    Entrance,
    /// In its method.
    Method,
}

impl Failure {
    /// Its row of the table.
    #[rustfmt::skip]
    pub fn row(&self) -> Row {
        use Cause as C;
        use Failure as F;
        use GatewayResponseType as T;
        use Place::{Entrance, Front, Method};
        const BAD_REQUEST: &str = "BadRequestException";
        const FORBIDDEN: &str = "ForbiddenException";
        const UNSIGNED: &str = "MissingAuthenticationTokenException";
        const MIS_SIGNED: &str = "IncompleteSignatureException";
        const SERVER_ERROR: &str = "InternalServerErrorException";
        const UNAUTHORIZED: &str = "UnauthorizedException";
        const DENIED: &str = "AccessDeniedException";
        const AUTHORIZER: &str = "AuthorizerConfigurationException";
        const THROTTLED: &str = "TooManyRequestsException";
        const QUOTA: &str = "LimitExceededException";
        let row = |cause, gateway_response, status, error_type, place, [trace_id, custom]: [char; 2]| Row {
            cause, gateway_response, status, error_type, place, has_trace_id: trace_id == 'x', customizable: custom == 'x',
        };
        match self {
            // Whose answer has the trace id was recorded on AWS for a refused parameter and body (with), and for a regional API's own
            // 502 (without); the gateway's other answers follow the 502.
            //                                         cause                    gateway response               status error type     place     trace, custom
            F::BadHead(_)                      => row(C::BadRequest,           T::Default4xx,                   400, BAD_REQUEST,  Front,    ['-', '-']),
            F::BrokenBody                      => row(C::BadRequest,           T::Default4xx,                   400, BAD_REQUEST,  Front,    ['-', '-']),
            F::SlowBody                        => row(C::RequestTimeout,       T::Default4xx,                   408, BAD_REQUEST,  Front,    ['-', '-']),
            F::Overloaded                      => row(C::Overloaded,           T::Default5xx,                   503, SERVER_ERROR, Front,    ['-', '-']),
            // What is too large is answered by a front end that knows no definition.
            F::RequestTooLarge                 => row(C::RequestTooLarge,      T::RequestTooLarge,              413, BAD_REQUEST,  Front,    ['-', '-']),
            F::UriTooLong                      => row(C::RequestTooLarge,      T::RequestTooLarge,              414, BAD_REQUEST,  Entrance, ['-', '-']),
            F::HeadTooLarge                    => row(C::RequestTooLarge,      T::RequestTooLarge,              431, BAD_REQUEST,  Entrance, ['-', '-']),
            F::EventTooLarge                   => row(C::RequestTooLarge,      T::RequestTooLarge,              413, BAD_REQUEST,  Method,   ['-', '-']),
            // For a path outside the stage there is no definition.
            F::UnknownStage                    => row(C::NoRoute,              T::AccessDenied,                 403, FORBIDDEN,    Entrance, ['-', '-']),
            F::NoRoute { signature: None }     => row(C::NoRoute,              T::MissingAuthenticationToken,   403, UNSIGNED,     Entrance, ['-', 'x']),
            F::NoRoute { signature: Some(_) }  => row(C::NoRoute,              T::Default4xx,                   403, MIS_SIGNED,   Entrance, ['-', 'x']),
            // An unsigned request is answered like one to no method.
            F::Unsigned { signature: None }    => row(C::Unauthorized,         T::MissingAuthenticationToken,   403, UNSIGNED,     Entrance, ['-', 'x']),
            F::Unsigned { signature: Some(_) } => row(C::Unauthorized,         T::Default4xx,                   403, MIS_SIGNED,   Entrance, ['-', 'x']),
            F::Unauthorized                    => row(C::Unauthorized,         T::Unauthorized,                 401, UNAUTHORIZED, Entrance, ['-', 'x']),
            F::TokenExpired                    => row(C::Unauthorized,         T::Unauthorized,                 401, UNAUTHORIZED, Entrance, ['-', 'x']),
            F::Signature(fault)                => row(C::Unauthorized,         of_signature(fault),             403, fault.error_type(), Entrance, ['-', 'x']),
            F::AccessDenied(_)                 => row(C::AccessDenied,         T::AccessDenied,                 403, DENIED,       Entrance, ['-', 'x']),
            F::Authorizer(_)                   => row(C::Authorizer,           T::AuthorizerConfigurationError, 500, AUTHORIZER,   Entrance, ['-', 'x']),
            F::AuthorizerFunction(_)           => row(C::Authorizer,           T::AuthorizerFailure,            500, AUTHORIZER,   Entrance, ['-', 'x']),
            F::ApiKey                          => row(C::ApiKey,               T::InvalidApiKey,                403, FORBIDDEN,    Entrance, ['-', 'x']),
            F::Throttled                       => row(C::Throttled,            T::Throttled,                    429, THROTTLED,    Entrance, ['-', 'x']),
            F::Quota                           => row(C::Quota,                T::QuotaExceeded,                429, QUOTA,        Entrance, ['-', 'x']),
            F::MissingParameters(_)            => row(C::MissingParameters,    T::BadRequestParameters,         400, BAD_REQUEST,  Method,   ['x', 'x']),
            F::InvalidBody(_)                  => row(C::InvalidBody,          T::BadRequestBody,               400, BAD_REQUEST,  Method,   ['x', 'x']),
            // What API Gateway answers there is not known. The client can send less, so it is its fault.
            F::ValidationLimit                 => row(C::ValidationLimit,      T::BadRequestBody,               400, BAD_REQUEST,  Method,   ['x', 'x']),
            F::InvalidJsonInRequestBody        => row(C::InvalidBody,          T::BadRequestBody,               400, BAD_REQUEST,  Method,   ['-', 'x']),
            F::UnsupportedMediaType            => row(C::UnsupportedMediaType, T::UnsupportedMediaType,         415, BAD_REQUEST,  Method,   ['-', 'x']),
            // Recorded on AWS: a refused invocation is a 500, though its gateway response says 504.
            F::InvocationRejected { .. }       => row(C::InvocationRejected,   T::IntegrationFailure,           500, SERVER_ERROR, Method,   ['-', 'x']),
            // Lambda's 400 is the client's (observed).
            F::InvalidEvent(_)                 => row(C::InvalidEvent,         T::Default4xx,                   400, BAD_REQUEST,  Method,   ['-', 'x']),
            F::NoMatchingResponse { .. }       => row(C::NoMatchingResponse,   T::ApiConfigurationError,        500, SERVER_ERROR, Method,   ['-', 'x']),
            F::UndeclaredStatus(_)             => row(C::UndeclaredStatus,     T::ApiConfigurationError,        500, SERVER_ERROR, Method,   ['-', 'x']),
            F::RequestTemplate(_)              => row(C::RequestTemplate,      T::ApiConfigurationError,        500, SERVER_ERROR, Method,   ['-', 'x']),
            F::ResponseTemplate(_)             => row(C::ResponseTemplate,     T::ApiConfigurationError,        500, SERVER_ERROR, Method,   ['-', 'x']),
            F::ContentHandling(_)              => row(C::ContentHandling,      T::ApiConfigurationError,        500, SERVER_ERROR, Method,   ['-', 'x']),
            F::IllegalHeader(_)                => row(C::IllegalHeader,        T::ApiConfigurationError,        500, SERVER_ERROR, Method,   ['-', 'x']),
            F::Configuration(_)                => row(C::Configuration,        T::ApiConfigurationError,        500, SERVER_ERROR, Method,   ['-', 'x']),
            F::Internal(_)                     => row(C::Internal,             T::Default5xx,                   500, SERVER_ERROR, Method,   ['-', 'x']),
            // Seen in production access logs; the 502 stays unless the response sets a status (fact `function-error-type`).
            F::FunctionError { .. }            => row(C::FunctionError,        T::IntegrationFailure,           502, SERVER_ERROR, Method,   ['-', 'x']),
            F::MalformedResponse(_)            => row(C::MalformedResponse,    T::Default5xx,                   502, SERVER_ERROR, Method,   ['-', 'x']),
            F::Timeout                         => row(C::Timeout,              T::IntegrationTimeout,           504, SERVER_ERROR, Method,   ['-', 'x']),
            F::NetworkError(_)                 => row(C::NetworkError,         T::IntegrationFailure,           504, SERVER_ERROR, Method,   ['-', 'x']),
        }
    }

    /// A refused invocation of which nothing more is known.
    pub fn rejected(status: u16) -> Failure {
        Failure::InvocationRejected { status, error_type: None }
    }

    /// Its cause.
    pub fn cause(&self) -> Cause {
        self.row().cause
    }
}

/// The gateway response of a signature that is not taken.
fn of_signature(fault: &SignatureFault) -> GatewayResponseType {
    match fault {
        SignatureFault::Missing => GatewayResponseType::MissingAuthenticationToken,
        SignatureFault::Incomplete(_) | SignatureFault::UnknownKey => GatewayResponseType::Default4xx,
        SignatureFault::ExpiredSession => GatewayResponseType::ExpiredToken,
        SignatureFault::Misdirected(_) | SignatureFault::Mismatch { .. } => GatewayResponseType::InvalidSignature,
    }
}

/// The closed set of causes: the metric's label, and the word in logs, inspector and `explain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Cause {
    BadRequest,
    RequestTimeout,
    Overloaded,
    NoRoute,
    RequestTooLarge,
    MissingParameters,
    InvalidBody,
    ValidationLimit,
    UnsupportedMediaType,
    ApiKey,
    Throttled,
    Quota,
    Unauthorized,
    AccessDenied,
    Authorizer,
    InvocationRejected,
    InvalidEvent,
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
            Cause::BadRequest => "bad_request",
            Cause::RequestTimeout => "request_timeout",
            Cause::Overloaded => "overloaded",
            Cause::NoRoute => "no_route",
            Cause::RequestTooLarge => "request_too_large",
            Cause::MissingParameters => "missing_parameters",
            Cause::InvalidBody => "invalid_body",
            Cause::ValidationLimit => "validation_limit",
            Cause::UnsupportedMediaType => "unsupported_media_type",
            Cause::ApiKey => "api_key",
            Cause::Throttled => "throttled",
            Cause::Quota => "quota",
            Cause::Unauthorized => "unauthorized",
            Cause::AccessDenied => "access_denied",
            Cause::Authorizer => "authorizer",
            Cause::InvocationRejected => "invocation_rejected",
            Cause::InvalidEvent => "invalid_event",
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
