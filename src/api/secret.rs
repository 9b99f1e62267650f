//! What is secret in a message, by its name: THE list, for every log, page, finding and report.

/// Names of header lines and query parameters whose values only sender and receiver should know.
const NAMES: &[&str] = &[
    // credentials
    "authorization",
    "proxy-authorization",
    "x-api-key",
    "api_key",
    "apikey",
    "password",
    "client_secret",
    "secret",
    "secret_access_key",
    // sessions and tokens
    "cookie",
    "set-cookie",
    "token",
    "access_token",
    "id_token",
    "refresh_token",
    "session_token",
    "x-auth-token",
    // a signature in the query string, which is as good as the credentials while it lasts
    "x-amz-credential",
    "x-amz-security-token",
    "x-amz-signature",
];

/// From so many characters on a secret's end may be shown, to tell it from others.
const LONG: usize = 16;

/// The names that are secret, with those that an API or its operator adds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// The list with these names added: `log.redact`, and where authorizers find their tokens.
    pub(crate) fn with(names: impl IntoIterator<Item = String>) -> Secrets {
        Secrets(names.into_iter().collect())
    }

    /// Whether what stands under that name is secret.
    pub(crate) fn is_secret(&self, name: &str) -> bool {
        let same = |secret: &str| name.eq_ignore_ascii_case(secret);
        NAMES.iter().any(|secret| same(secret)) || self.0.iter().any(|secret| same(secret))
    }
}

/// The name of a variable that should hold a secret, as findings tell it: what is not spelt as such names are may be the secret itself.
pub(crate) fn shown_variable(name: &str) -> &str {
    let is_name = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    if is_name { name } else { "****" }
}

/// `****` and the last characters of a secret that is long enough to keep the rest of it.
pub(crate) fn masked(secret: &str) -> String {
    let count = secret.chars().count();
    let end: String = secret.chars().skip(if count >= LONG { count - 6 } else { count }).collect();
    format!("****{end}")
}
