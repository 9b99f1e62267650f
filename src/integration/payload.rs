//! What a function's payload says about itself: whether it is an error, and the text that selection patterns see. The one
//! reading of it, so that a backend's kind and the gateway never judge the same payload differently.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::json_text::Outline;

static ERROR_MESSAGE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("errorMessage"));
static STATUS_CODE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("statusCode"));
static ESCAPE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\\u00"));

/// The members of a payload that matter here, not decoded; all absent when the payload is no JSON object.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Payload<'a> {
    error_message: Option<&'a str>,
    error_type: Option<&'a str>,
    status_code: Option<&'a str>,
}

impl<'a> Payload<'a> {
    /// Reads a payload.
    pub(crate) fn read(payload: &'a [u8]) -> Payload<'a> {
        Payload::read_if(payload, &[&ERROR_MESSAGE, &STATUS_CODE])
    }

    /// Reads a payload only if it may be an error.
    pub(crate) fn read_error(payload: &'a [u8]) -> Payload<'a> {
        Payload::read_if(payload, &[&ERROR_MESSAGE])
    }

    /// A success is not parsed at all: most have none of these members, nor an escape that could hide one.
    fn read_if(payload: &'a [u8], names: &[&Finder<'_>]) -> Payload<'a> {
        let may_have = |name: &&Finder<'_>| name.find(payload).is_some();
        if payload.trim_ascii_start().first() != Some(&b'{') || !(names.iter().any(may_have) || hides_letters(payload))
        {
            return Payload::default();
        }
        Payload::outlined(payload).unwrap_or_else(|| serde_json::from_slice(payload).unwrap_or_default())
    }

    /// Reads what is nothing but strict JSON and plain names, as nearly all is.
    fn outlined(payload: &'a [u8]) -> Option<Payload<'a>> {
        let text = simdutf8::basic::from_utf8(payload).ok()?;
        let outline = Outline::of(text)?;
        let member = |name| outline.member_text(text, name).ok();
        Some(Payload {
            error_message: member("errorMessage")?,
            error_type: member("errorType")?,
            status_code: member("statusCode")?,
        })
    }

    /// Whether there is an `errorMessage`, so that the function failed.
    pub(crate) fn is_error(&self) -> bool {
        self.error_message.is_some()
    }

    /// Whether there is an `errorType` too, as every runtime of Lambda reports an error.
    pub(crate) fn is_error_of_a_runtime(&self) -> bool {
        self.error_message.is_some() && self.error_type.is_some()
    }

    /// What selection patterns see: the `errorMessage` with its escapes resolved, empty without one.
    pub(crate) fn selection_text(&self) -> Cow<'a, str> {
        match self.error_message {
            None | Some("null") => Cow::Borrowed(""),
            Some(raw) if raw.starts_with('"') => serde_json::from_str(raw).map_or(Cow::Borrowed(raw), Cow::Owned),
            Some(raw) => Cow::Borrowed(raw),
        }
    }

    /// Whether the payload's own `statusCode` says that something went wrong.
    pub(crate) fn is_error_status(&self) -> bool {
        let digits = self.status_code.map_or("", |raw| raw.trim_matches('"'));
        digits.parse().is_ok_and(|status: f64| status >= 400.0)
    }
}

/// Whether a letter of ASCII is written as an escape, which nobody does but to hide it: `\u0041` to `\u007a`.
fn hides_letters(payload: &[u8]) -> bool {
    ESCAPE.find_iter(payload).any(|at| matches!(payload.get(at + 4), Some(b'4'..=b'7')))
}

impl<'a> Deserialize<'a> for Payload<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Payload<'a>, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

/// Takes the members, the last of each name, as Java's parsers do.
struct Members;

impl<'a> Visitor<'a> for Members {
    type Value = Payload<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut members: A) -> Result<Payload<'a>, A::Error> {
        let mut payload = Payload::default();
        while let Some(name) = members.next_key::<Cow<'_, str>>()? {
            match name.as_ref() {
                "errorMessage" => payload.error_message = Some(members.next_value::<&RawValue>()?.get()),
                "errorType" => payload.error_type = Some(members.next_value::<&RawValue>()?.get()),
                "statusCode" => payload.status_code = Some(members.next_value::<&RawValue>()?.get()),
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_and_what_they_say() {
        const RUNTIME: (bool, bool) = (true, true);
        const MESSAGE: (bool, bool) = (true, false);
        const NONE: (bool, bool) = (false, false);
        let cases: [(&[u8], (bool, bool), &str); 16] = [
            (br#" {"errorMessage": "x", "errorType": "E", "stackTrace": []}"#, RUNTIME, "x"),
            (br#"{"errorMessage":"a","errorMessage":"b","errorType":"E"}"#, RUNTIME, "b"),
            (br#"{"\u0065rrorMessage":"x","error\u0054ype":"E"}"#, RUNTIME, "x"),
            (b"{\"errorMessage\":\"x\",\"errorType\":\"E\",\"trace\":\"\xff\"}", RUNTIME, "x"),
            (br#"{"errorMessage":null,"errorType":"E"}"#, RUNTIME, ""),
            (br#"{"errorMessage":"x"}"#, MESSAGE, "x"),
            (br#"{"errorMessage":{"a":1}}"#, MESSAGE, r#"{"a":1}"#),
            (br#"{"errorMessage":"\u00e9\n"}"#, MESSAGE, "\u{e9}\n"),
            (br#"{"errorType":"E"}"#, NONE, ""),
            (br#"{"a":{"errorMessage":"x","errorType":"E"}}"#, NONE, ""),
            (br#"["errorMessage","errorType"]"#, NONE, ""),
            (br#"{"errorMessage":"x","errorType":"#, NONE, ""),
            (br#"{"errorMessage":"x","errorType":"E"} x"#, NONE, ""),
            (br#"{"\u0065":"x"}"#, NONE, ""),
            (b"null", NONE, ""),
            (b"", NONE, ""),
        ];
        for (payload, (is_error, is_error_of_a_runtime), text) in cases {
            for read in [Payload::read(payload), Payload::read_error(payload)] {
                let said = (read.is_error(), read.is_error_of_a_runtime(), read.selection_text());
                assert_eq!(said, (is_error, is_error_of_a_runtime, text.into()), "{}", payload.escape_ascii());
            }
        }
    }
}
