//! API keys, and the usage plans that name them.

use std::path::Path;

use indexmap::IndexMap;

use super::throttle::throttle;
use super::written::WrittenStage;
use crate::api::{ApiKey, Quota, QuotaPeriod, UsagePlan, shown_variable};
use crate::config::document::{self, Fields, Severity, Spot, hint};

pub(crate) fn api_keys(spot: &Spot<'_>, environment: &[(String, String)]) -> IndexMap<String, ApiKey> {
    let mut keys: IndexMap<String, ApiKey> = IndexMap::new();
    for (name, spot) in spot.entries() {
        let mut fields = spot.fields();
        let value = key_value(&mut fields, &spot, environment);
        let enabled = fields.get("enabled").and_then(|s| s.bool()).unwrap_or(true);
        fields.done(Severity::Error);
        let same = keys.iter().find(|(_, key)| value.as_ref() == Some(&key.value) && !key.value.is_empty());
        if let Some((other, _)) = same {
            spot.error("api-key", format!("the value is the same as that of `{other}`"));
        }
        if value.as_deref() == Some("") {
            spot.error("api-key", "the key's value is empty".to_owned());
        }
        // A wrong key is reported; its name still stands for a key that is known.
        keys.insert(name.to_owned(), ApiKey { value: value.unwrap_or_default(), enabled });
    }
    keys
}

fn key_value(fields: &mut Fields<'_>, spot: &Spot<'_>, environment: &[(String, String)]) -> Option<String> {
    let value = fields.get("value");
    let value_env = fields.get("value_env");
    let value_file = fields.get("value_file");
    if [&value, &value_env, &value_file].iter().filter(|v| v.is_some()).count() != 1 {
        if spot.node.is_map() {
            spot.error("api-key", "expected exactly one of `value`, `value_env`, `value_file`".to_owned());
        }
        return None;
    }
    if let Some(spot) = value {
        return spot.text();
    }
    if let Some(spot) = value_env {
        let name = spot.text()?;
        let found = environment.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
        if found.is_none() {
            spot.error("missing-variable", format!("environment variable `{}` is not set", shown_variable(&name)));
        }
        return found;
    }
    let spot = value_file?;
    let path = spot.node.origin.relative(Path::new(&spot.text()?));
    spot.report.uses(&path);
    let text = document::read(&path, &spot.place(), spot.report)?;
    Some(text.trim_end_matches(['\r', '\n']).to_owned())
}

pub(crate) fn usage_plans(spot: &Spot<'_>, keys: &IndexMap<String, ApiKey>) -> IndexMap<String, UsagePlan> {
    let mut plans = IndexMap::new();
    let known: Vec<&str> = keys.keys().map(String::as_str).collect();
    for (name, spot) in spot.entries() {
        let mut fields = spot.fields();
        let named = fields.get("keys").map(|s| s.items()).unwrap_or_default();
        for key in &named {
            let Some(text) = key.text().filter(|text| !keys.contains_key(text)) else { continue };
            if let Some((name, _)) = keys.iter().find(|(_, key)| key.value == text) {
                key.error("unknown-api-key", format!("expected an API key's name, found the value of `{name}`"));
                continue;
            }
            let hint = hint(&text, &known);
            key.error("unknown-api-key", format!("API key `{text}` is not in `api.api_keys`{hint}"));
        }
        let plan = UsagePlan {
            keys: named.iter().filter_map(|s| s.node.scalar()).collect(),
            throttle: throttle(&mut fields, &spot),
            quota: fields.get("quota").and_then(|s| quota(&s)),
        };
        fields.done(Severity::Error);
        plans.insert(name.to_owned(), plan);
    }
    plans
}

fn quota(spot: &Spot<'_>) -> Option<Quota> {
    let periods = [("DAY", QuotaPeriod::Day), ("WEEK", QuotaPeriod::Week), ("MONTH", QuotaPeriod::Month)];
    let mut fields = spot.fields();
    let limit = fields.need("limit").and_then(|s| s.integer(0, u64::MAX));
    let period = fields.need("period").and_then(|s| s.choice(&periods));
    fields.done(Severity::Error);
    Some(Quota { limit: limit?, period: period? })
}

/// API keys without a plan: their methods refuse everybody.
pub(crate) fn check_keys(stage: &WrittenStage, api: &Spot<'_>) {
    for (name, spot) in api.get("api_keys").map(|s| s.entries()).unwrap_or_default() {
        if !stage.usage_plans.values().any(|plan| plan.keys.iter().any(|key| key == name)) {
            let message = format!("API key `{name}` is in no usage plan: it opens no method");
            spot.warning("api-key-without-plan", message);
        }
    }
}
