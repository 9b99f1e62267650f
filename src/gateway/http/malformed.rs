//! Which member of a function's answer is wrong, with the fragment, for who looks: the answer is read once more.

use serde_json::Value;

use crate::api::http::PayloadFormat;
use crate::gateway::base64;
use crate::gateway::fragment::{READ, control_character, cut, header_line, no_object, not_json, told};

const ANSWER: &str = "an object with `statusCode`, `headers`, `body`";
const TEXT: &str = "expected a text";

/// One sentence a wrong member; nothing where each has its type, or where the answer is long.
pub(crate) fn faults(format: PayloadFormat, payload: &[u8]) -> Vec<String> {
    if payload.len() > READ {
        return Vec::new();
    }
    let is_v1 = format == PayloadFormat::V1;
    let members = match serde_json::from_slice(payload) {
        Ok(Value::Object(members)) => members,
        // Format 2.0 takes anything else as a body.
        _ if !is_v1 => return Vec::new(),
        Ok(other) => return vec![no_object(&other, ANSWER)],
        Err(error) => return vec![not_json(payload, &error, ANSWER)],
    };
    if !members.contains_key("statusCode") {
        let names: Vec<String> = members.keys().map(|name| format!("`{}`", cut(name))).collect();
        let there = if names.is_empty() { "nothing".to_owned() } else { cut(&names.join(", ")) };
        return if is_v1 { vec![format!("`statusCode` is missing: there is {there}")] } else { Vec::new() };
    }
    let mut found: Vec<String> = members.iter().flat_map(|(name, value)| member(is_v1, name, value)).collect();
    if let (Some(Value::Bool(true)), Some(Value::String(body))) = (members.get("isBase64Encoded"), members.get("body"))
        && base64::decode(body.as_bytes()).is_none()
    {
        found.push(format!("`body` is not base64, as `isBase64Encoded` says it is: {}", cut(body)));
    }
    found
}

fn member(is_v1: bool, name: &str, value: &Value) -> Vec<String> {
    match (name, value) {
        ("statusCode", Value::Number(number)) if number.as_i64().is_some_and(|n| (100..600).contains(&n)) => Vec::new(),
        ("statusCode", _) => vec![told(name, value, "expected a number from 100 to 599 without a fraction")],
        (_, Value::Null) => Vec::new(),
        ("body", Value::String(_)) | ("isBase64Encoded", Value::Bool(_)) => Vec::new(),
        ("body", _) => {
            vec![told(name, value, "expected a text: JSON goes into it as text (`JSON.stringify`, `json.dumps`)")]
        }
        ("isBase64Encoded", _) => vec![told(name, value, "expected a boolean")],
        ("headers", Value::Object(headers)) => headers.iter().flat_map(|(name, value)| header(name, value)).collect(),
        ("headers", _) => vec![told(name, value, "expected an object of names and texts")],
        ("multiValueHeaders", Value::Object(headers)) if is_v1 => {
            headers.iter().flat_map(|(name, values)| lines(name, values)).collect()
        }
        ("multiValueHeaders", _) if is_v1 => vec![told(name, value, "expected an object of names and lists")],
        ("cookies", _) if !is_v1 => {
            list(name, value, |place, cookie| control_character(place, cookie).into_iter().collect())
        }
        _ => Vec::new(),
    }
}

fn header(name: &str, value: &Value) -> Vec<String> {
    let place = format!("headers.{}", cut(name));
    match value {
        Value::Null => Vec::new(),
        Value::String(_) => header_line(&place, name, value),
        _ => vec![told(&place, value, TEXT)],
    }
}

fn lines(name: &str, values: &Value) -> Vec<String> {
    list(&format!("multiValueHeaders.{}", cut(name)), values, |place, value| header_line(place, name, value))
}

/// The faults of a list of texts.
fn list(place: &str, value: &Value, check: impl Fn(&str, &Value) -> Vec<String>) -> Vec<String> {
    let item = |(n, item): (usize, &Value)| {
        let place = format!("{place}[{n}]");
        match item {
            Value::Null => Vec::new(),
            Value::String(_) => check(&place, item),
            _ => vec![told(&place, item, TEXT)],
        }
    };
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().enumerate().flat_map(item).collect(),
        _ => vec![told(place, value, "expected a list of texts")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PayloadFormat::{V1, V2};

    #[test]
    fn each_wrong_member_is_named() {
        let rows = [
            (V2, r#"{"statusCode":200,"headers":{"a":"b","z":null},"body":null,"x":1}"#, ""),
            (V2, "undefined", ""),
            (V2, r#"{"body":{"a":1}}"#, ""),
            (V1, "", "The function's answer is empty, expected an object with `statusCode`, `headers`, `body`"),
            (V1, "{a}", "The function's answer cannot be read as JSON at line 1, column 2: {a}"),
            (
                V1,
                "[1]",
                "The function's answer is a list, expected an object with `statusCode`, `headers`, `body`: [1]",
            ),
            (V1, "{}", "`statusCode` is missing: there is nothing"),
            (V1, r#"{"status":200,"body":"x"}"#, "`statusCode` is missing: there is `status`, `body`"),
            (
                V2,
                r#"{"statusCode":"200"}"#,
                "`statusCode` is a text, expected a number from 100 to 599 without a fraction: \"200\"",
            ),
            (
                V2,
                r#"{"statusCode":200,"body":{"id":7}}"#,
                "`body` is an object, expected a text: JSON goes into it as text (`JSON.stringify`, `json.dumps`): {\"id\":7}",
            ),
            (
                V2,
                r#"{"statusCode":200,"headers":{"X-Count":7,"a b":"c","d":"e\nf"}}"#,
                "`headers.X-Count` is a number, expected a text: 7; `headers.a b` is no name of a header; \
                 `headers.d` has a control character: \"e\\nf\"",
            ),
            (V2, r#"{"statusCode":200,"cookies":"a=1"}"#, "`cookies` is a text, expected a list of texts: \"a=1\""),
            (V2, r#"{"statusCode":200,"cookies":["a",{}]}"#, "`cookies[1]` is an object, expected a text: {}"),
            (
                V1,
                r#"{"statusCode":200,"multiValueHeaders":{"a":"b"}}"#,
                "`multiValueHeaders.a` is a text, expected a list of texts: \"b\"",
            ),
            (V2, r#"{"statusCode":200,"isBase64Encoded":1}"#, "`isBase64Encoded` is a number, expected a boolean: 1"),
            (
                V2,
                r#"{"statusCode":200,"isBase64Encoded":true,"body":"{\"id\":7}"}"#,
                "`body` is not base64, as `isBase64Encoded` says it is: {\"id\":7}",
            ),
        ];
        for (format, payload, expected) in rows {
            assert_eq!(faults(format, payload.as_bytes()).join("; "), expected, "{payload}");
        }
    }
}
