//! The discovery document of an issuer (OpenID Connect): where its keys are.

use std::fmt::{self, Display};

use serde_json::Value;

/// Why a discovery document does not say where keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiscoveryFault {
    /// It is no JSON object.
    Json,
    /// The member is missing, or no text.
    Missing(&'static str),
    /// It is another issuer's.
    Issuer {
        /// Whose it says it is.
        found: String,
        /// Whose was asked for.
        expected: Vec<String>,
    },
}

/// Where the document of an issuer is.
pub fn discovery_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

/// `jwks_uri` of a document, which must name one of the issuers exactly.
pub fn read_discovery(document: &[u8], issuers: &[String]) -> Result<String, DiscoveryFault> {
    let Ok(Value::Object(fields)) = serde_json::from_slice(document) else { return Err(DiscoveryFault::Json) };
    let text = |name| fields.get(name).and_then(Value::as_str).ok_or(DiscoveryFault::Missing(name));
    let issuer = text("issuer")?;
    if !issuers.iter().any(|own| own == issuer) {
        return Err(DiscoveryFault::Issuer { found: issuer.to_owned(), expected: issuers.to_vec() });
    }
    text("jwks_uri").map(str::to_owned)
}

impl Display for DiscoveryFault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            DiscoveryFault::Json => f.write_str("no discovery document: expected a JSON object"),
            DiscoveryFault::Missing(name) => write!(f, "no discovery document: it has no `{name}`"),
            DiscoveryFault::Issuer { found, expected } => {
                write!(f, "a discovery document of `{found}`, expected one of `{}`", expected.join("` or `"))
            }
        }
    }
}
