//! Who calls, as far as an authorizer or a signature told.

use std::sync::Arc;
use std::time::Duration;

use super::http_caller::HttpCaller;
use super::signer::Signer;
use crate::authorization::lambda_answer::PolicyAnswer;

/// What is known of the caller.
#[derive(Debug, Default)]
pub struct Caller {
    /// What an authorizer said: `$context.authorizer`.
    pub authorizer: Option<AuthorizerContext>,
    /// Who signed the request.
    pub signer: Option<Box<Signer>>,
    /// What the authorizer of an HTTP API's route said.
    pub(crate) http: Option<Box<HttpCaller>>,
    /// `usageIdentifierKey`: the API key, where keys come from the authorizer.
    pub usage_identifier_key: Option<String>,
}

/// What an authorizer said of the caller.
#[derive(Debug, Clone)]
pub enum AuthorizerContext {
    /// A Lambda authorizer's answer.
    Lambda(LambdaContext),
    /// The claims of a token that was good, as texts, in its order.
    Claims(Vec<(String, String)>),
}

/// What a Lambda authorizer said of the caller.
#[derive(Debug, Clone)]
pub struct LambdaContext {
    /// Its answer, which many requests share.
    pub answer: Arc<PolicyAnswer<String>>,
    /// How long the call took; zero for an answer from the cache.
    pub latency: Duration,
}

impl AuthorizerContext {
    /// `$context.authorizer.NAME`
    pub fn get(&self, name: &str) -> Option<String> {
        match self {
            AuthorizerContext::Lambda(context) => context.get(name),
            AuthorizerContext::Claims(claims) => {
                let name = name.strip_prefix("claims.")?;
                claims.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
            }
        }
    }
}

impl LambdaContext {
    /// `principalId`
    pub fn principal_id(&self) -> Option<&str> {
        self.answer.principal_id.as_deref()
    }

    /// The gateway's own names win.
    pub fn get(&self, name: &str) -> Option<String> {
        match name {
            "principalId" if self.principal_id().is_some() => self.principal_id().map(str::to_owned),
            "integrationLatency" => Some(self.latency.as_millis().to_string()),
            _ => self.answer.context.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone()),
        }
    }

    /// The context's own values: those that the gateway's own names do not hide.
    pub fn shown(&self) -> impl Iterator<Item = (&str, &str)> {
        let has_principal = self.principal_id().is_some();
        let hidden = move |name: &str| name == "integrationLatency" || (name == "principalId" && has_principal);
        let values = self.answer.context.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        values.filter(move |(name, _)| !hidden(name))
    }
}
