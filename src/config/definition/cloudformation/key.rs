//! API keys, usage plans and what links them to the API.

use indexmap::IndexMap;

use super::template::Template;
use super::value::{flag, is_given, logical_id, number};
use crate::api::{ApiKey, Quota, QuotaPeriod, Throttle, UsagePlan};
use crate::config::definition::written::WrittenStage;
use crate::config::document::{Node, Place, Report, Spot, join};

/// An API key of the template.
pub(crate) struct Key {
    id: String,
    name: String,
    value: Option<String>,
    enabled: bool,
    place: Place,
}

/// A usage plan of the template, with the logical ids of its keys.
pub(crate) struct Plan {
    name: String,
    keys: Vec<String>,
    throttle: Option<Throttle>,
    quota: Option<Quota>,
}

/// Keys and plans of the API.
#[derive(Default)]
pub(crate) struct Keys {
    keys: Vec<Key>,
    plans: Vec<Plan>,
}

/// Reads the plans of the API, and every key.
pub(crate) fn read(template: &Template<'_>, api: &str) -> Keys {
    let key = |(id, resource): (&str, _)| {
        let properties = template.properties(id, resource);
        let spot = Spot::new(&properties, template.properties_path(id), template.report);
        let value =
            properties.get("Value").and_then(Node::scalar).filter(|value| !value.is_empty() && !value.contains("${"));
        Key {
            id: id.to_owned(),
            name: template.literal(id, resource, "Name").unwrap_or_else(|| id.to_owned()),
            value,
            enabled: spot.get("Enabled").and_then(|s| flag(&s)).unwrap_or(true),
            place: template.place(id),
        }
    };
    let mut found = Keys { keys: template.of_kind("AWS::ApiGateway::ApiKey").map(key).collect(), plans: Vec::new() };
    let links: Vec<(String, String)> = template
        .of_kind("AWS::ApiGateway::UsagePlanKey")
        .filter_map(|(id, resource)| {
            let reference = |name| template.property_text(id, resource, name);
            let (plan, key) = (reference("UsagePlanId")?, reference("KeyId")?);
            Some((logical_id(&plan)?.to_owned(), logical_id(&key).unwrap_or(&key).to_owned()))
        })
        .collect();
    for (id, resource) in template.of_kind("AWS::ApiGateway::UsagePlan") {
        let properties = template.properties(id, resource);
        let stages = properties.get("ApiStages").map(Node::items).unwrap_or_default();
        let of = |stage: &Node| stage.get("ApiId").and_then(Node::scalar).unwrap_or_default();
        if !stages.iter().any(|stage| logical_id(&of(stage)) == Some(api) || of(stage) == api) {
            continue;
        }
        let name = template.literal(id, resource, "UsagePlanName").unwrap_or_else(|| id.to_owned());
        let keys = links.iter().filter(|(plan, _)| plan == id).map(|(_, key)| key.clone()).collect();
        let spot = Spot::new(&properties, template.properties_path(id), template.report);
        for (n, stage) in stages.iter().enumerate().filter(|(_, stage)| is_given(stage.get("Throttle"))) {
            let path = format!("{}[{n}].Throttle", join(&spot.path(), "ApiStages"));
            let message = "throttles of single methods in a usage plan are not applied: the plan's own is".to_owned();
            template.report.note(&Place::of(stage, &path), "usage-plan", message);
        }
        found.plans.push(plan(&spot, name, keys));
    }
    found
}

