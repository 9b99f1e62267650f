//! The stage that is served: the `api` section but for the routes themselves.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::api::{ApiKey, HttpMethod, Quota, QuotaPeriod, Throttle, UsagePlan};
use crate::config::document::{self, Data, Fields, Origin, Place, Severity, Spot, nearest};

/// How much of the base path that a definition names becomes part of its paths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BasePathMode {
    /// None of it.
    #[default]
    Ignore,
    /// All of it.
    Prepend,
    /// All but the first segment.
    Split,
}

/// The stage.
#[derive(Debug, Default)]
pub struct Stage {
    /// `stage`
    pub name: String,
    /// `base_path`, without a slash at the end.
    pub base_path: String,
    /// `base_path_mode`
    pub base_path_mode: BasePathMode,
    /// `id`
    pub id: String,
    /// `account_id`
    pub account_id: String,
    /// `region`
    pub region: String,
    /// `domain_name`
    pub domain_name: Option<String>,
    /// `deployment_id`
    pub deployment_id: String,
    /// `stage_variables`
    pub variables: IndexMap<String, String>,
    /// `parameters`: values for `${Name}` in uris, and in CloudFormation's functions in mappings and templates.
    pub parameters: IndexMap<String, String>,
    /// `canary`: percentage and its own stage variables.
    pub canary: Option<(f64, IndexMap<String, String>)>,
    /// `throttle`
    pub throttle: Option<Throttle>,
    /// `throttle.methods`
    pub method_throttles: Vec<MethodThrottle>,
    /// `api_keys`
    pub api_keys: IndexMap<String, ApiKey>,
    /// `usage_plans`
    pub usage_plans: IndexMap<String, UsagePlan>,
    /// `skip_authorization`
    pub skip_authorization: bool,
}

impl Stage {
    /// The value of `${Name}`: CloudFormation's own, then the configuration's.
    pub fn parameter(&self, name: &str) -> Option<String> {
        Some(match name {
            "AWS::Region" => self.region.clone(),
            "AWS::AccountId" => self.account_id.clone(),
            "AWS::Partition" => "aws".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            _ => self.parameters.get(name)?.clone(),
        })
    }
}

/// The throttle of one method.
#[derive(Debug)]
pub struct MethodThrottle {
    /// Its method.
    pub method: HttpMethod,
    /// Its path.
    pub path: String,
    /// The throttle.
    pub throttle: Throttle,
    /// Where it stands.
    pub place: Place,
}

/// Reads the section; `environment` has the variables that `value_env` may name.
pub fn read(f: &mut Fields<'_>, environment: &[(String, String)]) -> Stage {
    let text = |f: &mut Fields<'_>, key, default: &str| {
        f.get(key).and_then(|s| s.text()).unwrap_or_else(|| default.to_owned())
    };
    let modes = [("ignore", BasePathMode::Ignore), ("prepend", BasePathMode::Prepend), ("split", BasePathMode::Split)];
    let mut stage = Stage {
        name: text(f, "stage", "prod"),
        base_path: f.get("base_path").map(|s| base_path(&s)).unwrap_or_default(),
        base_path_mode: f.get("base_path_mode").and_then(|s| s.choice(&modes)).unwrap_or_default(),
        id: text(f, "id", "local"),
        account_id: text(f, "account_id", "123456789012"),
        region: text(f, "region", "us-east-1"),
        domain_name: f.get("domain_name").and_then(|s| s.text()),
        deployment_id: text(f, "deployment_id", "local"),
        variables: f.get("stage_variables").map(|s| variables(&s)).unwrap_or_default(),
        parameters: f.get("parameters").map(|s| s.text_map().into_iter().collect()).unwrap_or_default(),
        canary: f.get("canary").and_then(|s| canary(&s)),
        skip_authorization: f.get("skip_authorization").and_then(|s| s.bool()).unwrap_or(false),
        ..Stage::default()
    };
    if let Some(spot) = f.get("throttle") {
        let mut fields = spot.fields();
        stage.throttle = throttle(&mut fields, &spot);
        stage.method_throttles = fields.get("methods").map(|s| method_throttles(&s)).unwrap_or_default();
        fields.done(Severity::Error);
    }
    stage.api_keys = f.get("api_keys").map(|s| api_keys(&s, environment)).unwrap_or_default();
    stage.usage_plans = f.get("usage_plans").map(|s| usage_plans(&s, &stage.api_keys)).unwrap_or_default();
    stage
}

fn base_path(spot: &Spot<'_>) -> String {
    let Some(text) = spot.text() else { return String::new() };
    let trimmed = text.trim_end_matches('/');
    if !trimmed.is_empty() && !trimmed.starts_with('/') {
        spot.error("base-path", format!("`{text}` does not begin with `/`"));
    }
    trimmed.to_owned()
}

