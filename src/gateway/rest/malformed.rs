//! Which member of a proxy function's answer is wrong, with the fragment, for who looks: the answer is read once more.

use serde_json::{Map, Value};

use crate::gateway::fragment::{READ, control_character, cut, no_object, not_json, told};

const ANSWER: &str = "an object with `statusCode`, `headers`, `body`";
const SCALAR: &str = "expected text, a number or a boolean";

/// One sentence a wrong member; nothing where each has its type, or where the answer is long.
pub(crate) fn faults(payload: &[u8]) -> Vec<String> {
    if payload.len() > READ {
        return Vec::new();
    }
    let members = match serde_json::from_slice(payload) {
        Ok(Value::Object(members)) => members,
        Ok(other) => return vec![no_object(&other, ANSWER)],
        Err(error) => return vec![not_json(payload, &error, ANSWER)],
    };
    members.iter().flat_map(|(name, value)| member(name, value)).collect()
}

fn member(name: &str, value: &Value) -> Vec<String> {
    let wrong = |expected: &str| vec![told(name, value, expected)];
    match (name, value) {
        (_, Value::Null) if is_known(name) => Vec::new(),
        ("statusCode", Value::Number(_)) if status(value) => Vec::new(),
        ("statusCode", Value::String(text)) if text.trim().is_empty() || status(value) => Vec::new(),
        ("statusCode", _) => wrong("expected a number from 100 to 599"),
        ("headers", Value::Object(headers)) => each(name, headers, header),
        ("headers", _) => wrong("expected an object of names and texts"),
        ("multiValueHeaders", Value::Object(headers)) => each(name, headers, list),
        ("multiValueHeaders", _) => wrong("expected an object of names and lists"),
        ("body", Value::Object(_) | Value::Array(_)) => {
            wrong("expected text: JSON goes into it as text (`JSON.stringify`, `json.dumps`)")
        }
        ("isBase64Encoded", Value::Object(_) | Value::Array(_)) => wrong("expected a boolean"),
        ("isBase64Encoded", Value::String(text))
            if !matches!(text.trim(), "true" | "True" | "TRUE" | "false" | "False" | "FALSE" | "") =>
        {
            wrong("expected a boolean")
        }
        ("isBase64Encoded", Value::Number(number)) if number.is_f64() => wrong("expected a boolean"),
        ("body" | "isBase64Encoded", _) => Vec::new(),
        _ => vec![format!(
            "`{}` is no member of an answer: expected `statusCode`, `headers`, `multiValueHeaders`, `body` and \
             `isBase64Encoded`",
            cut(name)
        )],
    }
}

fn is_known(name: &str) -> bool {
    ["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"].contains(&name)
}

fn status(value: &Value) -> bool {
    let status = match value {
        Value::String(text) => text.trim().parse::<i32>().ok().map(f64::from),
        other => other.as_f64().map(f64::trunc),
    };
    status.is_some_and(|status| (100.0..600.0).contains(&status))
}

fn each(of: &str, headers: &Map<String, Value>, check: impl Fn(&str, &Value) -> Vec<String>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in headers {
        let place = format!("{of}.{}", cut(name));
        if !crate::http1::head::is_token(name.as_bytes()) {
            found.push(format!("`{place}` is no name of a header"));
        }
        found.extend(check(&place, value));
    }
    found
}

fn list(place: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(n, item)| header(&format!("{place}[{n}]"), item)).collect()
        }
        other => vec![told(place, other, "expected a list of texts")],
    }
}

fn header(place: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Object(_) | Value::Array(_) => vec![told(place, value, SCALAR)],
        _ => control_character(place, value).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_member_is_named() {
        let rows = [
            (r#"{"statusCode":200,"headers":{"a":"b","n":1,"t":true,"z":null},"body":"x"}"#, ""),
            (r#"{"statusCode":"404","multiValueHeaders":{"a":["b",1],"z":null},"isBase64Encoded":"true"}"#, ""),
            ("", "The function's answer is empty, expected an object with `statusCode`, `headers`, `body`"),
            ("[1]", "The function's answer is a list, expected an object with `statusCode`, `headers`, `body`: [1]"),
            (
                "\"x\"",
                "The function's answer is a text, expected an object with `statusCode`, `headers`, `body`: \"x\"",
            ),
            (
                "{\n \"body\": undefined}",
                "The function's answer cannot be read as JSON at line 2, column 10:  \"body\": undefined}",
            ),
            (r#"{"statusCode":null}"#, ""),
            (r#"{"statusCode":"x"}"#, "`statusCode` is a text, expected a number from 100 to 599: \"x\""),
            (r#"{"statusCode":99}"#, "`statusCode` is a number, expected a number from 100 to 599: 99"),
            (r#"{"statusCode":[]}"#, "`statusCode` is a list, expected a number from 100 to 599: []"),
            (
                r#"{"headers":{"X-Count":{"n":5}}}"#,
                "`headers.X-Count` is an object, expected text, a number or a boolean: {\"n\":5}",
            ),
            (r#"{"headers":{"a b":1}}"#, "`headers.a b` is no name of a header"),
            (r#"{"headers":{"a":"b\nc"}}"#, "`headers.a` has a control character: \"b\\nc\""),
            (r#"{"headers":[1]}"#, "`headers` is a list, expected an object of names and texts: [1]"),
            (
                r#"{"multiValueHeaders":{"Set-Cookie":"a=1"}}"#,
                "`multiValueHeaders.Set-Cookie` is a text, expected a list of texts: \"a=1\"",
            ),
            (
                r#"{"multiValueHeaders":{"a":["b",{}]}}"#,
                "`multiValueHeaders.a[1]` is an object, expected text, a number or a boolean: {}",
            ),
            (
                r#"{"body":{"a":1}}"#,
                "`body` is an object, expected text: JSON goes into it as text (`JSON.stringify`, `json.dumps`): {\"a\":1}",
            ),
            (r#"{"isBase64Encoded":"no"}"#, "`isBase64Encoded` is a text, expected a boolean: \"no\""),
            (
                r#"{"status":200}"#,
                "`status` is no member of an answer: expected `statusCode`, `headers`, `multiValueHeaders`, `body` and \
                 `isBase64Encoded`",
            ),
        ];
        for (payload, expected) in rows {
            assert_eq!(faults(payload.as_bytes()).join("; "), expected, "{payload}");
        }
        assert!(faults(format!("{{\"body\":[\"{}\"]}}", "é".repeat(200)).as_bytes())[0].ends_with("é…"));
        assert!(faults(b"{\"body\":\"\xff\"}")[0].starts_with("The function's answer cannot be read as JSON"));
    }
}
