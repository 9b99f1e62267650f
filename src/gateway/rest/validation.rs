//! Why a body does not fit its model, in the words that `$context.error.validationErrorString` has on AWS.

use std::collections::BTreeSet;

use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind as Kind};
use jsonschema::{JsonType, paths::LocationSegment};
use serde_json::Value;

/// `[…, …]`: the messages of one level. AWS's validator looks into a value only when the value itself is fine, so the
/// errors inside a faulty one are not told.
pub(crate) fn messages<'a>(errors: impl Iterator<Item = ValidationError<'a>>) -> String {
    let mut found: Vec<(Place, String)> = Vec::new();
    let mut missing: Vec<(Place, BTreeSet<String>)> = Vec::new();
    for error in errors {
        let place = place(&error);
        match error.kind() {
            Kind::Required { property } => {
                let name = property.to_string();
                match missing.iter_mut().find(|(p, _)| *p == place) {
                    Some((_, names)) => drop(names.insert(name)),
                    None => missing.push((place, BTreeSet::from([name]))),
                }
            }
            _ => found.push((place, message(&error))),
        }
    }
    found.extend(missing.into_iter().map(|(place, names)| (place, missing_message(names))));
    found.sort();
    found.dedup();
    let Some(first) = found.first().map(|(place, _)| place.clone()) else { return "[]".into() };
    let told = found.into_iter().filter(|(place, _)| place.split_last().is_none_or(|(_, parent)| parent < &first[..]));
    format!("[{}]", told.map(|(_, message)| message).collect::<Vec<_>>().join(", "))
}

/// Where in the body an error is. Sorted, a value comes before what is in it, and its members by name.
type Place = Vec<Key>;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Item(usize),
    Member(String),
}

fn place(error: &ValidationError) -> Place {
    let key = |segment| match segment {
        LocationSegment::Index(index) => Key::Item(index),
        LocationSegment::Property(name) => Key::Member(name.into_owned()),
    };
    error.instance_path().segments().map(key).collect()
}

fn missing_message(names: BTreeSet<String>) -> String {
    let names: Vec<String> = names.into_iter().collect();
    format!("object has missing required properties ([{}])", names.join(","))
}

fn message(error: &ValidationError) -> String {
    let instance = error.instance().as_ref();
    let text = || instance.as_str().unwrap_or_default();
    match error.kind() {
        Kind::Type { kind } => format!(
            "instance type ({}) does not match any allowed primitive type (allowed: [{}])",
            type_name(instance),
            quoted(allowed(kind))
        ),
        Kind::AdditionalProperties { unexpected } => {
            let mut names = unexpected.clone();
            names.sort();
            format!("object instance has properties which are not allowed by the schema: [{}]", quoted(names))
        }
        Kind::Enum { options } => {
            format!("instance value ({instance}) not found in enum (possible values: {options})")
        }
        Kind::Constant { expected_value } => {
            format!("instance value ({instance}) not found in enum (possible values: [{expected_value}])")
        }
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
        kind => container_message(kind, instance).unwrap_or_else(|| error.to_string()),
    }
}

/// The messages about lists, objects as a whole, and combined schemas.
fn container_message(kind: &Kind, instance: &Value) -> Option<String> {
    let size = instance.as_array().map(Vec::len).or_else(|| instance.as_object().map(serde_json::Map::len));
    let size = size.unwrap_or_default();
    Some(match kind {
        Kind::MinItems { limit } => {
            format!("array is too short: must have at least {limit} elements but instance has {size} elements")
        }
        Kind::MaxItems { limit } => {
            format!("array is too long: must have at most {limit} elements but instance has {size} elements")
        }
        Kind::AdditionalItems { limit } => {
            format!("schema only allows {limit} elements in array but instance has {size} elements")
        }
        Kind::UniqueItems => "array must not contain duplicate elements".into(),
        Kind::MinProperties { limit } => {
            format!("object has too few properties (found {size} but schema requires at least {limit})")
        }
        Kind::MaxProperties { limit } => {
            format!("object has too many properties (found {size} but schema requires at most {limit})")
        }
        Kind::AnyOf { context } => {
            format!("instance failed to match at least one required schema among {}", context.len())
        }
        Kind::OneOfNotValid { context } => {
            format!("instance failed to match exactly one schema (matched 0 out of {})", context.len())
        }
        Kind::OneOfMultipleValid { context } => {
            let matched = context.iter().filter(|errors| errors.is_empty()).count();
            format!("instance failed to match exactly one schema (matched {matched} out of {})", context.len())
        }
        Kind::Not { .. } => "instance matched a schema which it should not have".into(),
        _ => return None,
    })
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

fn type_name(instance: &Value) -> &'static str {
    match instance {
        Value::Number(number) if !number.is_f64() => "integer",
        value => JsonType::from(value).as_str(),
    }
}

/// Names of the allowed types, sorted; every integer is a number.
fn allowed(kind: &TypeKind) -> BTreeSet<String> {
    let types: Vec<JsonType> = match kind {
        TypeKind::Single(kind) => vec![*kind],
        TypeKind::Multiple(kinds) => kinds.iter().collect(),
    };
    let mut names: BTreeSet<String> = types.into_iter().map(|kind| kind.as_str().to_owned()).collect();
    if names.contains("number") {
        names.insert("integer".into());
    }
    names
}

fn quoted(names: impl IntoIterator<Item = String>) -> String {
    names.into_iter().map(|name| Value::from(name).to_string()).collect::<Vec<_>>().join(",")
}
