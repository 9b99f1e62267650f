//! The `Authorization` header looked at as a signature: what API Gateway says of it where no method is there to ask.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::http1::message::Headers;

/// What is wrong with the request's `Authorization` header as a signature of version 4; `None` without the header, or when
/// nothing is wrong with its form. The texts are those of 2025, which show a hash instead of the credential.
pub(crate) fn problem(headers: &Headers) -> Option<String> {
    let header = headers.first("authorization").map(str::trim).filter(|header| !header.is_empty())?;
    let (scheme, rest) = header.split_once(char::is_whitespace).unwrap_or((header, ""));
    let pairs: Vec<&str> = rest.split(',').map(str::trim).filter(|pair| !pair.is_empty()).collect();
    if pairs.iter().any(|pair| !pair.contains('=')) {
        return Some(format!(
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with \
             Base64): '{}'.",
            hash(header)
        ));
    }
    let mut missing: Vec<String> = ["Credential", "Signature", "SignedHeaders"]
        .iter()
        .filter(|name| !pairs.iter().any(|pair| pair.split('=').next() == Some(name)))
        .map(|name| format!("Authorization header requires '{name}' parameter."))
        .collect();
    if !headers.contains("x-amz-date") && !headers.contains("date") {
        missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.".to_owned());
    }
    if missing.is_empty() {
        return None;
    }
    Some(format!("{} (Hashed with SHA-256 and encoded with Base64) Authorization={}", missing.join(" "), hash(scheme)))
}

fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}
