//! What a plain text of YAML stands for.

use super::node::Data;

/// What a plain scalar means in the core schema of YAML 1.2: `yes`, `on` and `012` are what they look like. YAML 1.1 makes a
/// boolean or an octal of them, which no author of a header value or an account id means.
pub(super) fn resolve(text: &str) -> Data {
    // Most are none of these.
    let may_be = |c: u8| matches!(c, b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'0'..=b'9' | b'.' | b'+' | b'-');
    if text.as_bytes().first().is_some_and(|first| !may_be(*first)) {
        return Data::Text(text.into());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Data::Null,
        "true" | "True" | "TRUE" => Data::Bool(true),
        "false" | "False" | "FALSE" => Data::Bool(false),
        _ => number(text).map_or_else(|| Data::Text(text.into()), |n| Data::Number(n, text.into())),
    }
}

fn number(text: &str) -> Option<serde_json::Number> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8).ok().map(Into::into);
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(Into::into);
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        let whole = text.strip_prefix('+').unwrap_or(text);
        if let Ok(value) = whole.parse::<i64>() {
            return Some(value.into());
        }
        if let Ok(value) = whole.parse::<u64>() {
            return Some(value.into());
        }
    }
    let shaped = digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    if !shaped || !digits.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse::<f64>().ok().and_then(serde_json::Number::from_f64)
}
