//! The `authorizers` section: where the keys of user pools and JWT authorizers are.

use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;

use super::written::{WrittenJwks, WrittenKeys};
use crate::authorization::jwt::Jwks;
use crate::config::document::{self, Severity, Spot};

/// Reads the section.
pub(crate) fn read(spot: &Spot<'_>) -> IndexMap<String, WrittenKeys> {
    spot.entries().into_iter().map(|(name, spot)| (name.to_owned(), authorizer(&spot))).collect()
}

fn authorizer(spot: &Spot<'_>) -> WrittenKeys {
    let mut fields = spot.fields();
    let issuers = fields.get("issuers").map(|s| s.entries()).unwrap_or_default();
    let keys = WrittenKeys {
        place: spot.place(),
        jwks: fields.get("jwks").and_then(|s| jwks(&s)),
        issuer: fields.get("issuer").and_then(|s| url(&s)),
        issuers: issuers.into_iter().map(|(issuer, spot)| (issuer.to_owned(), of_issuer(&spot))).collect(),
    };
    fields.done(Severity::Error);
    keys
}

fn of_issuer(spot: &Spot<'_>) -> WrittenKeys {
    let mut fields = spot.fields();
    let keys = WrittenKeys {
        place: spot.place(),
        jwks: fields.get("jwks").and_then(|s| jwks(&s)),
        issuer: fields.get("issuer").and_then(|s| url(&s)),
        issuers: IndexMap::new(),
    };
    fields.done(Severity::Error);
    keys
}

/// A url as it is written: an issuer's is compared letter by letter.
fn url(spot: &Spot<'_>) -> Option<String> {
    spot.url().and_then(|_| spot.text())
}

/// A url, or a file beside the configuration. A file that cannot be read concerns the methods that need it.
fn jwks(spot: &Spot<'_>) -> Option<WrittenJwks> {
    let text = spot.text()?;
    if text.contains("://") {
        return url(spot).map(WrittenJwks::Url);
    }
    Some(spot.report.part(|| file(spot, text)).0)
}

fn file(spot: &Spot<'_>, name: String) -> WrittenJwks {
    let path = spot.node.origin.relative(Path::new(&name));
    spot.report.uses(&path);
    let text = document::read(&path, &spot.place(), spot.report);
    let keys = text.and_then(|text| match Jwks::parse(text.as_bytes()) {
        Ok(keys) => Some(keys),
        Err(e) => {
            spot.error("jwks", format!("`{name}` is {e}"));
            None
        }
    });
    if let Some(keys) = &keys {
        for skipped in keys.skipped() {
            spot.note("jwks", format!("`{name}`: {skipped}: it verifies nothing"));
        }
        if keys.is_empty() {
            spot.warning("jwks", format!("`{name}` has no key that could verify a token: every token is refused"));
        }
    }
    WrittenJwks::File(name, keys.map(Arc::new))
}
