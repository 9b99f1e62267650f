//! The canonical request: the one text of a request that is signed.

use std::borrow::Cow;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::request::SentRequest;

/// How the query is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QueryForm {
    /// Its pairs as they were sent, in order: what botocore signs.
    AsSent,
    /// Decoded and encoded again: what is documented. It differs when a client sends bare what should be encoded.
    Encoded,
}

/// What is signed of the request. A query parameter `X-Amz-Signature` is the signature itself, and is not.
pub(super) fn canonical_request(
    request: &SentRequest,
    signed_headers: &[String],
    signature_in_query: bool,
    form: QueryForm,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(request.method.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(encode(normalized(request.path).as_bytes(), true).as_bytes());
    out.push(b'\n');
    out.extend_from_slice(canonical_query(request.query, signature_in_query, form).as_bytes());
    out.push(b'\n');
    for name in signed_headers {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        let lines = if name == ":authority" { "host" } else { name.as_str() };
        for (n, header) in request.headers.all(lines).enumerate() {
            if n > 0 {
                out.push(b',');
            }
            push_words(&header.value, &mut out);
        }
        out.push(b'\n');
    }
    out.push(b'\n');
    out.extend_from_slice(signed_headers.join(";").as_bytes());
    out.push(b'\n');
    out.extend_from_slice(hex(&Sha256::digest(request.body)).as_bytes());
    out
}

/// The path without empty segments and dots, as every service but S3 signs it.
fn normalized(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    let last = if path.ends_with('/') && !kept.is_empty() { "/" } else { "" };
    format!("/{}{last}", kept.join("/"))
}

fn canonical_query(query: Option<&str>, signature_in_query: bool, form: QueryForm) -> String {
    let signed = |(name, _): &(&str, &str)| !(signature_in_query && *name == "X-Amz-Signature");
    let mut pairs: Vec<(Cow<str>, Cow<str>)> = pairs(query)
        .filter(signed)
        .map(|(name, value)| match form {
            QueryForm::AsSent => (Cow::Borrowed(name), Cow::Borrowed(value)),
            QueryForm::Encoded => (encode(&decoded(name), false).into(), encode(&decoded(value), false).into()),
        })
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// A query's pairs as sent; a name alone has an empty value.
pub(super) fn pairs(query: Option<&str>) -> impl Iterator<Item = (&str, &str)> {
    let query = query.filter(|query| !query.is_empty());
    query.into_iter().flat_map(|query| query.split('&')).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Runs of white space count as one space.
fn push_words(value: &[u8], out: &mut Vec<u8>) {
    for (n, word) in value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).enumerate() {
        if n > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}

/// Percent-encodes all but what RFC 3986 calls unreserved.
fn encode(bytes: &[u8], keep_slash: bool) -> String {
    let mut out = String::with_capacity(bytes.len() + 16);
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(byte) || (keep_slash && *byte == b'/') {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// A parameter's text.
pub(super) fn decode(text: &str) -> String {
    String::from_utf8_lossy(&decoded(text)).into_owned()
}

/// Decodes `%XX` and `+`.
fn decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escape = (*byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match escape.filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit())).map(|hex| u8::from_str_radix(hex, 16)) {
            Some(Ok(decoded)) => {
                out.push(decoded);
                at += 3;
            }
            _ => {
                out.push(if *byte == b'+' { b' ' } else { *byte });
                at += 1;
            }
        }
    }
    out
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// Reads lower-case hexadecimal digits, and nothing else.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}
