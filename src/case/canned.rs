//! What answers in the place of every backend when one request is played: for `explain`, and for the page's playground.

use bytes::Bytes;

use super::play::refusal;
use crate::exchange::call::{IntegrationCall, IntegrationReply, InvocationType, Purpose, Target};
use crate::failure::Failure;
use crate::http1::message::Headers;
use crate::integration::split_prelude;

/// An authorizer's answer that was not given must not stand in the way of what is asked about.
const ALLOW: &[u8] = br#"{"principalId":"explain","policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]}}"#;

/// The answer of a backend, and of who says whether the caller may.
#[derive(Debug, Clone, Default)]
pub(crate) struct CannedAnswer {
    /// What the backend answers.
    pub payload: Bytes,
    /// Its status: an HTTP backend's own, or with 400 and more a refusal by Lambda.
    pub status: Option<u16>,
    /// Whether the function failed.
    pub function_error: bool,
    /// What a Lambda authorizer answers, or the keys of an issuer; without it an authorizer allows everything.
    pub authorizer: Option<Bytes>,
}

impl CannedAnswer {
    /// The answer to a call.
    pub(crate) fn to(&self, call: &IntegrationCall) -> Result<IntegrationReply, Failure> {
        let good = |body: Bytes| IntegrationReply { status: 200, body: body.into(), ..IntegrationReply::default() };
        match (&call.purpose, &self.authorizer) {
            (Purpose::Authorizer(_), given) => Ok(good(given.clone().unwrap_or(Bytes::from_static(ALLOW)))),
            // Keys are not fetched here: whose token is to be explained gives them.
            (Purpose::Keys(_), Some(keys)) => Ok(good(keys.clone())),
            (Purpose::Keys(_), None) => {
                Err(Failure::NetworkError("nothing is called here; `--authorizer` takes the keys".to_owned()))
            }
            (Purpose::Integration, _) => self.to_integration(call),
        }
    }

    fn to_integration(&self, call: &IntegrationCall) -> Result<IntegrationReply, Failure> {
        let mut headers = Headers::default();
        let (status, body) = match &call.target {
            Target::Function { invocation: InvocationType::RequestResponse, .. } => (200, self.payload.clone()),
            Target::Function { .. } => (202, Bytes::new()),
            Target::Http { .. } => {
                headers.push("Content-Type", "application/json");
                (200, self.payload.clone())
            }
        };
        let is_function = matches!(call.target, Target::Function { .. });
        let reply = match self.status {
            Some(status) if is_function && status >= 400 => return Err(refusal(status)),
            given => IntegrationReply {
                status: given.unwrap_or(status),
                headers,
                body: body.into(),
                function_error: self.function_error,
                ..IntegrationReply::default()
            },
        };
        if call.streamed && is_function { split_prelude(reply) } else { Ok(reply) }
    }
}
