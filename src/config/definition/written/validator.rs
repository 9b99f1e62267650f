//! Request validators: two switches under a name.

use super::api::{Validator, WrittenApi};
use super::dialect::Dialect;
use crate::config::document::{Severity, Spot, hint};

/// A request validator: two switches.
pub(crate) fn validator(spot: &Spot<'_>, dialect: Dialect) -> Validator {
    let mut f = dialect.fields(spot);
    let parameters = f.get("validateRequestParameters").and_then(|s| s.bool()).unwrap_or(false);
    let body = f.get("validateRequestBody").and_then(|s| s.bool()).unwrap_or(false);
    f.done(dialect.severity());
    Validator { parameters, body }
}

/// The validator of that name.
pub(crate) fn find_validator(name: &str, spot: &Spot<'_>, api: &WrittenApi, severity: Severity) -> Validator {
    if let Some(validator) = api.validators.get(name) {
        return *validator;
    }
    let known: Vec<&str> = api.validators.keys().map(String::as_str).collect();
    let hint = hint(name, &known);
    let message = format!("request validator `{name}` is not defined{hint}");
    spot.report.add(severity, &spot.place(), "unknown-validator", message);
    Validator::default()
}
