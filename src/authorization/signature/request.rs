//! `SentRequest`: what a signature is about, and for what it must be.

use std::time::Duration;

use crate::http1::message::Headers;

/// How far a signature's date may be from ours.
pub const SKEW: Duration = Duration::from_secs(5 * 60);

/// What a signature covers of a request, all as sent.
#[derive(Debug, Clone, Copy)]
pub struct SentRequest<'a> {
    /// The method.
    pub method: &'a str,
    /// The path, not decoded.
    pub path: &'a str,
    /// What stands behind `?`.
    pub query: Option<&'a str>,
    /// The header lines.
    pub headers: &'a Headers,
    /// The body.
    pub body: &'a [u8],
}

/// For what a signature must be.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The API's region.
    pub region: &'a str,
    /// `execute-api`
    pub service: &'a str,
}
