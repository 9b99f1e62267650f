//! `Presented`: the signature that a request bears, in its `Authorization` header or in its query.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::canonical::{decode, pairs};
use super::fault::SignatureFault;
use super::request::{SKEW, SentRequest};
use crate::authorization::calendar;
use crate::http1::message::Headers;

/// The only algorithm.
pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// A signature as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Presented {
    pub(super) form: Form,
    /// `keyid/date/region/service/term`
    pub(super) credential: String,
    /// As sent: what is signed is this spelling.
    pub(super) signed_headers: Vec<String>,
    pub(super) signature: String,
    /// When it was made, in seconds since 1970.
    pub(super) date: i64,
    pub(super) session_token: Option<String>,
}

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Header,
    /// In the query, good for so many seconds.
    Query {
        expires: i64,
    },
}

impl Presented {
    /// Reads the signature that a request bears.
    pub(super) fn read(request: &SentRequest) -> Result<Presented, SignatureFault> {
        let header = request.headers.first("authorization").map(str::trim).filter(|header| !header.is_empty());
        let query: Vec<(&str, String)> = pairs(request.query)
            .filter(|(name, _)| name.starts_with("X-Amz-"))
            .map(|(name, value)| (name, decode(value)))
            .collect();
        let in_query = query.iter().any(|(name, _)| *name == "X-Amz-Algorithm");
        match header {
            Some(_) if in_query => Err(SignatureFault::Incomplete(
                "Authorization header and query-string parameters must not both bear a signature.".to_owned(),
            )),
            Some(header) => in_header(header, request.headers),
            None if in_query => in_parameters(&query),
            None => Err(SignatureFault::Missing),
        }
    }
}

/// What is wrong with the request's `Authorization` header as a signature of version 4; `None` without the header, or when
/// nothing is wrong with its form. The texts are those of 2025, which show a hash instead of the credential.
pub fn malformed_header(headers: &Headers) -> Option<String> {
    let header = headers.first("authorization").map(str::trim).filter(|header| !header.is_empty())?;
    parameters(header, headers).err()
}

/// The parts of the header.
struct Parameters<'h> {
    scheme: &'h str,
    pairs: Vec<(&'h str, &'h str)>,
}

fn parameters<'h>(header: &'h str, headers: &Headers) -> Result<Parameters<'h>, String> {
    let (scheme, rest) = header.split_once(char::is_whitespace).unwrap_or((header, ""));
    let mut pairs = Vec::new();
    for pair in rest.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        pairs.push(pair.split_once('=').ok_or_else(|| {
            format!(
                "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with \
                 Base64): '{}'.",
                hash(header)
            )
        })?);
    }
    let mut missing: Vec<String> = ["Credential", "Signature", "SignedHeaders"]
        .iter()
        .filter(|name| !pairs.iter().any(|(key, _)| key == *name))
        .map(|name| format!("Authorization header requires '{name}' parameter."))
        .collect();
    if !headers.contains("x-amz-date") && !headers.contains("date") {
        missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.".to_owned());
    }
    if missing.is_empty() {
        return Ok(Parameters { scheme, pairs });
    }
    Err(format!("{} (Hashed with SHA-256 and encoded with Base64) Authorization={}", missing.join(" "), hash(scheme)))
}

fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}

fn in_header(header: &str, headers: &Headers) -> Result<Presented, SignatureFault> {
    let Parameters { scheme, pairs } = parameters(header, headers).map_err(SignatureFault::Incomplete)?;
    check_algorithm(scheme)?;
    // Of a key that comes twice the last counts.
    let value = |name: &str| pairs.iter().rfind(|(key, _)| *key == name).map_or("", |(_, value)| *value);
    let (written, date) = match headers.first("x-amz-date") {
        Some(written) => (written, calendar::parse_basic(written.trim())),
        None => {
            let written = headers.first("date").unwrap_or_default();
            let http = || httpdate::parse_http_date(written).ok().map(calendar::epoch);
            (written, calendar::parse_basic(written.trim()).or_else(http))
        }
    };
    Ok(Presented {
        form: Form::Header,
        credential: value("Credential").to_owned(),
        signed_headers: value("SignedHeaders").split(';').map(str::to_owned).collect(),
        signature: value("Signature").to_owned(),
        date: date.ok_or_else(|| not_a_date(written))?,
        session_token: headers.first("x-amz-security-token").map(str::to_owned),
    })
}

fn in_parameters(query: &[(&str, String)]) -> Result<Presented, SignatureFault> {
    let value = |name: &str| query.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str());
    check_algorithm(value("X-Amz-Algorithm").unwrap_or_default())?;
    let needed = ["X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"];
    let missing: Vec<String> = needed
        .iter()
        .filter(|name| value(name).is_none())
        .map(|name| format!("AWS query-string parameters must include '{name}'."))
        .collect();
    let [Some(credential), Some(signature), Some(signed_headers), Some(date)] = needed.map(value) else {
        let missing = missing.join(" ");
        return Err(SignatureFault::Incomplete(format!("{missing} Re-examine the query-string parameters.")));
    };
    Ok(Presented {
        form: Form::Query { expires: value("X-Amz-Expires").map_or(Ok(SKEW.as_secs() as i64), expires)? },
        credential: credential.to_owned(),
        signed_headers: signed_headers.split(';').map(str::to_owned).collect(),
        signature: signature.to_owned(),
        date: calendar::parse_basic(date).ok_or_else(|| not_a_date(date))?,
        session_token: value("X-Amz-Security-Token").map(str::to_owned),
    })
}

fn check_algorithm(algorithm: &str) -> Result<(), SignatureFault> {
    if algorithm == ALGORITHM {
        return Ok(());
    }
    Err(SignatureFault::Incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'.")))
}

/// A week at most (documented).
fn expires(seconds: &str) -> Result<i64, SignatureFault> {
    const WEEK: i64 = 604_800;
    let refused = |why: &str| SignatureFault::Incomplete(format!("X-Amz-Expires {why}"));
    match seconds.parse::<i64>() {
        Err(_) => Err(refused("should be a number")),
        Ok(seconds) if seconds < 0 => Err(refused("must be non-negative")),
        Ok(seconds) if seconds > WEEK => Err(refused(
            "must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
        )),
        Ok(seconds) => Ok(seconds),
    }
}

fn not_a_date(written: &str) -> SignatureFault {
    SignatureFault::Incomplete(format!(
        "Date must be in ISO-8601 'basic format'. Got '{written}'. See http://en.wikipedia.org/wiki/ISO_8601"
    ))
}
