//! Messages as people may see them: cut where they are long, secrets hidden but for their end.

use crate::http1::message::Headers;

/// Nothing that is shown is longer than this (as in API Gateway's log).
const LONGEST: usize = 1_024;

/// A body as it is shown: cut at 1,024 bytes, and not at all when it is binary.
pub(crate) fn body(bytes: &[u8], binary: bool) -> String {
    if binary {
        return "[Binary Data]".to_owned();
    }
    let end = bytes.len().min(LONGEST);
    let mut text = String::from_utf8_lossy(&bytes[..end]).into_owned();
    if end < bytes.len() {
        // A character that was cut in two is left out.
        text.truncate(text.trim_end_matches('\u{fffd}').len());
        text.push_str(" [TRUNCATED]");
    }
    text
}

/// Header lines as they are shown: several of one name joined, secrets hidden but for their end.
pub(crate) fn headers(headers: &Headers) -> Vec<(String, String)> {
    let mut shown: Vec<(String, String)> = Vec::new();
    for line in &headers.0 {
        let value = String::from_utf8_lossy(&line.value);
        let value = if is_secret(line.name()) { masked(&value) } else { body(value.as_bytes(), false) };
        match shown.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(line.name())) {
            Some((_, values)) => {
                values.push(',');
                values.push_str(&value);
            }
            None => shown.push((line.name().to_owned(), value)),
        }
    }
    shown
}

/// A body that carries header lines in it (an event), their secrets hidden.
pub(crate) fn event(bytes: &[u8], headers: &Headers) -> String {
    // What is cut away need not be read; all header lines stand before this.
    let mut text = String::from_utf8_lossy(&bytes[..bytes.len().min(65_536)]).into_owned();
    for line in headers.0.iter().filter(|line| is_secret(line.name()) && !line.value.is_empty()) {
        let value = String::from_utf8_lossy(&line.value);
        let quoted = serde_json::Value::from(value.as_ref()).to_string();
        text = text.replace(&quoted, &format!("\"{}\"", masked(&value)));
    }
    body(text.as_bytes(), false)
}

/// `****` and the last characters of a secret that is long enough to keep the rest of it.
pub(crate) fn masked(secret: &str) -> String {
    let count = secret.chars().count();
    let end: String = secret.chars().skip(if count >= 16 { count - 6 } else { count }).collect();
    format!("****{end}")
}

fn is_secret(name: &str) -> bool {
    ["authorization", "proxy-authorization", "x-api-key", "x-amz-security-token", "cookie", "set-cookie"]
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
}