/// API Gateway's own bounds on stage variables.
fn variables(spot: &Spot<'_>) -> IndexMap<String, String> {
    let variables: IndexMap<String, String> = spot.text_map().into_iter().collect();
    for (name, node) in spot.node.entries() {
        let named = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let short = name.len() <= 64 && variables.get(name).is_none_or(|value| value.len() <= 512);
        if !named || !short {
            let message =
                "API Gateway takes letters, digits and `_`, names to 64 and values to 512 characters".to_owned();
            spot.inside(name, node).warning("stage-variable", message);
        }
    }
    variables
}

fn canary(spot: &Spot<'_>) -> Option<(f64, IndexMap<String, String>)> {
    let mut fields = spot.fields();
    let percent = fields.need("percent").and_then(|s| s.number(0.0, 100.0));
    let variables = fields.get("stage_variables").map(|s| variables(&s)).unwrap_or_default();
    fields.done(Severity::Error);
    Some((percent?, variables))
}

/// `rate` and `burst`; one alone gives the other.
fn throttle(fields: &mut Fields<'_>, spot: &Spot<'_>) -> Option<Throttle> {
    let rate = fields.get("rate");
    let burst = fields.get("burst");
    if rate.is_none() && burst.is_none() {
        return None;
    }
    let given = rate.is_some();
    let rate = rate.and_then(|s| s.number(0.0, f64::MAX));
    let burst = burst.and_then(|s| s.integer(0, u64::from(u32::MAX))).and_then(|b| u32::try_from(b).ok());
    match (rate, burst) {
        (Some(rate), Some(burst)) => Some(Throttle { rate, burst }),
        (Some(rate), None) => Some(Throttle { rate, burst: rate.ceil().clamp(1.0, 5_000.0) as u32 }),
        (None, Some(_)) if !given => {
            spot.error("missing-key", "`rate` is missing beside `burst`".to_owned());
            None
        }
        _ => None,
    }
}

fn method_throttles(spot: &Spot<'_>) -> Vec<MethodThrottle> {
    let mut throttles = Vec::new();
    for (key, spot) in spot.entries() {
        let parsed = key.split_once(' ').and_then(|(method, path)| {
            let path = path.trim();
            path.starts_with('/').then_some((HttpMethod::parse(&method.to_ascii_uppercase())?, path.to_owned()))
        });
        let Some((method, path)) = parsed else {
            spot.error("method-key", format!("`{key}` is not a method and a path, such as `GET /pets`"));
            continue;
        };
        let mut fields = spot.fields();
        let read = throttle(&mut fields, &spot);
        fields.done(Severity::Error);
        let Some(throttle) = read else { continue };
        throttles.push(MethodThrottle { method, path, throttle, place: spot.place() });
    }
    throttles
}

fn api_keys(spot: &Spot<'_>, environment: &[(String, String)]) -> IndexMap<String, ApiKey> {
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
        if matches!(spot.node.data, Data::Map(_)) {
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
            spot.error("missing-variable", format!("environment variable `{name}` is not set"));
        }
        return found;
    }
    let spot = value_file?;
    let path = relative(&spot, Path::new(&spot.text()?));
    spot.report.uses(&path);
    let text = document::read(&path, &spot.place(), spot.report)?;
    Some(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// A path in a file is relative to that file; one in a variable or a flag to the working directory.
pub fn relative(spot: &Spot<'_>, path: &Path) -> PathBuf {
    match &*spot.node.origin {
        Origin::File(file) => match file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => folder.join(path),
            None => path.to_owned(),
        },
        _ => path.to_owned(),
    }
}

fn usage_plans(spot: &Spot<'_>, keys: &IndexMap<String, ApiKey>) -> IndexMap<String, UsagePlan> {
    let mut plans = IndexMap::new();
    let known: Vec<&str> = keys.keys().map(String::as_str).collect();
    for (name, spot) in spot.entries() {
        let mut fields = spot.fields();
        let named = fields.get("keys").map(|s| s.items()).unwrap_or_default();
        for key in &named {
            let Some(text) = key.text().filter(|text| !keys.contains_key(text)) else { continue };
            let hint = nearest(&text, &known).map(|n| format!("; the nearest is `{n}`")).unwrap_or_default();
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
pub fn check_keys(stage: &Stage, api: &Spot<'_>) {
    for (name, spot) in api.get("api_keys").map(|s| s.entries()).unwrap_or_default() {
        if !stage.usage_plans.values().any(|plan| plan.keys.iter().any(|key| key == name)) {
            let message = format!("API key `{name}` is in no usage plan: it opens no method");
            spot.warning("api-key-without-plan", message);
        }
    }
}
