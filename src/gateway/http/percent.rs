//! Percent-encoding of what mappings and first-class integrations put into uris and forms.

/// A value: all but unreserved bytes are encoded.
pub(crate) fn encode(text: &str) -> String {
    escape(text, b"")
}

/// A decoded path: what may stand there stays, a `%` is one.
pub(crate) fn encode_path(text: &str) -> String {
    escape(text, b"/:@!$&'()*+,;=")
}

fn escape(text: &str, allowed: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || allowed.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
