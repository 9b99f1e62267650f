//! What the gateway decided on a request's way: facts that cost nothing to keep. Indices point into the API.

use bytes::Bytes;

use super::call::IntegrationReply;
use crate::authorization::policy;
use crate::failure::Failure;
use crate::metrics::{AuthorizerResult, MaskedKind, Outcome};

/// The decisions so far.
#[derive(Debug, Default)]
pub struct Decisions {
    /// What the resource policy says, once it was asked.
    pub resource_policy: Option<policy::Outcome>,
    /// How far a Lambda authorizer came.
    pub authorizer: Option<AuthorizerCheck>,
    /// Whether the client may call by its API key.
    pub key_check: KeyCheck,
    /// Whether the method was executed: the request got past keys and throttles.
    pub executed: bool,
    /// What the integration request's body was made with; `None` where there is nothing to choose.
    pub request_body: Option<RequestBody>,
    /// The selection patterns that took too many steps and so did not match.
    pub step_limited: Vec<usize>,
    /// The integration response that was chosen.
    pub integration_response: Option<usize>,
    /// Its response template for what the client accepts.
    pub response_template: Option<usize>,
    /// The backend's failure that the client does not see.
    pub masked: Option<MaskedKind>,
}

/// How far a Lambda authorizer came.
#[derive(Debug, Default, Clone)]
pub struct AuthorizerCheck {
    /// Whether the answer was kept from an earlier request, or is another request's that asked at the same time.
    pub cached: bool,
    /// What came of it.
    pub result: Option<AuthorizerResult>,
    /// How the call ended; `None` without one.
    pub outcome: Option<Outcome>,
    /// The status that the call was answered with: Lambda's, not the function's.
    pub status: Option<u16>,
    /// The request id that Lambda gave the call.
    pub request_id: Option<Bytes>,
    /// What is wrong with the client's token.
    pub error: Option<String>,
    /// `www-authenticate` of its refusal.
    pub challenge: Option<String>,
}

impl AuthorizerCheck {
    /// Whether it told of the caller, for good or ill: a policy that denies is a good answer.
    pub(crate) fn has_decided(&self) -> bool {
        use AuthorizerResult::{Allow, Deny, ImplicitDeny};
        matches!(self.result, Some(Allow | Deny | ImplicitDeny)) && self.error.is_none()
    }

    /// What the call itself was answered with, whatever it says.
    pub(crate) fn answered(&mut self, reply: &Result<IntegrationReply, Failure>) {
        match reply {
            Ok(reply) => {
                self.status = Some(reply.status);
                self.request_id = reply.headers.request_id().cloned();
            }
            Err(Failure::InvocationRejected { status, .. }) => self.status = Some(*status),
            Err(_) => {}
        }
    }
}

/// How far the check of the client's API key came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeyCheck {
    /// The request was refused before it.
    #[default]
    NotReached,
    /// It refused the request.
    Failed,
    /// The method needs no key.
    NotRequired,
    /// The key, its throttle and its quota are good.
    Passed,
}

/// What the integration request's body is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestBody {
    /// That request template.
    Template(usize),
    /// No template: the client's body is passed through.
    PassedThrough,
}

/// How a call without a reply ended.
pub(crate) fn outcome(failure: &Failure) -> Outcome {
    match failure {
        Failure::InvocationRejected { .. }
        | Failure::InvalidEvent(_)
        | Failure::EventTooLarge
        | Failure::Overloaded => Outcome::Rejected,
        Failure::Timeout => Outcome::Timeout,
        Failure::MalformedResponse(_) => Outcome::Malformed,
        _ => Outcome::NetworkError,
    }
}
