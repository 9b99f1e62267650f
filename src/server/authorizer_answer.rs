//! What an authorizer's function said of the caller, in the words of a case file: by it a recorded exchange can be played again. Its
//! answer itself may be another request's, from the cache; what it comes to for this one is known all the same.

use serde_json::{Map, Value, json};

use crate::api::HttpAuthorization;
use crate::exchange::caller::AuthorizerContext;
use crate::exchange::exchange::Exchange;
use crate::exchange::http_caller::HttpCaller;
use crate::exchange::masking::Masking;
use crate::failure::Failure;
use crate::gateway::Gateway;
use crate::metrics::{AuthorizerResult, Outcome};

/// As `authorizer` in a case; `None` where no function was asked, or its answer could not be read.
pub(super) fn answer(gateway: &Gateway, exchange: &Exchange, masking: &Masking<'_>) -> Option<Value> {
    let check = exchange.decisions.authorizer.as_ref()?;
    let context = |pairs: Vec<(String, Value)>| -> Map<String, Value> {
        let shown = |value: Value| match value {
            Value::String(text) => Value::from(masking.text(&text)),
            other => other,
        };
        pairs.into_iter().map(|(name, value)| (name, shown(value))).collect()
    };
    if let Some(AuthorizerContext::Lambda(own)) = &exchange.caller.authorizer {
        let pairs = own.shown().map(|(name, value)| (name.to_owned(), value.into())).collect();
        return Some(json!({ "payload": policy(own.principal_id(), check.result?, context(pairs)) }));
    }
    if let Some(HttpCaller::Lambda { principal_id, context: own }) = exchange.caller.http.as_deref() {
        let context = context(own.clone());
        return Some(match answers_simply(gateway, exchange) {
            true => {
                json!({ "payload": { "isAuthorized": check.result? == AuthorizerResult::Allow, "context": context } })
            }
            false => json!({ "payload": policy(principal_id.as_deref(), check.result?, context) }),
        });
    }
    match (check.outcome?, exchange.failure.as_ref()?) {
        (Outcome::FunctionError, Failure::Unauthorized) => Some(json!({ "error": "Unauthorized" })),
        (Outcome::FunctionError, Failure::AuthorizerFunction(message)) => {
            Some(json!({ "error": masking.text(message) }))
        }
        (Outcome::FunctionError, Failure::Authorizer(_)) => Some(json!({ "error": "as it was" })),
        (Outcome::Timeout, _) => Some(json!({ "timeout": true })),
        (Outcome::Rejected, _) => Some(json!({ "rejected": check.status.unwrap_or(429) })),
        _ => None,
    }
}

/// A policy that comes to the same.
fn policy(principal: Option<&str>, result: AuthorizerResult, context: Map<String, Value>) -> Value {
    let statement = |effect: &str| json!([{ "Effect": effect, "Action": "execute-api:Invoke", "Resource": "*" }]);
    let statements = match result {
        AuthorizerResult::Allow => statement("Allow"),
        AuthorizerResult::Deny => statement("Deny"),
        AuthorizerResult::ImplicitDeny | AuthorizerResult::Unauthorized | AuthorizerResult::Error => json!([]),
    };
    let mut answer = Map::new();
    answer.extend(principal.map(|principal| ("principalId".to_owned(), principal.into())));
    answer.insert("policyDocument".to_owned(), json!({ "Version": "2012-10-17", "Statement": statements }));
    answer.insert("context".to_owned(), context.into());
    answer.into()
}

fn answers_simply(gateway: &Gateway, exchange: &Exchange) -> bool {
    let route = exchange.matched.as_ref().and_then(|matched| gateway.http()?.routes.get(matched.resource));
    let Some(HttpAuthorization::Authorizer { name, .. }) = route.map(|route| &route.authorization) else {
        return false;
    };
    let authorizer = gateway.http().and_then(|api| api.authorizers.get(name));
    authorizer.is_some_and(|authorizer| authorizer.answers_simply())
}
