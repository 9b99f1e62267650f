//! `Url`: where a backend is, taken apart once: scheme, host and port to connect to, `Host` header, request target.

use std::sync::Arc;

/// Whom to connect to: the key of a connection pool.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    /// Whether the connection is TLS.
    pub tls: bool,
    /// The host name or address, without brackets.
    pub host: Arc<str>,
    /// The port.
    pub port: u16,
}

/// An absolute `http` or `https` url.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Url {
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
        let (scheme, rest) =
            text.trim().split_once("://").ok_or_else(|| format!("`{text}` has no scheme: expected `http://…`"))?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(format!("scheme `{scheme}` is not `http` or `https`")),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = host_and_port(authority, if tls { 443 } else { 80 })?;
        Ok(Url {
            origin: Origin { tls, host: host.into(), port },
            authority: authority.to_owned(),
            target: target(path.split('#').next().unwrap_or_default()),
        })
    }

    /// The target without its trailing slash, for a base url that paths are appended to.
    pub(crate) fn base_path(&self) -> &str {
        self.target.trim_end_matches('/')
    }
}

fn host_and_port(authority: &str, default: u16) -> Result<(&str, u16), String> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']').ok_or_else(|| format!("`{authority}` lacks its `]`"))?;
            (host, after.strip_prefix(':').unwrap_or(after))
        }
        None => authority.split_once(':').unwrap_or((authority, "")),
    };
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b':' | b'%');
    if host.is_empty() || !host.bytes().all(legal) {
        return Err(format!("`{authority}` is not a host name or address"));
    }
    let port = match port {
        "" => default,
        digits => match digits.parse() {
            Ok(port) if port > 0 => port,
            _ => return Err(format!("`{digits}` is not a port")),
        },
    };
    Ok((host, port))
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
    fn refuses_what_cannot_be_called() {
        for text in
            ["", "x", "ftp://h/", "http://", "http:///p", "http://h:x/", "http://h:0/", "http://a b/", "http://[::1"]
        {
            assert!(Url::parse(text).is_err(), "{text}");
        }
    }
}
