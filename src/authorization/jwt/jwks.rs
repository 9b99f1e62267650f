//! `Jwks`: an issuer's public keys, and whether one of them signed a token.

use std::fmt::{self, Display};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Map, Value};

use super::algorithm::{Algorithm, Curve, Method};
use super::fault::KeyFault;
use super::token::Token;

/// An issuer's public keys.
#[derive(Debug, Clone)]
pub struct Jwks {
    keys: Vec<Key>,
    skipped: Vec<String>,
}

#[derive(Debug, Clone)]
struct Key {
    id: String,
    /// What it is for, when it says so.
    algorithm: Option<String>,
    material: Material,
}

#[derive(Debug, Clone)]
enum Material {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// An uncompressed point.
    Elliptic {
        curve: Curve,
        point: Vec<u8>,
    },
}

/// Why a text is no JWKS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwksError(pub String);

impl Display for JwksError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "no JSON Web Key Set: {}", self.0)
    }
}

impl Jwks {
    /// Reads a set. A key that cannot verify a token is left out, and said.
    pub fn parse(text: &[u8]) -> Result<Jwks, JwksError> {
        let set: Value = serde_json::from_slice(text).map_err(|e| JwksError(e.to_string()))?;
        let Some(Value::Array(listed)) = set.get("keys") else {
            return Err(JwksError("expected an object with a list `keys`".to_owned()));
        };
        let mut jwks = Jwks { keys: Vec::new(), skipped: Vec::new() };
        for (n, key) in listed.iter().enumerate() {
            match read(key) {
                Ok(key) => jwks.keys.push(key),
                Err(why) => jwks.skipped.push(format!("`keys[{n}]` {why}")),
            }
        }
        Ok(jwks)
    }

    /// Whether no key can verify anything.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The ids of the keys.
    pub fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| key.id.as_str())
    }

    /// What was left out, and why.
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// Whether the key that the token names signed it, in one of these ways.
    pub(super) fn verify(&self, token: &Token, allowed: &[Algorithm]) -> Result<(), KeyFault> {
        if !allowed.contains(&token.algorithm) {
            return Err(KeyFault::Algorithm(token.algorithm));
        }
        let id = token.key_id.as_deref().ok_or(KeyFault::NoKeyId)?;
        let mut named = self.keys.iter().filter(|key| key.id == id).peekable();
        if named.peek().is_none() {
            return Err(KeyFault::UnknownKeyId(id.to_owned()));
        }
        let mut fitting = named.filter(|key| key.fits(token.algorithm)).peekable();
        if fitting.peek().is_none() {
            return Err(KeyFault::OtherFamily(id.to_owned()));
        }
        if fitting.any(|key| key.signed(token)) { Ok(()) } else { Err(KeyFault::Signature(id.to_owned())) }
    }
}

impl Key {
    /// Whether the key is of the algorithm's family, and not for another algorithm.
    fn fits(&self, algorithm: Algorithm) -> bool {
        let of_family = match (algorithm.method(), &self.material) {
            (Method::Rsa(_), Material::Rsa { .. }) => true,
            (Method::Ecdsa(needed, _), Material::Elliptic { curve, .. }) => needed == *curve,
            _ => false,
        };
        of_family && self.algorithm.as_deref().is_none_or(|own| own == algorithm.name())
    }

    fn signed(&self, token: &Token) -> bool {
        let (message, signature) = (token.signed.as_bytes(), &token.signature);
        let verified = match (token.algorithm.method(), &self.material) {
            (Method::Rsa(parameters), Material::Rsa { modulus, exponent }) => {
                RsaPublicKeyComponents { n: modulus, e: exponent }.verify(parameters, message, signature)
            }
            (Method::Ecdsa(_, algorithm), Material::Elliptic { point, .. }) => {
                UnparsedPublicKey::new(algorithm, point).verify(message, signature)
            }
            _ => return false,
        };
        verified.is_ok()
    }
}

fn read(key: &Value) -> Result<Key, String> {
    let Value::Object(fields) = key else { return Err("is no object".to_owned()) };
    if text(fields, "use").is_some_and(|used| used != "sig") {
        return Err("is not for signatures (`use`)".to_owned());
    }
    let for_verifying = |operations: &Vec<Value>| operations.iter().any(|operation| operation == "verify");
    if fields.get("key_ops").and_then(Value::as_array).is_some_and(|operations| !for_verifying(operations)) {
        return Err("is not for verifying (`key_ops`)".to_owned());
    }
    let material = match text(fields, "kty") {
        Some("RSA") => rsa(fields)?,
        Some("EC") => elliptic(fields)?,
        Some(other) => return Err(format!("is of a type that is never taken (`kty` is `{other}`)")),
        None => return Err("has no `kty`".to_owned()),
    };
    let id = text(fields, "kid").ok_or("has no `kid`")?.to_owned();
    Ok(Key { id, algorithm: text(fields, "alg").map(str::to_owned), material })
}

fn rsa(fields: &Map<String, Value>) -> Result<Material, String> {
    let (modulus, exponent) = (unsigned(fields, "n")?, unsigned(fields, "e")?);
    if !(256..=1024).contains(&modulus.len()) {
        return Err(format!("has {} bits, expected 2048 to 8192", modulus.len() * 8));
    }
    Ok(Material::Rsa { modulus, exponent })
}

fn elliptic(fields: &Map<String, Value>) -> Result<Material, String> {
    let curve = match text(fields, "crv") {
        Some("P-256") => Curve::P256,
        Some("P-384") => Curve::P384,
        other => return Err(format!("is on a curve that is not taken (`crv` is `{}`)", other.unwrap_or_default())),
    };
    let mut point = vec![4];
    for coordinate in ["x", "y"] {
        let bytes = bytes(fields, coordinate)?;
        if bytes.len() != curve.size() {
            return Err(format!("has a wrong `{coordinate}`"));
        }
        point.extend_from_slice(&bytes);
    }
    Ok(Material::Elliptic { curve, point })
}

fn text<'f>(fields: &'f Map<String, Value>, name: &str) -> Option<&'f str> {
    fields.get(name).and_then(Value::as_str)
}

fn bytes(fields: &Map<String, Value>, name: &str) -> Result<Vec<u8>, String> {
    text(fields, name).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).ok_or_else(|| format!("has a wrong `{name}`"))
}

/// A number without leading zeros, which some issuers send and ring refuses.
fn unsigned(fields: &Map<String, Value>, name: &str) -> Result<Vec<u8>, String> {
    let bytes = bytes(fields, name)?;
    Ok(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}
