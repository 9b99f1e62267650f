//! `iam.keys`: the access keys that callers sign with.

use std::path::Path;

use crate::api::shown_variable;
use crate::authorization::Identity;
use crate::authorization::policy::{Policy, PolicyKind};
use crate::authorization::signature::{AccessKey, AccessKeys, Secret};
use crate::config::document::{self, Fields, Severity, Spot};

/// Reads the section; `environment` has the variables that `secret_env` and `session_token_env` may name.
pub(crate) fn read(spot: &Spot<'_>, environment: &[(String, String)]) -> AccessKeys {
    let mut fields = spot.fields();
    let entries = fields.get("keys").map(|s| s.entries().into_iter().map(|(id, s)| (id.to_owned(), s)).collect());
    let entries: Vec<(String, Spot<'_>)> = entries.unwrap_or_default();
    fields.done(Severity::Error);
    entries.into_iter().filter_map(|(id, spot)| key(id, &spot, environment)).collect()
}

fn key(id: String, spot: &Spot<'_>, environment: &[(String, String)]) -> Option<AccessKey> {
    let mut fields = spot.fields();
    let secret = secret(&mut fields, spot, environment);
    let arn = fields.need("arn").and_then(|s| Some((s.text()?, s)));
    let token = fields.get("session_token_env").map(|s| variable(&s, environment));
    let policy = fields.get("policy").map(|s| s.node.to_json());
    fields.done(Severity::Error);
    let identity = arn.and_then(|(arn, spot)| match Identity::from_arn(&arn) {
        Ok(identity) => Some(identity),
        Err(e) => {
            spot.error("identity", e.to_string());
            None
        }
    });
    let policy = policy.map(|written| {
        Policy::read(&written, PolicyKind::Identity).map_err(|e| {
            spot.error("policy", format!("the policy cannot be evaluated: {e}"));
        })
    });
    Some(AccessKey {
        id,
        secret: Secret::new(secret?),
        identity: identity?,
        policy: policy.transpose().ok()?,
        // A token that is asked for and is not there must not make a key that needs none.
        session_token: token.map(|token| token.ok_or(())).transpose().ok()?.map(Secret::new),
        expires: None,
    })
}

fn secret(fields: &mut Fields<'_>, spot: &Spot<'_>, environment: &[(String, String)]) -> Option<String> {
    match (fields.get("secret_env"), fields.get("secret_file")) {
        (Some(name), None) => variable(&name, environment),
        (None, Some(file)) => {
            let path = file.node.origin.relative(Path::new(&file.text()?));
            file.report.uses(&path);
            let text = document::read(&path, &file.place(), file.report)?;
            Some(text.trim_end_matches(['\r', '\n']).to_owned()).filter(|secret| !secret.is_empty())
        }
        _ => {
            spot.error("access-key", "expected exactly one of `secret_env`, `secret_file`".to_owned());
            None
        }
    }
}

fn variable(spot: &Spot<'_>, environment: &[(String, String)]) -> Option<String> {
    let name = spot.text()?;
    let found = environment.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
    let found = found.filter(|value| !value.is_empty());
    if found.is_none() {
        spot.error("missing-variable", format!("environment variable `{}` is not set", shown_variable(&name)));
    }
    found
}
