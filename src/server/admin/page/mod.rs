//! The inspector's page: one document with its style and its script in it, so that it loads nothing else. The parts are put together
//! as they stand; there is no build step.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS};
use http::{HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

use super::answer::{AdminResponse, respond};

/// The script's parts, in the order in which they build on each other.
const SCRIPT: [&str; 6] = [
    include_str!("elements.js"),
    include_str!("list.js"),
    include_str!("exchange.js"),
    include_str!("routes.js"),
    include_str!("playground.js"),
    include_str!("start.js"),
];

static PAGE: LazyLock<Page> = LazyLock::new(|| {
    // What stands between the tags, to the byte: the policy's hash is of it.
    let script = format!("\n{}", SCRIPT.join("\n"));
    let page = include_str!("page.html").replace("/* style.css */\n", include_str!("style.css"));
    Page { html: page.replace("\n/* script */\n", &script), policy: policy(&script) }
});

struct Page {
    html: String,
    policy: String,
}

/// The page loads nothing from elsewhere, and nobody else's page may hold it.
pub(super) fn page() -> AdminResponse {
    let mut answer = respond(StatusCode::OK, "text/html; charset=utf-8", PAGE.html.as_bytes());
    if let Ok(policy) = HeaderValue::from_str(&PAGE.policy) {
        answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    answer.headers_mut().insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    answer
}

/// The only script that runs is the page's own.
fn policy(script: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(script));
    format!(
        "default-src 'none'; script-src 'sha256-{hash}'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    )
}
