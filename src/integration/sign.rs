//! `Signer`: calls signed with AWS Signature Version 4, for functions behind real AWS endpoints.

use std::fmt::Write;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use reqsign_aws_v4::{Credential, RequestSigner};
use reqsign_core::hash::hex_sha256;

use super::credentials;
use super::invocation::Invocation;
use crate::config::url::Url;
use crate::failure::Failure;

/// Signs for one service in one region. Credentials are fetched when first needed and kept until they run out.
pub(crate) struct Signer(reqsign_core::Signer<Credential>);

impl Signer {
    /// Takes credentials from the standard chain (environment, profile, SSO, web identity, process, container, instance).
    pub(crate) fn new(service: &str, region: &str) -> Signer {
        let signer = RequestSigner::new(service, region).with_standard_session_token();
        Signer(reqsign_core::Signer::new(credentials::context(), credentials::Chain::default(), signer))
    }

    /// Adds the signature's header lines to the invocation, and returns the target that it is good for.
    pub(crate) async fn sign(&self, url: &Url, target: &str, invocation: &mut Invocation) -> Result<String, Failure> {
        let target = unambiguous(target);
        let mut parts = parts(url, &target, invocation).map_err(|e| refused(&e))?;
        self.0.sign(&mut parts, None).await.map_err(|e| refused(&e))?;
        for name in ADDED {
            if let Some(value) = parts.headers.get(name) {
                invocation.headers.set(name, Bytes::copy_from_slice(value.as_bytes()));
            }
        }
        Ok(target)
    }
}

/// The lines that make the signature.
const ADDED: [&str; 4] = ["authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"];

/// Without credentials there is nothing that a caller could do: it is the operator's matter.
fn refused(e: &dyn std::fmt::Display) -> Failure {
    Failure::Configuration(format!("the call cannot be signed: {e}"))
}

/// The target as AWS's own clients send it: AWS does not say how it reads a path in which these stand bare.
fn unambiguous(target: &str) -> String {
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let mut out = path.replace(':', "%3A").replace('$', "%24");
    if let Some(query) = query {
        let _ = write!(out, "?{query}");
    }
    out
}

/// The request as it will be sent, as far as it is signed: content type and every `x-amz-` line.
fn parts(url: &Url, target: &str, invocation: &Invocation) -> Result<http::request::Parts, http::Error> {
    let scheme = if url.origin.tls { "https" } else { "http" };
    // All services but S3 want the path encoded once more than it is sent; the signer encodes it as it is sent.
    let (path, query) = target.split_once('?').map_or((target, ""), |(path, query)| (path, query));
    let mut uri = format!("{scheme}://{}{}", url.authority, path.replace('%', "%25"));
    if !query.is_empty() {
        let _ = write!(uri, "?{query}");
    }
    let mut request = http::Request::post(uri).body(())?.into_parts().0;
    let headers: &mut HeaderMap = &mut request.headers;
    for header in invocation.headers.0.iter().filter(|h| is_amazons(&h.name)) {
        // Runs of spaces count as one; the signer does not see to that.
        let words = header.value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let value = words.collect::<Vec<_>>().join(&b' ');
        headers.insert(HeaderName::from_bytes(&header.name)?, HeaderValue::from_bytes(&value)?);
    }
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("x-amz-invocation-type", HeaderValue::from_static(invocation.kind.as_str()));
    ADDED.iter().for_each(|name| drop(headers.remove(*name)));
    headers.insert("x-amz-content-sha256", HeaderValue::from_str(&hex_sha256(&invocation.event))?);
    Ok(request)
}

fn is_amazons(name: &[u8]) -> bool {
    name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"x-amz-"))
}
