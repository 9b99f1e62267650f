//! `Url`: where a backend is, taken apart once: scheme, host and port to connect to, `Host` header, request target.

use std::fmt;
use std::sync::Arc;

use http::uri::Authority;

/// Whom to connect to: the key of a connection pool.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// Whether the connection is TLS.
    pub tls: bool,
    /// The host name or address, without brackets.
    pub host: Arc<str>,
    /// The port.
    pub port: u16,
}

/// An absolute `http` or `https` url.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Url {
    /// Whom to connect to.
    pub origin: Origin,
    /// The `Host` header: host and port as written, without user information.
    pub authority: String,
    /// Path and query, beginning with `/`; what may not stand on a request line is percent-encoded.
    pub target: String,
}

impl Url {
    /// Takes a url apart; the error says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Url, String> {
        let (scheme, rest) = text.trim().split_once("://").ok_or("it begins with neither `http://` nor `https://`")?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err("it begins with neither `http://` nor `https://`".to_owned()),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = host_and_port(authority)?;
        let port = port.unwrap_or(if tls { 443 } else { 80 });
        Ok(Url {
            origin: Origin { tls, host: host.into(), port },
            authority: authority.to_owned(),
            target: target(path.split('#').next().unwrap_or_default()),
        })
    }

    /// This machine: for what nobody is going to call.
    pub(crate) fn local() -> Url {
        let origin = Origin { tls: false, host: "localhost".into(), port: 80 };
        Url { origin, authority: "localhost".to_owned(), target: "/".to_owned() }
    }

    /// The target without its trailing slash, for a base url that paths are appended to.
    pub(crate) fn base_path(&self) -> &str {
        self.target.trim_end_matches('/')
    }
}

/// Without user information, which is nobody's business, and without the slash of an empty path.
impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.origin.tls { "https" } else { "http" };
        let target = if self.target == "/" { "" } else { &self.target };
        write!(f, "{scheme}://{}{target}", self.authority)
    }
}

/// The host without brackets, and the port if there is one.
fn host_and_port(text: &str) -> Result<(String, Option<u16>), String> {
    if text.is_empty() || text.starts_with(':') {
        return Err("it has no host".to_owned());
    }
    let Ok(authority) = text.parse::<Authority>() else {
        return Err(format!("`{text}` is not a host name or address"));
    };
    let digits = text.strip_prefix(authority.host()).and_then(|rest| rest.strip_prefix(':'));
    let port = match (digits.filter(|digits| !digits.is_empty()), authority.port_u16()) {
        (None, _) => None,
        (Some(_), Some(port)) if port > 0 => Some(port),
        (Some(digits), _) => return Err(format!("`{digits}` is not a port")),
    };
    Ok((authority.host().trim_matches(['[', ']']).to_owned(), port))
}

/// Path and query as they may stand on a request line: an injected space or line break cannot end it.
fn target(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    if !text.starts_with('/') {
        out.push('/');
    }
    for &byte in text.as_bytes() {
        match byte {
            b'!'..=b'~' if !matches!(byte, b'"' | b'<' | b'>' | b'`') => out.push(byte as char),
            _ => push_encoded(&mut out, byte),
        }
    }
    out
}

/// A name as one path segment.
pub(crate) fn push_segment(out: &mut String, text: &str) {
    for &byte in text.as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'$' | b':' => out.push(byte as char),
            _ => push_encoded(out, byte),
        }
    }
}

fn push_encoded(out: &mut String, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    out.push(HEX[usize::from(byte >> 4)] as char);
    out.push(HEX[usize::from(byte & 15)] as char);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_urls_apart() {
        let cases = [
            ("http://127.0.0.1:3001", false, "127.0.0.1", 3001, "127.0.0.1:3001", "/"),
            ("https://example.com", true, "example.com", 443, "example.com", "/"),
            ("HTTP://Example.com/a?b=c#d", false, "Example.com", 80, "Example.com", "/a?b=c"),
            ("http://u:p@h:81?x=1", false, "h", 81, "h:81", "/?x=1"),
            ("http://[::1]:9/p q\r\nX: y", false, "::1", 9, "[::1]:9", "/p%20q%0D%0AX:%20y"),
        ];
        for (text, tls, host, port, authority, target) in cases {
            let url = Url::parse(text).unwrap_or_else(|e| unreachable!("{text}: {e}"));
            let expected = Origin { tls, host: host.into(), port };
            assert_eq!(url, Url { origin: expected, authority: authority.into(), target: target.into() }, "{text}");
        }
    }

    #[test]
    fn prints_what_is_called() {
        for (text, printed) in [
            ("https://u:p@example.com:443/", "https://example.com:443"),
            ("http://[::1]:9/a?b=c", "http://[::1]:9/a?b=c"),
        ] {
            assert_eq!(Url::parse(text).map(|url| url.to_string()), Ok(printed.to_owned()));
        }
    }

    #[test]
    fn refuses_what_cannot_be_called() {
        for text in
            ["", "x", "ftp://h/", "http://", "http:///p", "http://h:x/", "http://h:0/", "http://a b/", "http://[::1"]
        {
            assert!(Url::parse(text).is_err(), "{text}");
        }
    }
}
