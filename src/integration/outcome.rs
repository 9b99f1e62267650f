//! What a function's payload tells by its shape, where a backend has no `X-Amz-Function-Error` header.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

/// Bytes of a function's answer: Lambda's 6 MB and a bit (spec chapter 8).
pub const LONGEST: usize = 6_291_556;

#[derive(Deserialize)]
struct ErrorObject<'a> {
    #[serde(borrow, rename = "errorMessage")]
    message: Option<&'a RawValue>,
    #[serde(borrow, rename = "errorType")]
    kind: Option<&'a RawValue>,
}

/// Whether the payload is an object with `errorMessage` and `errorType`, as Lambda's runtimes report an error.
pub fn is_error_object(payload: &[u8]) -> bool {
    has_error_message(payload)
        && memchr::memmem::find(payload, b"\"errorType\"").is_some()
        && serde_json::from_slice::<ErrorObject>(payload).is_ok_and(|o| o.message.is_some() && o.kind.is_some())
}

/// Whether the payload is an object with `errorMessage`.
pub fn has_error_message(payload: &[u8]) -> bool {
    payload.trim_ascii_start().first() == Some(&b'{')
        && memchr::memmem::find(payload, b"\"errorMessage\"").is_some()
        && serde_json::from_slice::<ErrorObject>(payload).is_ok_and(|o| o.message.is_some())
}

/// The emulator's time-out sentence, if that is all there is: `Task timed out after 3.00 seconds`.
pub fn timeout_sentence(payload: &[u8]) -> Option<Cow<'_, str>> {
    let seconds = payload.trim_ascii().strip_prefix(b"Task timed out after ")?.strip_suffix(b" seconds")?;
    let (whole, cents) = seconds.split_at(seconds.iter().position(|b| *b == b'.')?);
    let digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    (digits(whole) && cents.len() == 3 && digits(&cents[1..])).then(|| String::from_utf8_lossy(payload.trim_ascii()))
}

/// An error as Lambda reports one.
pub fn error(message: &str, kind: Option<&str>) -> Bytes {
    let object = match kind {
        Some(kind) => json!({"errorMessage": message, "errorType": kind}),
        None => json!({"errorMessage": message}),
    };
    object.to_string().into()
}

/// What Lambda makes of an answer over its limit.
pub fn too_large() -> Bytes {
    error(
        &format!("Response payload size exceeded maximum allowed payload size ({LONGEST} bytes)."),
        Some("Function.ResponseSizeTooLarge"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_objects_by_shape() {
        assert!(is_error_object(br#" {"errorMessage": "x", "errorType": "E", "stackTrace": []}"#));
        for not in [
            r#"{"errorMessage":"x"}"#,
            r#"{"a":{"errorMessage":"x","errorType":"E"}}"#,
            r#"["errorMessage","errorType"]"#,
            r#"{"errorMessage":"x","errorType":"#,
            "",
        ] {
            assert!(!is_error_object(not.as_bytes()), "{not}");
        }
    }

    #[test]
    fn the_timeout_sentence_and_nothing_else() {
        assert!(timeout_sentence(b"Task timed out after 3.00 seconds").is_some());
        for not in [
            "Task timed out after 3 seconds",
            "Task timed out after .00 seconds",
            "\"Task timed out after 3.00 seconds\"",
            "{}",
        ] {
            assert!(timeout_sentence(not.as_bytes()).is_none(), "{not}");
        }
    }
}
