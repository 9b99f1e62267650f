//! `JwtFault`: why a token is not taken.

use std::fmt::{self, Display};

use super::algorithm::Algorithm;

/// Why a token is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JwtFault {
    /// It is no token.
    Token(TokenFault),
    /// No key says that it is good.
    Key(KeyFault),
    /// What it says is not what is asked for.
    Claim(ClaimFault),
}

/// Why a text is no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFault {
    /// It has so many parts, not three.
    Segments(usize),
    /// The part is no base64url.
    Base64(&'static str),
    /// The part is no JSON object.
    Json(&'static str),
    /// The header does not name an algorithm.
    NoAlgorithm,
    /// The header names an algorithm that nothing here verifies, such as `none` or `HS256`.
    Algorithm(String),
    /// The header has `crit`: extensions that must be understood.
    Critical,
}

/// Why no key says that a token is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFault {
    /// The authorizer does not take the algorithm.
    Algorithm(Algorithm),
    /// The token does not say which key signed it.
    NoKeyId,
    /// No key has that id: the keys may have changed since they were read.
    UnknownKeyId(String),
    /// The key with that id is of another family or for another algorithm.
    OtherFamily(String),
    /// The key with that id did not sign this.
    Signature(String),
}

/// What of a token's claims is not what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimFault {
    /// It is not there.
    Missing(String),
    /// It is not of its type.
    Malformed(String),
    /// `exp` is over. Seconds since 1970.
    Expired {
        /// Until when it was good.
        expires: i64,
        /// Our time.
        now: i64,
    },
    /// `nbf` or `iat` is still to come.
    NotYet {
        /// Which.
        claim: &'static str,
        /// From when.
        from: i64,
        /// Our time.
        now: i64,
    },
    /// `iss` is another.
    Issuer {
        /// The token's.
        found: String,
        /// The authorizer's.
        expected: Vec<String>,
    },
    /// Neither `aud` nor, for HTTP APIs, `client_id` is one of the authorizer's.
    Audience {
        /// Which claim was looked at.
        claim: &'static str,
        /// The token's.
        found: Vec<String>,
        /// The authorizer's.
        expected: Vec<String>,
    },
    /// `aud` does not match `identityValidationExpression`.
    Expression {
        /// The token's.
        found: String,
        /// The expression.
        expression: String,
    },
    /// `token_use` is another: an access token where an ID token is needed, or the other way round.
    TokenUse {
        /// The token's.
        found: String,
        /// What is needed.
        expected: &'static str,
    },
    /// A claim of the definition has a value that is not listed.
    Value {
        /// Which.
        claim: String,
        /// The token's.
        found: String,
        /// The definition's.
        expected: Vec<String>,
    },
    /// None of the method's scopes is among the token's.
    Scope {
        /// The token's.
        found: Vec<String>,
        /// The method's.
        expected: Vec<String>,
    },
}

impl From<TokenFault> for JwtFault {
    fn from(fault: TokenFault) -> JwtFault {
        JwtFault::Token(fault)
    }
}
impl From<KeyFault> for JwtFault {
    fn from(fault: KeyFault) -> JwtFault {
        JwtFault::Key(fault)
    }
}
impl From<ClaimFault> for JwtFault {
    fn from(fault: ClaimFault) -> JwtFault {
        JwtFault::Claim(fault)
    }
}

