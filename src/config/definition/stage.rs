//! The `api` section but for the routes themselves: the stage that is served.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::throttle::throttle;
use super::usage_plan::{api_keys, usage_plans};
use super::written::{ApiKind, BasePathMode, MethodThrottle, WrittenStage};
use crate::api::{Compat, HttpMethod, Skipped};
use crate::config::document::{Data, Fields, Severity, Spot};

/// Reads the section; `environment` has the variables that `value_env` may name.
pub(crate) fn read(f: &mut Fields<'_>, environment: &[(String, String)]) -> WrittenStage {
    let text = |f: &mut Fields<'_>, key, default: &str| {
        f.get(key).and_then(|s| s.text()).unwrap_or_else(|| default.to_owned())
    };
    let named = f.get("stage").and_then(|s| s.text());
    let base_path = f.get("base_path");
    let modes = [("ignore", BasePathMode::Ignore), ("prepend", BasePathMode::Prepend), ("split", BasePathMode::Split)];
    let mut stage = WrittenStage {
        is_named: named.is_some(),
        has_name: named.is_some(),
        name: named.unwrap_or_else(|| "prod".to_owned()),
        resource: f.get("resource").and_then(|s| Some((s.text()?, s.place()))),
        includes: f.get("includes").map(|s| includes(&s)).unwrap_or_default(),
        has_base_path: base_path.is_some(),
        base_path: base_path.map(|s| self::base_path(&s)).unwrap_or_default(),
        base_path_mode: f.get("base_path_mode").and_then(|s| s.choice(&modes)).unwrap_or_default(),
        id: text(f, "id", "local"),
        account_id: text(f, "account_id", "123456789012"),
        region: text(f, "region", "us-east-1"),
        source_vpc: f.get("source_vpc").and_then(|s| s.text()),
        source_vpce: f.get("source_vpce").and_then(|s| s.text()),
        domain_name: f.get("domain_name").and_then(|s| s.text()),
        deployment_id: text(f, "deployment_id", "local"),
        variables: f.get("stage_variables").map(|s| variables(&s)).unwrap_or_default(),
        parameters: f.get("parameters").map(|s| s.text_map().into_iter().collect()).unwrap_or_default(),
        canary: f.get("canary").and_then(|s| canary(&s)),
        skipped: f.get("skip_authorization").map(|s| skipped(&s)).unwrap_or_default(),
        compat: f.get("compat").and_then(|s| s.choice(&[("2022", Compat::Year2022)])).unwrap_or_default(),
        kind: f.get("type").and_then(|s| s.choice(&[("rest", ApiKind::Rest), ("http", ApiKind::Http)])),
        strict: f.get("strict").and_then(|s| s.bool()).unwrap_or(false),
        ..WrittenStage::default()
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

/// A kind's own switch.
type Kind = fn(&mut Skipped) -> &mut bool;

/// All or nothing, or a list of kinds.
fn skipped(spot: &Spot<'_>) -> Skipped {
    let mut skipped = Skipped::default();
    if !matches!(spot.node.data, Data::List(_)) {
        return if spot.bool().unwrap_or(false) { Skipped::ALL } else { skipped };
    }
    let kinds: [(&str, Kind); 5] = [
        ("iam", |skipped| &mut skipped.iam),
        ("lambda", |skipped| &mut skipped.lambda),
        ("cognito_user_pools", |skipped| &mut skipped.cognito_user_pools),
        ("jwt", |skipped| &mut skipped.jwt),
        ("resource_policy", |skipped| &mut skipped.resource_policy),
    ];
    for kind in spot.items() {
        if let Some(kind) = kind.choice(&kinds) {
            *kind(&mut skipped) = true;
        }
    }
    skipped
}

/// A local file is relative to the configuration, as everywhere in it.
fn includes(spot: &Spot<'_>) -> IndexMap<String, PathBuf> {
    let entries = spot.entries();
    let file = |(location, spot): &(&str, Spot<'_>)| {
        Some(((*location).to_owned(), spot.node.origin.relative(Path::new(&spot.text()?))))
    };
    entries.iter().filter_map(file).collect()
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
        let short = name.len() <= 64 && variables.get(name.as_str()).is_none_or(|value| value.len() <= 512);
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

fn method_throttles(spot: &Spot<'_>) -> Vec<MethodThrottle> {
    let mut throttles = Vec::new();
    for (key, spot) in spot.entries() {
        let parsed = match key {
            // Of an HTTP API.
            "$default" => Some((HttpMethod::Any, key.to_owned())),
            _ => key.split_once(' ').and_then(|(method, path)| {
                let path = path.trim();
                path.starts_with('/').then_some((HttpMethod::parse(&method.to_ascii_uppercase())?, path.to_owned()))
            }),
        };
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
