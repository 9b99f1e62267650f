//! What a function's payload says about itself: the text that selection patterns see, and an error that hides in it.

use std::borrow::Cow;
use std::fmt;

use memchr::memmem;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of a payload that matter here, not decoded; all absent when the payload is no JSON object.
#[derive(Debug, Default, Clone, Copy)]
pub struct Payload<'a> {
    error_message: Option<&'a RawValue>,
    status_code: Option<&'a RawValue>,
}

impl<'a> Payload<'a> {
    /// Reads a payload. A success is not parsed at all: most have neither member, nor an escape that could hide one.
    pub fn read(payload: &'a [u8]) -> Payload<'a> {
        let begins = payload.iter().find(|b| !b.is_ascii_whitespace());
        let names = [&b"errorMessage"[..], b"statusCode", b"\\u"];
        if begins != Some(&b'{') || names.iter().all(|name| memmem::find(payload, name).is_none()) {
            return Payload::default();
        }
        std::str::from_utf8(payload).ok().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// Whether there is an `errorMessage`, so that the function failed.
    pub fn is_error(&self) -> bool {
        self.error_message.is_some()
    }

    /// What selection patterns see: the `errorMessage` with its escapes resolved, empty without one.
    pub fn selection_text(&self) -> Cow<'a, str> {
        match self.error_message.map(RawValue::get) {
            None | Some("null") => Cow::Borrowed(""),
            Some(raw) if raw.starts_with('"') => serde_json::from_str(raw).map_or(Cow::Borrowed(raw), Cow::Owned),
            Some(raw) => Cow::Borrowed(raw),
        }
    }

    /// Whether the payload's own `statusCode` says that something went wrong.
    pub fn is_error_status(&self) -> bool {
        let digits = self.status_code.map_or("", |raw| raw.get().trim_matches('"'));
        digits.parse().is_ok_and(|status: f64| status >= 400.0)
    }
}

impl<'a> Deserialize<'a> for Payload<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Payload<'a>, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

/// Takes the two members, the last of each name, as Java's parsers do.
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
                "errorMessage" => payload.error_message = Some(members.next_value()?),
                "statusCode" => payload.status_code = Some(members.next_value()?),
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(payload)
    }
}
