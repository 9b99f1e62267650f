//! `Token`: a token taken apart, nothing of it believed yet.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::fault::TokenFault;

/// A token taken apart.
#[derive(Clone)]
pub struct Token {
    /// What is signed: header and claims as sent.
    pub(super) signed: String,
    pub(super) signature: Vec<u8>,
    pub(super) algorithm: Algorithm,
    /// `kid`: which key signed it.
    pub(super) key_id: Option<String>,
    pub(super) claims: Map<String, Value>,
}

/// An identity source's value without the word `Bearer`, in any case, which may stand before the token or not.
pub fn bearer(value: &str) -> &str {
    let value = value.trim();
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_start(),
        _ => value,
    }
}

impl Token {
    /// Takes a token apart.
    pub fn parse(text: &str) -> Result<Token, TokenFault> {
        let parts: Vec<&str> = text.split('.').collect();
        let &[header, claims, signature] = &parts[..] else { return Err(TokenFault::Segments(parts.len())) };
        let header_fields = object(header, "header")?;
        let algorithm = match header_fields.get("alg") {
            Some(Value::String(name)) => {
                Algorithm::from_name(name).ok_or_else(|| TokenFault::Algorithm(name.clone()))?
            }
            _ => return Err(TokenFault::NoAlgorithm),
        };
        // An extension that must be understood: we know none.
        if header_fields.contains_key("crit") {
            return Err(TokenFault::Critical);
        }
        Ok(Token {
            algorithm,
            key_id: header_fields.get("kid").and_then(Value::as_str).map(str::to_owned),
            claims: object(claims, "claims")?,
            signature: decode(signature, "signature")?,
            signed: format!("{header}.{claims}"),
        })
    }

    /// `kid`: which key says to have signed it.
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }
}

fn object(part: &str, name: &'static str) -> Result<Map<String, Value>, TokenFault> {
    serde_json::from_slice(&decode(part, name)?).map_err(|_| TokenFault::Json(name))
}

fn decode(part: &str, name: &'static str) -> Result<Vec<u8>, TokenFault> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenFault::Base64(name))
}
