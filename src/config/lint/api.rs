//! The API as a whole: functions that nobody calls, keys that open nothing.

use crate::api::{ApiKeySource, Authorization, Endpoint, RestApi};
use crate::config::definition::written::WrittenStage;
use crate::config::document::Spot;

/// The API as a whole.
pub(crate) fn api(api: &RestApi, stage: &WrittenStage, functions: Option<Spot<'_>>, api_spot: &Spot<'_>) {
    let methods = || api.resources.iter().flat_map(|r| &r.methods);
    let used: Vec<usize> = methods()
        .filter_map(|m| match &m.integration.endpoint {
            Endpoint::Lambda(function) => Some(function.backend),
            _ => None,
        })
        .chain(api.authorizers.values().filter_map(|a| a.function.as_ref().ok()).map(|function| function.backend))
        .collect();
    for (n, (name, spot)) in functions.map(|s| s.entries()).unwrap_or_default().into_iter().enumerate() {
        if !used.contains(&n) && name != "*" {
            spot.note("unused-function", format!("no method calls function `{name}`"));
        }
    }
    let guarded = methods().filter(|m| m.api_key_required).count();
    if guarded > 0 && stage.usage_plans.values().all(|plan| plan.keys.is_empty()) {
        let message =
            format!("no usage plan has an API key: methods that need one ({guarded}) answer every request with 403");
        api_spot.warning("no-usage-plan", message);
    }
    let is_told = |authorization: &Authorization| match authorization {
        Authorization::Custom { name, .. } => api.authorizers.contains_key(name),
        _ => false,
    };
    let keyless = methods().filter(|m| m.api_key_required && !is_told(&m.authorization)).count();
    if keyless > 0 && api.api_key_source == ApiKeySource::Authorizer && !stage.skipped.lambda {
        let message = format!(
            "API keys come from a Lambda authorizer, and {keyless} methods that need one ask none: every request is answered 403"
        );
        api_spot.warning("api-key-source", message);
    }
}
