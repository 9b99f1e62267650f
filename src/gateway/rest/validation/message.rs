//! What does not fit, in the words that `$context.error.validationErrorString` has on AWS.

use std::collections::BTreeSet;

use jsonschema::error::{ValidationError, ValidationErrorKind as Kind};
use serde_json::Value;

use crate::api::Options;

pub(super) fn missing(names: &BTreeSet<String>) -> String {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    format!("object has missing required properties ([{}])", names.join(","))
}

pub(super) fn wrong_type(found: &str, allowed: &BTreeSet<String>) -> String {
    // Every integer is a number.
    let integer = allowed.contains("number").then(|| "integer".to_owned());
    let allowed: BTreeSet<String> = allowed.iter().cloned().chain(integer).collect();
    format!("instance type ({found}) does not match any allowed primitive type (allowed: [{}])", quoted(allowed))
}

pub(super) fn no_option(instance: &str, options: &Options) -> String {
    format!("instance value ({instance}) not found in enum (possible values: {})", options.written)
}

pub(super) fn not_allowed(names: BTreeSet<String>) -> String {
    format!("object instance has properties which are not allowed by the schema: [{}]", quoted(names))
}

pub(super) fn too_few_items(limit: u64, size: u64) -> String {
    format!("array is too short: must have at least {limit} elements but instance has {size} elements")
}

pub(super) fn too_many_items(limit: u64, size: u64) -> String {
    format!("array is too long: must have at most {limit} elements but instance has {size} elements")
}

pub(super) fn item_not_allowed(limit: usize, size: u64) -> String {
    format!("schema only allows {limit} elements in array but instance has {size} elements")
}

pub(super) const DUPLICATES: &str = "array must not contain duplicate elements";

pub(super) fn too_few_members(limit: u64, size: usize) -> String {
    format!("object has too few properties (found {size} but schema requires at least {limit})")
}

pub(super) fn too_many_members(limit: u64, size: usize) -> String {
    format!("object has too many properties (found {size} but schema requires at most {limit})")
}

pub(super) fn fits_none(of: usize) -> String {
    format!("instance failed to match at least one required schema among {of}")
}

pub(super) fn fits_not_one(matched: usize, of: usize) -> String {
    format!("instance failed to match exactly one schema (matched {matched} out of {of})")
}

pub(super) const FITS_NOT: &str = "instance matched a schema which it should not have";

/// What is wrong with a number or a string.
pub(super) fn message(error: &ValidationError) -> String {
    let instance = error.instance().as_ref();
    let text = || instance.as_str().unwrap_or_default();
    match error.kind() {
        Kind::Minimum { limit } => {
            format!("numeric instance is lower than the required minimum (minimum: {limit}, found: {instance})")
        }
        Kind::Maximum { limit } => {
            format!("numeric instance is greater than the required maximum (maximum: {limit}, found: {instance})")
        }
        Kind::ExclusiveMinimum { limit } => {
            format!("numeric instance is not strictly greater than the required minimum {limit}")
        }
        Kind::ExclusiveMaximum { limit } => {
            format!("numeric instance is not strictly lower than the required maximum {limit}")
        }
        Kind::MultipleOf { multiple_of } => {
            format!("remainder of division is not zero ({instance} / {})", Value::from(*multiple_of))
        }
        Kind::MinLength { limit } => {
            let length = text().chars().count();
            format!("string {instance} is too short (length: {length}, required minimum: {limit})")
        }
        Kind::MaxLength { limit } => {
            let length = text().chars().count();
            format!("string {instance} is too long (length: {length}, maximum allowed: {limit})")
        }
        Kind::Pattern { pattern } => format!("ECMA 262 regex \"{pattern}\" does not match input string \"{}\"", text()),
        Kind::Format { format } => format_message(format, text()),
        _ => error.to_string(),
    }
}

fn format_message(format: &str, text: &str) -> String {
    match format {
        "date-time" => {
            let known = r#"["yyyy-MM-dd'T'HH:mm:ssZ", "yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,12}Z"]"#;
            format!("string \"{text}\" is invalid against requested date format(s) {known}")
        }
        "email" => format!("string \"{text}\" is not a valid email address"),
        "hostname" => format!("string \"{text}\" is not a valid hostname"),
        "ipv4" => format!("string \"{text}\" is not a valid IPv4 address"),
        "ipv6" => format!("string \"{text}\" is not a valid IPv6 address"),
        "uri" => format!("string \"{text}\" is not a valid URI"),
        "regex" => format!("string \"{text}\" is not a valid ECMA 262 regular expression"),
        format => format!("string \"{text}\" is not a valid {format}"),
    }
}

fn quoted(names: impl IntoIterator<Item = String>) -> String {
    names.into_iter().map(|name| Value::from(name).to_string()).collect::<Vec<_>>().join(",")
}
