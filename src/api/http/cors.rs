//! `Cors`: what an HTTP API tells browsers of other origins.

use std::fmt::{self, Display};

/// `x-amazon-apigateway-cors`, `CorsConfiguration`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cors {
    /// `allowOrigins`: `https://example.com`, `https://*`, `*`
    pub allow_origins: Vec<String>,
    /// `allowMethods`
    pub allow_methods: Vec<String>,
    /// `allowHeaders`
    pub allow_headers: Vec<String>,
    /// `exposeHeaders`
    pub expose_headers: Vec<String>,
    /// `maxAge` in seconds
    pub max_age: Option<i64>,
    /// `allowCredentials`
    pub allow_credentials: bool,
}

/// Why API Gateway would not take a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CorsFault {
    /// `allowCredentials` for `*`.
    CredentialsForAll,
    /// An entry of `allowOrigins` is no origin.
    Origin(String),
    /// An entry of `allowMethods` is no method.
    Method(String),
    /// `maxAge` is out of bounds.
    MaxAge(i64),
}

impl Cors {
    /// Longest `maxAge`: a day (documented); -1 forbids caching.
    const LONGEST_AGE: i64 = 86_400;
    const METHODS: [&str; 8] = ["*", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    /// Everything that API Gateway would not take.
    pub(crate) fn faults(&self) -> Vec<CorsFault> {
        let mut faults = Vec::new();
        if self.allow_credentials && self.allow_origins.iter().any(|origin| origin == "*") {
            faults.push(CorsFault::CredentialsForAll);
        }
        let origins = self.allow_origins.iter().filter(|origin| !is_origin(origin));
        faults.extend(origins.cloned().map(CorsFault::Origin));
        let is_method = |method: &str| Cors::METHODS.iter().any(|known| known.eq_ignore_ascii_case(method));
        let methods = self.allow_methods.iter().filter(|method| !is_method(method));
        faults.extend(methods.cloned().map(CorsFault::Method));
        let ages = self.max_age.filter(|age| !(-1..=Cors::LONGEST_AGE).contains(age));
        faults.extend(ages.map(CorsFault::MaxAge));
        faults
    }

    /// What `Access-Control-Allow-Origin` says to a page of that origin: `*`, the origin itself, or nothing.
    pub(crate) fn allow_origin<'a>(&self, origin: &'a str) -> Option<&'a str> {
        if self.allow_origins.iter().any(|allowed| allowed == "*") {
            return Some("*");
        }
        let is_allowed = |allowed: &String| match allowed.strip_suffix('*') {
            Some(scheme) => origin.len() > scheme.len() && origin.starts_with(scheme),
            None => allowed == origin,
        };
        self.allow_origins.iter().any(is_allowed).then_some(origin)
    }
}

/// `*`, `https://*`, or a scheme and a host without a path. Extensions of browsers have schemes of their own.
fn is_origin(text: &str) -> bool {
    let host = text.split_once("://").filter(|(scheme, _)| !scheme.is_empty()).map(|(_, host)| host);
    text == "*" || host == Some("*") || host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*', ' ']))
}

impl Display for CorsFault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            CorsFault::CredentialsForAll => {
                f.write_str("`allowCredentials` is not supported if `allowOrigins` has `*`: list the origins")
            }
            CorsFault::Origin(origin) => {
                write!(f, "`{origin}` is no origin: expected `*`, `https://*` or `https://HOST` without a path")
            }
            CorsFault::Method(method) => write!(f, "`{method}` is no method: expected {}", Cors::METHODS.join(", ")),
            CorsFault::MaxAge(age) => write!(f, "`maxAge` is {age}: expected -1 to {} seconds", Cors::LONGEST_AGE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = (&'static [&'static str], &'static [&'static str], i64, bool, &'static str);

    #[test]
    fn faults() {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        // Origins, methods, age, credentials, and what is wrong.
        let rows: [Row; 5] = [
            (&["*"], &["*", "get"], 0, false, ""),
            (&["https://a.example.com:8443", "http://*", "chrome-extension://abc"], &["PATCH"], 86_400, true, ""),
            (
                &["*", "https://a.example.com"],
                &[],
                -1,
                true,
                "`allowCredentials` is not supported if `allowOrigins` has `*`: list the origins",
            ),
            (
                &["https://a.example.com/", "a.example.com", "https://*.example.com"],
                &[],
                5,
                false,
                "`https://a.example.com/` is no origin: expected `*`, `https://*` or `https://HOST` without a path; \
                 `a.example.com` is no origin: expected `*`, `https://*` or `https://HOST` without a path; \
                 `https://*.example.com` is no origin: expected `*`, `https://*` or `https://HOST` without a path",
            ),
            (
                &[],
                &["ANY"],
                86_401,
                false,
                "`ANY` is no method: expected *, GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS; \
                 `maxAge` is 86401: expected -1 to 86400 seconds",
            ),
        ];
        for (origins, methods, age, allow_credentials, expected) in rows {
            let cors = Cors {
                allow_origins: texts(origins),
                allow_methods: texts(methods),
                max_age: Some(age),
                allow_credentials,
                ..Cors::default()
            };
            let faults: Vec<String> = cors.faults().iter().map(ToString::to_string).collect();
            assert_eq!(faults.join("; "), expected, "{origins:?}");
        }
    }
}
