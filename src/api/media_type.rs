//! Media types: the list that makes a body binary.

use memchr::memchr2;

/// `binaryMediaTypes`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MediaTypes(Vec<String>);

impl MediaTypes {
    /// The list as the definition has it.
    pub fn new(types: Vec<String>) -> MediaTypes {
        MediaTypes(types)
    }
    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The entries.
    pub fn entries(&self) -> &[String] {
        &self.0
    }
    /// Whether a media type (without parameters) is in the list: exactly, by `type/*`, or by `*/*`.
    pub fn contains(&self, media_type: &str) -> bool {
        self.0.iter().any(|entry| {
            // Recorded on AWS: a wildcard on the left alone matches nothing, not even itself.
            entry == "*/*"
                || (entry.eq_ignore_ascii_case(media_type) && !entry.starts_with("*/"))
                || entry.strip_suffix("/*").is_some_and(|kind| {
                    kind != "*" && media_type.split_once('/').is_some_and(|(k, _)| k.eq_ignore_ascii_case(kind))
                })
        })
    }
}

/// The media type of a `Content-Type` value, or of the first entry of an `Accept` value: parameters cut off.
pub(crate) fn media_type(value: &str) -> &str {
    value[..memchr2(b',', b';', value.as_bytes()).unwrap_or(value.len())].trim()
}
