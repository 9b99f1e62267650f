//! The words that labels have: closed sets.

/// What hid behind a status below 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaskedKind {
    /// A payload with `errorMessage`.
    FunctionError,
    /// A payload whose own `statusCode` is 400 or more.
    StatusCode,
    /// An HTTP or service backend that answered 400 or more.
    HttpStatus,
}

impl MaskedKind {
    pub(super) const ALL: [MaskedKind; 3] = [MaskedKind::FunctionError, MaskedKind::StatusCode, MaskedKind::HttpStatus];

    /// The label.
    pub fn as_str(self) -> &'static str {
        match self {
            MaskedKind::FunctionError => "function_error",
            MaskedKind::StatusCode => "status_code",
            MaskedKind::HttpStatus => "http_status",
        }
    }
}

/// How a call to a function ended: exactly one for each call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Outcome {
    Success,
    FunctionError,
    Rejected,
    Malformed,
    Timeout,
    NetworkError,
}

impl Outcome {
    pub(super) const ALL: [Outcome; 6] = [
        Outcome::Success,
        Outcome::FunctionError,
        Outcome::Rejected,
        Outcome::Malformed,
        Outcome::Timeout,
        Outcome::NetworkError,
    ];

    /// The label.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Success => "success",
            Outcome::FunctionError => "function_error",
            Outcome::Rejected => "rejected",
            Outcome::Malformed => "malformed",
            Outcome::Timeout => "timeout",
            Outcome::NetworkError => "network_error",
        }
    }
}

/// What came of asking an authorizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum AuthorizerResult {
    Allow,
    Deny,
    ImplicitDeny,
    Unauthorized,
    Error,
}

impl AuthorizerResult {
    pub(super) const ALL: [AuthorizerResult; 5] = [
        AuthorizerResult::Allow,
        AuthorizerResult::Deny,
        AuthorizerResult::ImplicitDeny,
        AuthorizerResult::Unauthorized,
        AuthorizerResult::Error,
    ];

    /// The label.
    pub fn as_str(self) -> &'static str {
        match self {
            AuthorizerResult::Allow => "allow",
            AuthorizerResult::Deny => "deny",
            AuthorizerResult::ImplicitDeny => "implicit_deny",
            AuthorizerResult::Unauthorized => "unauthorized",
            AuthorizerResult::Error => "error",
        }
    }
}

/// What goes wrong on purpose: the causes of failures that can be rehearsed, by the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(crate) enum FaultCause {
    Timeout,
    InvocationRejected,
    FunctionError,
    MalformedResponse,
    NetworkError,
    Throttled,
}

impl FaultCause {
    pub(crate) const ALL: [FaultCause; 6] = [
        FaultCause::Timeout,
        FaultCause::InvocationRejected,
        FaultCause::FunctionError,
        FaultCause::MalformedResponse,
        FaultCause::NetworkError,
        FaultCause::Throttled,
    ];

    /// The label, and the word in configuration and header.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            FaultCause::Timeout => "timeout",
            FaultCause::InvocationRejected => "invocation_rejected",
            FaultCause::FunctionError => "function_error",
            FaultCause::MalformedResponse => "malformed_response",
            FaultCause::NetworkError => "network_error",
            FaultCause::Throttled => "throttled",
        }
    }

    /// The cause of that name.
    pub(crate) fn named(word: &str) -> Option<FaultCause> {
        FaultCause::ALL.into_iter().find(|cause| cause.as_str().eq_ignore_ascii_case(word))
    }
}