impl JwtFault {
    /// `error` of `www-authenticate` (RFC 6750).
    pub fn error_code(&self) -> &'static str {
        match self {
            JwtFault::Claim(ClaimFault::Scope { .. }) => "insufficient_scope",
            _ => "invalid_token",
        }
    }

    /// `error_description` of `www-authenticate`. The text about the audience is documented, those about the time and the
    /// method are seen in the wild; the others are ours, in the same tone.
    pub fn error_description(&self) -> String {
        match self {
            JwtFault::Token(TokenFault::Algorithm(name)) => format!("signing method {name} is invalid"),
            JwtFault::Key(KeyFault::Algorithm(algorithm)) => format!("signing method {} is invalid", algorithm.name()),
            JwtFault::Token(TokenFault::Segments(_)) => "token contains an invalid number of segments".to_owned(),
            JwtFault::Token(_) => "the token is malformed".to_owned(),
            JwtFault::Key(KeyFault::NoKeyId) => "the token does not have a kid".to_owned(),
            JwtFault::Key(KeyFault::UnknownKeyId(_)) => "the token has an unknown kid".to_owned(),
            JwtFault::Key(_) => "the token has an invalid signature".to_owned(),
            JwtFault::Claim(ClaimFault::Expired { .. }) => "the token has expired".to_owned(),
            JwtFault::Claim(ClaimFault::NotYet { .. }) => "the token is not valid yet".to_owned(),
            JwtFault::Claim(ClaimFault::Issuer { .. }) => "the token does not have a valid issuer".to_owned(),
            JwtFault::Claim(ClaimFault::Audience { .. } | ClaimFault::Expression { .. }) => {
                "the token does not have a valid audience".to_owned()
            }
            JwtFault::Claim(ClaimFault::Scope { .. }) => "the token does not have a valid scope".to_owned(),
            JwtFault::Claim(
                ClaimFault::Missing(claim) | ClaimFault::Malformed(claim) | ClaimFault::Value { claim, .. },
            ) => {
                format!("the token does not have a valid {claim}")
            }
            JwtFault::Claim(ClaimFault::TokenUse { .. }) => "the token does not have a valid token_use".to_owned(),
        }
    }
}

impl Display for JwtFault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            JwtFault::Token(fault) => fault.fmt(f),
            JwtFault::Key(fault) => fault.fmt(f),
            JwtFault::Claim(fault) => fault.fmt(f),
        }
    }
}

impl Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            TokenFault::Segments(n) => write!(f, "the token has {n} parts, expected 3"),
            TokenFault::Base64(part) => write!(f, "the token's {part} is no base64url"),
            TokenFault::Json(part) => write!(f, "the token's {part} is no JSON object"),
            TokenFault::NoAlgorithm => f.write_str("the token's header has no `alg`"),
            TokenFault::Algorithm(name) => write!(f, "the token's `alg` is `{name}`, which is never taken"),
            TokenFault::Critical => f.write_str("the token's header has `crit`: it asks for extensions"),
        }
    }
}

impl Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            KeyFault::Algorithm(algorithm) => {
                write!(f, "the token's `alg` is `{}`, which the authorizer does not take", algorithm.name())
            }
            KeyFault::NoKeyId => f.write_str("the token's header has no `kid`"),
            KeyFault::UnknownKeyId(id) => write!(f, "no key has the token's `kid` `{id}`"),
            KeyFault::OtherFamily(id) => write!(f, "the key `{id}` is not for the token's `alg`"),
            KeyFault::Signature(id) => write!(f, "the key `{id}` did not sign this token"),
        }
    }
}

impl Display for ClaimFault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            ClaimFault::Missing(claim) => write!(f, "claim `{claim}`: missing"),
            ClaimFault::Malformed(claim) => write!(f, "claim `{claim}`: not of its type"),
            ClaimFault::Expired { expires, now } => write!(f, "claim `exp`: {expires} is over, it is {now}"),
            ClaimFault::NotYet { claim, from, now } => write!(f, "claim `{claim}`: {from} is to come, it is {now}"),
            ClaimFault::Issuer { found, expected } => mismatch(f, "iss", found, expected),
            ClaimFault::Audience { claim, found, expected } => mismatch(f, claim, &found.join("`, `"), expected),
            ClaimFault::Expression { found, expression } => {
                write!(f, "claim `aud`: `{found}` does not match `{expression}`")
            }
            ClaimFault::TokenUse { found, expected } => mismatch(f, "token_use", found, &[(*expected).to_owned()]),
            ClaimFault::Value { claim, found, expected } => mismatch(f, claim, found, expected),
            ClaimFault::Scope { found, expected } => mismatch(f, "scope", &found.join("`, `"), expected),
        }
    }
}

fn mismatch(f: &mut fmt::Formatter, claim: &str, found: &str, expected: &[String]) -> fmt::Result {
    write!(f, "claim `{claim}`: found `{found}`, expected `{}`", expected.join("` or `"))
}