/// `Auth.UsagePlan` of a SAM API: a plan and a key, whose value AWS makes.
pub(crate) fn add_sam(found: &mut Keys, template: &Template<'_>, api: &str, properties: &Node) {
    let Some(written) = properties.get("Auth").and_then(|auth| auth.get("UsagePlan")) else { return };
    let prefix = match written.text("CreateUsagePlan") {
        Some("PER_API") => api,
        Some("SHARED") => "Serverless",
        _ => return,
    };
    let path = format!("{}.Auth.UsagePlan", template.properties_path(api));
    let key = format!("{prefix}ApiKey");
    let place = Place::of(written, &path);
    found.keys.push(Key { id: key.clone(), name: key.clone(), value: None, enabled: true, place });
    let name = written.text("UsagePlanName").map_or_else(|| format!("{prefix}UsagePlan"), str::to_owned);
    let spot = Spot::new(written, path, template.report);
    // A key of the template's own may be linked to the generated plan.
    let generated = format!("{api}.UsagePlan");
    let linked = template.of_kind("AWS::ApiGateway::UsagePlanKey").filter_map(|(id, resource)| {
        let plan = template.property_text(id, resource, "UsagePlanId")?;
        let plan = logical_id(&plan).unwrap_or(&plan);
        if plan != generated && plan != format!("{prefix}UsagePlan") {
            return None;
        }
        let key = template.property_text(id, resource, "KeyId")?;
        Some(logical_id(&key).unwrap_or(&key).to_owned())
    });
    let keys = [key].into_iter().chain(linked).collect();
    found.plans.push(plan(&spot, name, keys));
}

fn plan(spot: &Spot<'_>, name: String, keys: Vec<String>) -> Plan {
    Plan {
        name,
        keys,
        throttle: spot.get("Throttle").and_then(|s| throttle(&s, "RateLimit", "BurstLimit")),
        quota: spot.get("Quota").and_then(|s| quota(&s)),
    }
}

/// A rate and a burst; one alone gives the other.
pub(crate) fn throttle(spot: &Spot<'_>, rate: &str, burst: &str) -> Option<Throttle> {
    let value = |key: &str| spot.get(key).and_then(|s| number(&s));
    let (rate, burst) = (value(rate), value(burst));
    if rate.is_none() && burst.is_none() {
        return None;
    }
    // What a plan or a stage does not limit has the account's own limits.
    let rate = rate.unwrap_or(10_000.0);
    let burst = burst.unwrap_or_else(|| rate.ceil().clamp(1.0, 5_000.0));
    Some(Throttle { rate, burst: burst.min(f64::from(u32::MAX)) as u32 })
}

fn quota(spot: &Spot<'_>) -> Option<Quota> {
    let limit = spot.get("Limit").and_then(|s| number(&s))? as u64;
    let periods = [("DAY", QuotaPeriod::Day), ("WEEK", QuotaPeriod::Week), ("MONTH", QuotaPeriod::Month)];
    let period = spot.get("Period").and_then(|s| s.choice(&periods))?;
    Some(Quota { limit, period })
}

impl Keys {
    /// Puts keys and plans into the stage; what the configuration says wins.
    pub(crate) fn put_in(self, stage: &mut WrittenStage, report: &Report) {
        let mut names: IndexMap<String, String> = IndexMap::new();
        let linked = |key: &Key, plans: &[Plan]| plans.iter().any(|plan| plan.keys.contains(&key.id));
        for key in self.keys {
            let configured = [&key.name, &key.id].into_iter().find(|name| stage.api_keys.contains_key(*name)).cloned();
            if let Some(name) = configured {
                names.insert(key.id, name);
                continue;
            }
            if !linked(&key, &self.plans) {
                continue;
            }
            match key.value {
                Some(value) => {
                    names.insert(key.id, key.name.clone());
                    stage.api_keys.insert(key.name, ApiKey { value, enabled: key.enabled });
                }
                None => {
                    let name = &key.name;
                    let message = format!(
                        "the value of API key `{name}` is not in the template: `api.api_keys: {{ {name}: {{ value: … }} }}` gives one"
                    );
                    report.warning(&key.place, "api-key-without-value", message);
                }
            }
        }
        for plan in self.plans {
            if stage.usage_plans.contains_key(&plan.name) {
                continue;
            }
            let keys = plan.keys.iter().filter_map(|id| names.get(id).cloned()).collect();
            stage.usage_plans.insert(plan.name, UsagePlan { keys, throttle: plan.throttle, quota: plan.quota });
        }
    }
}
