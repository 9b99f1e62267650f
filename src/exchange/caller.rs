//! Who calls, as far as an authorizer or a signature told.

use std::time::Duration;

use super::http_caller::HttpCaller;
use super::signer::Signer;

/// What is known of the caller.
#[derive(Debug, Default)]
pub struct Caller {
    /// What an authorizer said: `$context.authorizer`.
    pub authorizer: Option<AuthorizerContext>,
    /// Who signed the request.
    pub signer: Option<Signer>,
    /// What the authorizer of an HTTP API's route said.
    pub(crate) http: Option<HttpCaller>,
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
    /// `principalId`
    pub principal_id: Option<String>,
    /// The answer's `context`, in its order: all are texts.
    pub values: Vec<(String, String)>,
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
    /// The gateway's own names win.
    pub fn get(&self, name: &str) -> Option<String> {
        match name {
            "principalId" if self.principal_id.is_some() => self.principal_id.clone(),
            "integrationLatency" => Some(self.latency.as_millis().to_string()),
            _ => self.values.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone()),
        }
    }

    /// The context's own values: those that the gateway's own names do not hide.
    pub fn shown(&self) -> impl Iterator<Item = (&str, &str)> {
        let hidden =
            |name: &str| name == "integrationLatency" || (name == "principalId" && self.principal_id.is_some());
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str())).filter(move |(name, _)| !hidden(name))
    }
}
