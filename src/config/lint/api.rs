//! The API as a whole: functions that nobody calls, keys that open nothing.

use crate::api::{ApiKeySource, Endpoint, RestApi};
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
    if guarded > 0 && api.api_key_source == ApiKeySource::Authorizer {
        let message =
            "API keys come from an authorizer, which is not evaluated: every request for a key is answered 403";
        api_spot.warning("api-key-source", message.to_owned());
    }
}
