//! A request's head before hyper reads it: what is wrong with it, and what can be told of such a request all the same.
//!
//! hyper would answer these by itself, with nothing but a status: neither counted nor logged. So it is given a plain request in
//! their place, and the gateway refuses what really came.

use bytes::Bytes;

use super::framing::Framing;
use super::head::{REQUEST_LINES, is_token, lines};
use super::message::Headers;

/// Bytes of a target that hyper takes.
const LONGEST_TARGET: usize = 65_534;
/// So much is told of the target of a request that is refused.
const TOLD: usize = 2_048;

/// Why a request is refused for its head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is no HTTP, or could be read in two ways.
    Malformed(&'static str),
    /// Its target is too long.
    LongTarget,
    /// It has too many header lines, or too long ones.
    LongHead,
}

/// What must be percent-encoded in a target (fact `raw-characters`), and what is no HTTP.
const REFUSED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] =
            matches!(byte as u8, 0..=b' ' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x7f);
        byte += 1;
    }
    table
};

/// Where the body of a complete head ends; `Err` is what is wrong with it.
pub(crate) fn check(head: &[u8]) -> Result<Framing, Fault> {
    let mut all = head.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let old = request_line(all.next().unwrap_or_default())?;
    let (mut framing, mut count, mut hosts) = (Framing::Unsaid, 0, 0);
    for line in all.take_while(|line| !line.is_empty()) {
        let (name, value) = split(line).ok_or(Fault::Malformed("a header line that is none"))?;
        count += 1;
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => hosts += 1,
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => coding(value, framing, old)?,
            _ => {}
        }
        framing.see(name, value).map_err(|_| Fault::Malformed("its Content-Length"))?;
    }
    if count > REQUEST_LINES {
        return Err(Fault::LongHead);
    }
    self::hosts(hosts, old).map(|()| framing)
}

/// Whether the lines that name a host are as many as there must be.
pub(crate) fn hosts(count: usize, old: bool) -> Result<(), Fault> {
    match count {
        0 if !old => Err(Fault::Malformed("no Host")),
        0 | 1 => Ok(()),
        _ => Err(Fault::Malformed("more than one Host")),
    }
}

/// A coding that one reader knows and the next does not is how requests are smuggled.
fn coding(value: &[u8], before: Framing, old: bool) -> Result<(), Fault> {
    match value.eq_ignore_ascii_case(b"chunked") && before != Framing::Chunked && !old {
        true => Ok(()),
        false => Err(Fault::Malformed("a Transfer-Encoding other than chunked")),
    }
}

/// Whether the client speaks HTTP/1.0.
fn request_line(line: &[u8]) -> Result<bool, Fault> {
    let mut words = line.splitn(3, |b| *b == b' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let old = match words.next() {
        Some(b"HTTP/1.1") => false,
        Some(b"HTTP/1.0") => true,
        _ => return Err(Fault::Malformed("its first line")),
    };
    self::target(target)?;
    let is_plain = target.first() == Some(&b'/') && target.is_ascii();
    match is_token(method) && (is_plain || http::Uri::try_from(target).is_ok()) {
        true => Ok(old),
        false => Err(Fault::Malformed("its first line")),
    }
}

/// Whether a target can be taken for its length and its characters.
pub(crate) fn target(target: &[u8]) -> Result<(), Fault> {
    match target.iter().any(|b| REFUSED[usize::from(*b)]) {
        _ if target.len() > LONGEST_TARGET => Err(Fault::LongTarget),
        true => Err(Fault::Malformed("a character in its target that must be percent-encoded")),
        false => Ok(()),
    }
}

fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = memchr::memchr(b':', line).filter(|colon| is_token(&line[..*colon]))?;
    let value = line[colon + 1..].trim_ascii();
    let is_text = value.iter().fold(true, |all, b| all & (*b >= b' ' || *b == b'\t') & (*b != 0x7f));
    is_text.then_some((&line[..colon], value))
}

/// What a head that is refused says of its request, as far as it can be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// The method; empty when it is none.
    pub method: String,
    /// The path, cut where it is long.
    pub path: String,
    /// The query string, likewise.
    pub query: Option<String>,
    /// The first header lines.
    pub headers: Headers,
}

