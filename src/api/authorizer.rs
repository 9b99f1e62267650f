//! `Authorizer`: who is asked whether a caller may, as loaded; `ResourcePolicy`: what the API itself says.

use std::time::Duration;

use super::integration::FunctionRef;
use super::method::Authorization;
use crate::authorization::identity_source::IdentitySource;
use crate::authorization::policy::Policy;
use crate::pattern::Pattern;

/// An authorizer, ready to be asked.
#[derive(Debug, Clone)]
pub struct Authorizer {
    /// Its name in the definition.
    pub name: String,
    /// Which values of a request it is asked about.
    pub identity: IdentityOf,
    /// The function; `Err` says why it cannot be called: whoever needs it is answered 500.
    pub function: Result<FunctionRef, String>,
    /// How long an answer counts (`authorizerResultTtlInSeconds`); zero: for its own request only.
    pub ttl: Duration,
    /// How long the function may take.
    pub timeout: Duration,
}

/// Which values of a request a Lambda authorizer is asked about.
#[derive(Debug, Clone)]
pub enum IdentityOf {
    /// One token, and the expression that it must match as a whole.
    Token {
        /// Where it stands.
        source: IdentitySource,
        /// `identityValidationExpression`
        expression: Option<Pattern>,
    },
    /// The whole request, identified by these.
    Request(Vec<IdentitySource>),
}

impl Authorizer {
    /// Longest TTL, as API Gateway documents it.
    pub const LONGEST_TTL: Duration = Duration::from_secs(3600);
    /// The TTL of a definition that does not say.
    pub const DEFAULT_TTL: Duration = Duration::from_secs(300);
    /// Longest time of a call.
    pub const LONGEST_TIMEOUT: Duration = Duration::from_secs(29);
}

/// The API's resource policy.
#[derive(Debug, Clone)]
pub enum ResourcePolicy {
    /// What is evaluated.
    Policy(Policy),
    /// It cannot be read, so everybody is refused.
    Unreadable,
}

/// Of which year the answers are, where API Gateway's changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compat {
    /// As it answered in 2022.
    Year2022,
    /// As it answers now.
    #[default]
    Now,
}

/// The kinds of protections that are not asked, so that everybody is served: `skip_authorization`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Signatures.
    pub iam: bool,
    /// Lambda authorizers, and what is no authorizer at all.
    pub lambda: bool,
    /// Cognito user pools.
    pub cognito_user_pools: bool,
    /// JWT authorizers.
    pub jwt: bool,
    /// The resource policy.
    pub resource_policy: bool,
}

impl Skipped {
    /// Every kind.
    pub const ALL: Skipped =
        Skipped { iam: true, lambda: true, cognito_user_pools: true, jwt: true, resource_policy: true };

    /// Whether a method's own protection is not asked.
    pub(crate) fn skips(&self, authorization: &Authorization) -> bool {
        match authorization {
            Authorization::None => false,
            Authorization::AwsIam => self.iam,
            Authorization::CognitoUserPools(_) => self.cognito_user_pools,
            Authorization::Jwt(_) => self.jwt,
            Authorization::Custom { .. } => self.lambda,
        }
    }
}
