//! What a browser shows to a page of another origin: the answer, or a CORS failure. Requests without credentials, as `fetch` sends them.

use super::route::Route;
use crate::http1::message::{Headers, Response};

/// Methods that a page may use unasked.
const SIMPLE_METHODS: [&str; 3] = ["GET", "HEAD", "POST"];

/// Whether a page can read something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It can.
    Readable,
    /// It sees a CORS failure: why.
    Hidden(String),
    /// The backend's own headers decide.
    Backend,
}

/// The headers that a page's request has and must ask for.
pub(super) fn unsafe_headers(route: &Route) -> Vec<&'static str> {
    let mut names = Vec::new();
    if route.is_guarded {
        names.push("authorization");
    }
    if route.sent != "GET" && route.sent != "HEAD" {
        names.push("content-type");
    }
    if route.needs_key {
        names.push("x-api-key");
    }
    names
}

/// Whether the browser asks before it sends the request.
pub(super) fn asks_first(route: &Route) -> bool {
    // A page does not send what only browsers do.
    route.sent != "OPTIONS" && (!SIMPLE_METHODS.contains(&route.sent) || !unsafe_headers(route).is_empty())
}

/// Whether an answer lets a page of that origin read it.
pub(super) fn reads(headers: &Headers, origin: &str) -> Verdict {
    let lines: Vec<String> =
        headers.all("Access-Control-Allow-Origin").map(|h| String::from_utf8_lossy(&h.value).into_owned()).collect();
    match lines.as_slice() {
        [] => Verdict::Hidden("no `Access-Control-Allow-Origin`".to_owned()),
        [allowed] if allowed == "*" || allowed == origin => Verdict::Readable,
        lines => Verdict::Hidden(format!("`Access-Control-Allow-Origin` is `{}`", lines.join(", "))),
    }
}

/// Whether the answer to a preflight lets the request go.
pub(super) fn lets_go(response: &Response, route: &Route, origin: &str) -> Verdict {
    if let hidden @ Verdict::Hidden(_) = reads(&response.headers, origin) {
        return hidden;
    }
    if !(200..300).contains(&response.status) {
        return Verdict::Hidden(format!("the preflight is answered {}", response.status));
    }
    let list = |name: &str| -> Vec<String> {
        let values = response.headers.all(name).map(|h| String::from_utf8_lossy(&h.value).to_lowercase());
        values.flat_map(|v| v.split(',').map(|one| one.trim().to_owned()).collect::<Vec<_>>()).collect()
    };
    let methods = list("Access-Control-Allow-Methods");
    let is_named = |name: &str, list: &[String]| list.iter().any(|one| one.eq_ignore_ascii_case(name));
    if !SIMPLE_METHODS.contains(&route.sent) && !is_named(route.sent, &methods) && !is_named("*", &methods) {
        return Verdict::Hidden(format!("`Access-Control-Allow-Methods` lacks `{}`", route.sent));
    }
    let headers = list("Access-Control-Allow-Headers");
    // The star does not stand for `Authorization` (Fetch standard).
    let is_allowed = |name: &&str| is_named(name, &headers) || (*name != "authorization" && is_named("*", &headers));
    match unsafe_headers(route).into_iter().find(|name| !is_allowed(name)) {
        Some(name) => Verdict::Hidden(format!("`Access-Control-Allow-Headers` lacks `{name}`")),
        None => Verdict::Readable,
    }
}
