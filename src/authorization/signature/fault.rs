//! `SignatureFault`: why a signature is not taken, in AWS's words.

use std::fmt::{self, Display};

/// Why a request's signature is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureFault {
    /// There is none.
    Missing,
    /// It is not one of version 4: what is wrong with its form.
    Incomplete(String),
    /// Nobody has that key, or its session token is another.
    UnknownKey,
    /// The key's session is over.
    ExpiredSession,
    /// It is for another time, region or service, or does not cover what it must.
    Misdirected(String),
    /// It is not what the key makes of this request.
    Mismatch {
        /// What should have been signed.
        canonical_request: String,
        /// With its hash.
        string_to_sign: String,
    },
}

impl SignatureFault {
    /// `x-amzn-ErrorType`
    pub fn error_type(&self) -> &'static str {
        match self {
            SignatureFault::Missing => "MissingAuthenticationTokenException",
            SignatureFault::Incomplete(_) => "IncompleteSignatureException",
            SignatureFault::UnknownKey => "UnrecognizedClientException",
            SignatureFault::ExpiredSession => "ExpiredTokenException",
            SignatureFault::Misdirected(_) | SignatureFault::Mismatch { .. } => "InvalidSignatureException",
        }
    }

    /// What AWS tells the client. Of a wrong signature it shows what it had been made of: the client's own request.
    pub fn message(&self) -> String {
        match self {
            SignatureFault::Missing => "Missing Authentication Token".to_owned(),
            SignatureFault::Incomplete(why) | SignatureFault::Misdirected(why) => why.clone(),
            SignatureFault::UnknownKey => "The security token included in the request is invalid.".to_owned(),
            SignatureFault::ExpiredSession => "The security token included in the request is expired".to_owned(),
            SignatureFault::Mismatch { canonical_request, string_to_sign } => format!(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                 Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String \
                 for this request should have been\n'{canonical_request}'\n\nThe String-to-Sign should have \
                 been\n'{string_to_sign}'\n"
            ),
        }
    }
}

/// For logs: without the request's headers, one of which may be a session token.
impl Display for SignatureFault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            SignatureFault::Missing => f.write_str("the request is not signed"),
            SignatureFault::Incomplete(why) => write!(f, "the signature is malformed: {why}"),
            SignatureFault::UnknownKey => f.write_str("no configured access key has this id and session token"),
            SignatureFault::ExpiredSession => f.write_str("the session of the access key is over"),
            SignatureFault::Misdirected(why) => write!(f, "the signature is not for this request: {why}"),
            SignatureFault::Mismatch { .. } => {
                f.write_str("the signature is not what the access key makes of this request")
            }
        }
    }
}