impl Told {
    /// Reads what there is.
    pub(crate) fn of(head: &Bytes) -> Told {
        let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
        let mut words = line.split(|b| *b == b' ');
        let method = words.next().filter(|method| is_token(method)).unwrap_or_default();
        let target = words.next().unwrap_or_default().trim_ascii();
        let target = String::from_utf8_lossy(&target[..target.len().min(TOLD)]);
        // `http://host/path` is a target, too.
        let path = target.split_once("://").map_or(&*target, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut headers = Headers::default();
        for (name, value) in lines(head).filter(|(name, _)| is_token(name)).take(REQUEST_LINES) {
            headers.push(head.slice_ref(name), head.slice_ref(value));
        }
        Told {
            method: String::from_utf8_lossy(method).into_owned(),
            path: if path.starts_with('/') { path.to_owned() } else { "/".to_owned() },
            query: query.map(str::to_owned),
            headers,
        }
    }
}

/// The plain request that hyper is given in place of one that is refused: it says what the answer must look like.
pub(crate) fn stand_in(head: &[u8]) -> &'static [u8] {
    let line = head.split(|b| *b == b'\n').next().unwrap_or_default().trim_ascii_end();
    match (line.starts_with(b"HEAD "), line.ends_with(b" HTTP/1.0")) {
        (false, false) => b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        (true, false) => b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n",
        (false, true) => b"GET / HTTP/1.0\r\n\r\n",
        (true, true) => b"HEAD / HTTP/1.0\r\n\r\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_and_what_is_wrong_with_them() {
        use Fault::{LongHead, LongTarget, Malformed};
        let host = "Host: x\r\n";
        let many = |count: usize| format!("GET / HTTP/1.1\r\n{host}{}\r\n", "A: 1\r\n".repeat(count - 1));
        let long = |length: usize| format!("GET /{} HTTP/1.1\r\n{host}\r\n", "x".repeat(length - 1));
        let cases: Vec<(String, Result<Framing, Fault>)> = vec![
            (format!("GET / HTTP/1.1\r\n{host}\r\n"), Ok(Framing::Unsaid)),
            ("GET http://x/y?z HTTP/1.1\nhOST: x\n\n".into(), Ok(Framing::Unsaid)),
            (format!("OPTIONS * HTTP/1.1\r\n{host}\r\n"), Ok(Framing::Unsaid)),
            ("GET /é?é HTTP/1.0\r\n\r\n".into(), Ok(Framing::Unsaid)),
            (format!("PUT /a[b]~!$&'()*+,;=:@%7B HTTP/1.1\r\n{host}Content-Length: 7\r\n\r\n"), Ok(Framing::Length(7))),
            (format!("PUT / HTTP/1.1\r\n{host}Transfer-Encoding: Chunked\r\n\r\n"), Ok(Framing::Chunked)),
            (many(100), Ok(Framing::Unsaid)),
            (many(101), Err(LongHead)),
            (long(65_534), Ok(Framing::Unsaid)),
            (long(65_535), Err(LongTarget)),
            ("GET / HTTP/1.1\r\n\r\n".into(), Err(Malformed("no Host"))),
            (format!("GET / HTTP/1.1\r\n{host}{host}\r\n"), Err(Malformed("more than one Host"))),
            (format!("GET / HTTP/1.0\r\n{host}{host}\r\n"), Err(Malformed("more than one Host"))),
            ("NONSENSE\r\n\r\n".into(), Err(Malformed("its first line"))),
            (format!("GET / HTTP/1.2\r\n{host}\r\n"), Err(Malformed("its first line"))),
            (format!("G@T / HTTP/1.1\r\n{host}\r\n"), Err(Malformed("its first line"))),
            (format!("GET http:// HTTP/1.1\r\n{host}\r\n"), Err(Malformed("its first line"))),
            (format!("GET  / HTTP/1.1\r\n{host}\r\n"), Err(Malformed("its first line"))),
            (format!("GET / HTTP/1.1\r\n{host} folded: x\r\n\r\n"), Err(Malformed("a header line that is none"))),
            (format!("GET / HTTP/1.1\r\n{host}none\r\n\r\n"), Err(Malformed("a header line that is none"))),
            (format!("GET / HTTP/1.1\r\n{host}A: \u{1}\r\n\r\n"), Err(Malformed("a header line that is none"))),
            (format!("GET / HTTP/1.1\r\n{host}Content-Length: x\r\n\r\n"), Err(Malformed("its Content-Length"))),
        ];
        for (head, expected) in cases {
            assert_eq!(check(head.as_bytes()), expected, "{}", &head[..head.len().min(200)]);
        }
        let other = Err(Malformed("a Transfer-Encoding other than chunked"));
        for coding in [
            "gzip",
            "gzip, chunked",
            "chunked, chunked",
            "identity",
            "",
            "xchunked",
            "chunked\r\nTransfer-Encoding: chunked",
        ] {
            let head = format!("PUT / HTTP/1.1\r\n{host}Transfer-Encoding: {coding}\r\n\r\n");
            assert_eq!(check(head.as_bytes()), other, "{coding}");
        }
        assert_eq!(check(b"PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), other);
        let raw = Err(Malformed("a character in its target that must be percent-encoded"));
        for c in "\"<>\\^`{|}\t\u{7f}".chars() {
            for target in [format!("/a{c}b"), format!("/?a={c}")] {
                assert_eq!(check(format!("GET {target} HTTP/1.1\r\n{host}\r\n").as_bytes()), raw, "{target}");
            }
        }
    }

    #[test]
    fn what_is_told_of_a_request_that_is_refused() {
        let told = |head: &str| Told::of(&Bytes::from(head.to_owned()));
        let mut headers = Headers::default();
        headers.push("Host", "x");
        let expected = Told { method: "PUT".into(), path: "/a{b}".into(), query: Some("c=|".into()), headers };
        assert_eq!(told("PUT /a{b}?c=| HTTP/1.1\r\nHost: x\r\n\r\n"), expected);
        assert_eq!(told("PUT http://h/a{b}?c=| HTTP/1.1\r\nHost: x\r\n\r\n"), expected);
        assert_eq!(told("{}"), Told { path: "/".into(), ..Told::default() });
        assert_eq!(told(&format!("GET /{}", "x".repeat(70_000))).path.len(), TOLD);
        assert_eq!(stand_in(b"HEAD /\" HTTP/1.0\r\n\r\n"), b"HEAD / HTTP/1.0\r\n\r\n");
        assert_eq!(stand_in(b"{}"), b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    }
}
