//! `jwtConfiguration` of a REST API's JWT authorizer, in any letter case, as definitions and templates spell it.

use serde_json::Value;

use crate::authorization::jwt::{AdditionalClaim, Algorithm, RestIssuer, RestJwt};

/// What `additionalClaims` may not name (documented).
const RESERVED: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "scope", "scp"];

/// Reads it; with what will surprise. The errors are all that were found.
pub(crate) fn read(configuration: &Value) -> Result<(RestJwt, Vec<String>), Vec<String>> {
    let mut reader = Reader::default();
    let issuers = reader.issuers(configuration);
    let algorithms = reader.algorithms(configuration);
    let Reader { errors, warnings } = reader;
    if errors.is_empty() { Ok((RestJwt { issuers, algorithms }, warnings)) } else { Err(errors) }
}

#[derive(Default)]
struct Reader {
    errors: Vec<String>,
    warnings: Vec<String>,
}

impl Reader {
    fn issuers(&mut self, configuration: &Value) -> Vec<RestIssuer> {
        let listed = get(configuration, "issuers").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if listed.is_empty() {
            let hint = match get(configuration, "issuer") {
                Some(_) => "; `issuer` and `audience` are for HTTP APIs",
                None => "",
            };
            self.errors.push(format!("`jwtConfiguration.issuers` lists no issuer{hint}"));
        }
        listed.iter().enumerate().filter_map(|(n, issuer)| self.issuer(issuer, n)).collect()
    }

    fn issuer(&mut self, written: &Value, n: usize) -> Option<RestIssuer> {
        let place = format!("`jwtConfiguration.issuers[{n}]`");
        let audiences = get(written, "audiences").map(texts).unwrap_or_default();
        if audiences.is_empty() {
            self.errors.push(format!("{place} lists no `audiences`"));
        }
        let claims = get(written, "additionalClaims").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let additional_claims = claims.iter().filter_map(|claim| self.claim(claim, &place)).collect();
        let Some(issuer) = get(written, "issuer").and_then(Value::as_str) else {
            self.errors.push(format!("{place} has no `issuer`"));
            return None;
        };
        Some(RestIssuer { issuer: issuer.to_owned(), audiences, additional_claims })
    }

    fn claim(&mut self, written: &Value, place: &str) -> Option<AdditionalClaim> {
        let text = |name| get(written, name).and_then(Value::as_str);
        let Some(name) = text("claimName").filter(|name| !name.is_empty()) else {
            self.errors.push(format!("{place} has an additional claim without `claimName`"));
            return None;
        };
        if RESERVED.contains(&name) {
            self.errors.push(format!("{place}: `{name}` is no additional claim: it is checked by itself"));
        }
        if let Some(format) = text("format").filter(|format| *format != "SINGLE_STRING") {
            self.errors.push(format!("{place}: claim `{name}` has the format `{format}`, expected `SINGLE_STRING`"));
        }
        let required = match get(written, "required") {
            Some(Value::Bool(required)) => *required,
            Some(Value::String(text)) if text == "true" || text == "false" => text == "true",
            None => false,
            Some(other) => {
                self.errors.push(format!("{place}: claim `{name}` has `required` {other}, expected `true` or `false`"));
                false
            }
        };
        let written = get(written, "expectedValues");
        let expected_values = written.map(texts).unwrap_or_default();
        // What is not read must not count as "any value".
        if written.is_some_and(|written| written.as_array().is_none_or(|list| list.len() != expected_values.len())) {
            self.errors.push(format!("{place}: claim `{name}` has `expectedValues` that are no list of texts"));
        }
        Some(AdditionalClaim { name: name.to_owned(), required, expected_values })
    }

    fn algorithms(&mut self, configuration: &Value) -> Vec<Algorithm> {
        let Some(written) = get(configuration, "defaultAlgorithms") else {
            self.warnings.push("API Gateway needs `defaultAlgorithms`; `RS256` is taken".to_owned());
            return vec![Algorithm::Rs256];
        };
        let mut algorithms = Vec::new();
        for name in texts(written) {
            match Algorithm::from_name(&name) {
                Some(algorithm) => algorithms.push(algorithm),
                None if name == "ES512" => {
                    self.warnings.push("tokens signed with `ES512` are not taken here".to_owned());
                }
                None => {
                    let known = Algorithm::ALL.map(Algorithm::name).join("`, `");
                    self.errors.push(format!("`{name}` is never taken: expected `{known}`"));
                }
            }
        }
        algorithms
    }
}

fn get<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let fields = value.as_object()?;
    fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// A list of texts, or one.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}
