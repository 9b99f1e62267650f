//! A request's head: read once with httparse, and refused for what other readers could take otherwise. What is refused is told all
//! the same, as far as it can be read: it is answered, counted and logged as every other request.

use std::mem::MaybeUninit;

use bytes::Bytes;
use httparse::{ParserConfig, Status};

use super::framing::Framing;
use super::head::{REQUEST_LINES, header_of, is_token, lines};
use super::message::Headers;

/// Bytes of a target that the `http` crate takes.
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

/// What a character of a target is.
const KIND: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            // What must be percent-encoded (fact `raw-characters`), and what is no HTTP.
            0..=b' ' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x7f => REFUSED,
            b'#' | 0x80.. => UNUSUAL,
            _ => 0,
        };
        byte += 1;
    }
    table
};
const REFUSED: u8 = 1;
const UNUSUAL: u8 = 2;

/// A head that can be taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RequestHead {
    /// What it says of its request.
    pub told: Told,
    /// Where the body ends.
    pub framing: Framing,
    /// Whether the client speaks HTTP/1.0.
    pub old: bool,
    /// Whether another request may follow.
    pub persists: bool,
    /// Whether the client waits to be asked for the body (`Expect: 100-continue`).
    pub waits: bool,
}

/// Reads a head: with its length, or `None` while its end has not come. `Err` is what is wrong with it; of a head that is no HTTP
/// [`check`] says that, once all of it is there.
pub(crate) fn read(bytes: &[u8]) -> Result<Option<(RequestHead, usize)>, Option<Fault>> {
    let mut unread = [const { MaybeUninit::uninit() }; REQUEST_LINES];
    let mut parsed = httparse::Request::new(&mut []);
    let length = match ParserConfig::default().parse_request_with_uninit_headers(&mut parsed, bytes, &mut unread) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Ok(None),
        Err(_) => return Err(None),
    };
    let old = parsed.version == Some(0);
    let (path, query) = split_target(parsed.path.unwrap_or_default())?;
    let head = Bytes::copy_from_slice(&bytes[..length]);
    let mut lines = Lines { persists: !old, ..Lines::default() };
    let mut headers = Headers(Vec::with_capacity(parsed.headers.len()));
    for line in parsed.headers.iter() {
        if lines.see(line.name.as_bytes(), line.value, old)? {
            headers.0.push(header_of(&head, bytes, line));
        }
    }
    hosts(lines.hosts, old)?;
    if lines.framing == Framing::Chunked && lines.lengths > 0 {
        // The coding wins; a sender that says both may be an attack (RFC 9112, 6.3).
        headers.remove("content-length");
        lines.closes = true;
    }
    let method = parsed.method.unwrap_or_default().to_owned();
    let head = RequestHead {
        told: Told { method, path, query, headers },
        framing: lines.framing,
        old,
        persists: lines.persists && !lines.closes,
        waits: lines.waits && !old && !matches!(lines.framing, Framing::Unsaid | Framing::Length(0)),
    };
    Ok(Some((head, length)))
}

/// What header lines say of their request's way.
#[derive(Default)]
struct Lines {
    framing: Framing,
    hosts: usize,
    lengths: usize,
    persists: bool,
    closes: bool,
    waits: bool,
}

impl Lines {
    /// Takes a line into account. Says whether it tells anything new.
    fn see(&mut self, name: &[u8], value: &[u8], old: bool) -> Result<bool, Fault> {
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => self.hosts += 1,
            6 if name.eq_ignore_ascii_case(b"expect") => {
                self.waits = value.trim_ascii().eq_ignore_ascii_case(b"100-continue");
            }
            10 if name.eq_ignore_ascii_case(b"connection") => {
                for option in value.split(|b| *b == b',').map(<[u8]>::trim_ascii) {
                    self.closes |= option.eq_ignore_ascii_case(b"close");
                    self.persists |= option.eq_ignore_ascii_case(b"keep-alive");
                }
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                self.framing.see(name, value.trim_ascii()).map_err(|_| Fault::Malformed("its Content-Length"))?;
                self.lengths += 1;
                return Ok(self.lengths == 1);
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                coding(value.trim_ascii(), self.framing, old)?;
                self.framing = Framing::Chunked;
            }
            _ => {}
        }
        Ok(true)
    }
}

/// Path and query of a target.
fn split_target(target: &str) -> Result<(String, Option<String>), Fault> {
    let kinds = target.bytes().fold(0, |kinds, byte| kinds | KIND[usize::from(byte)]);
    accept(target.as_bytes(), kinds)?;
    if target.starts_with('/') && kinds == 0 {
        let query = memchr::memchr(b'?', target.as_bytes());
        let (path, query) = query.map_or((target, None), |at| (&target[..at], Some(&target[at + 1..])));
        return Ok((path.to_owned(), query.map(str::to_owned)));
    }
    let uri = http::Uri::try_from(target).map_err(|_| Fault::Malformed("its first line"))?;
    Ok((uri.path().to_owned(), uri.query().map(str::to_owned)))
}

/// Whether a target can be taken for its length and its characters.
pub(crate) fn target(target: &[u8]) -> Result<(), Fault> {
    accept(target, target.iter().fold(0, |kinds, byte| kinds | KIND[usize::from(*byte)]))
}

fn accept(target: &[u8], kinds: u8) -> Result<(), Fault> {
    match kinds & REFUSED {
        _ if target.len() > LONGEST_TARGET => Err(Fault::LongTarget),
        0 => Ok(()),
        _ => Err(Fault::Malformed("a character in its target that must be percent-encoded")),
    }
}

/// What is wrong with a complete head that httparse does not take, told as [`read`] tells it; `Ok`: nothing that we know of.
pub(crate) fn check(head: &[u8]) -> Result<(), Fault> {
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
    self::hosts(hosts, old)
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

/// Of a head that is refused: whether it is a HEAD request, whose answer has no body, and whether it is HTTP/1.0.
pub(crate) fn shape(head: &[u8]) -> (bool, bool) {
    let line = head.split(|b| *b == b'\n').next().unwrap_or_default().trim_ascii_end();
    (line.starts_with(b"HEAD "), line.ends_with(b" HTTP/1.0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both readings of a head, which must agree.
    fn checked(head: &[u8]) -> Result<Framing, Fault> {
        let whole = read(head);
        let expected = whole.as_ref().map_or_else(|fault| fault.map_or(check(head), Err), |_| Ok(()));
        assert_eq!(check(head), expected, "{}", head.escape_ascii());
        for cut in (0..head.len().min(80)).chain([head.len() - 1]) {
            let part = read(&head[..cut]);
            assert!(matches!(part, Ok(None)) || whole == Err(None), "{:?} {part:?}", head.escape_ascii().to_string());
        }
        match whole {
            Ok(head) => Ok(head.map_or(Framing::Unknown, |(head, _)| head.framing)),
            Err(fault) => Err(fault.or(check(head).err()).unwrap_or(Fault::Malformed("nothing"))),
        }
    }

    #[test]
    fn what_a_head_says() {
        let rows = [
            (
                "GET /a/b?c=d?e HTTP/1.1\r\nHOST: x\r\nX-Empty:\r\nx:  a b\t\r\n\r\n",
                "GET /a/b Some(\"c=d?e\") HOST=x X-Empty= x=a b; keeps",
            ),
            ("\r\n\nGET /? HTTP/1.1\nHost:x\n\nmore", "GET / Some(\"\") Host=x; keeps"),
            ("GET http://h/p?q#f HTTP/1.1\r\nHost: x\r\n\r\n", "GET /p Some(\"q\") Host=x; keeps"),
            ("GET /p#f HTTP/1.1\r\nHost: x\r\n\r\n", "GET /p None Host=x; keeps"),
            ("GET http://h HTTP/1.1\r\nHost: x\r\n\r\n", "GET / None Host=x; keeps"),
            ("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * None Host=x; keeps"),
            (
                "X / HTTP/1.1\r\nHost: x\r\nConnection: a, Close\r\nConnection: keep-alive\r\n\r\n",
                "X / None Host=x Connection=a, Close Connection=keep-alive;",
            ),
            ("X / HTTP/1.0\r\n\r\n", "X / None; old"),
            ("X / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "X / None Connection=Keep-Alive; old keeps"),
            (
                "X / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n",
                "X / None Host=x Expect=100-Continue Content-Length=1; keeps waits",
            ),
            (
                "X / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 0\r\n\r\n",
                "X / None Host=x Expect=100-Continue Content-Length=0; keeps",
            ),
            (
                "X / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
                "X / None Host=x Content-Length=1; keeps",
            ),
            (
                "X / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "X / None Host=x Transfer-Encoding=chunked;",
            ),
        ];
        for (head, expected) in rows {
            let Ok(Some((read, length))) = read(head.as_bytes()) else { unreachable!("{head}") };
            assert_eq!(length, head.len() - if head.ends_with("more") { 4 } else { 0 });
            let Told { method, path, query, headers } = read.told;
            let lines: String =
                headers.0.iter().map(|h| format!(" {}={}", h.name(), String::from_utf8_lossy(&h.value))).collect();
            let flags: String = [(read.old, " old"), (read.persists, " keeps"), (read.waits, " waits")]
                .map(|(is, word)| if is { word } else { "" })
                .concat();
            assert_eq!(format!("{method} {path} {query:?}{lines};{flags}"), expected);
        }
    }

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
            assert_eq!(checked(head.as_bytes()), expected, "{}", &head[..head.len().min(200)]);
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
            assert_eq!(checked(head.as_bytes()), other, "{coding}");
        }
        assert_eq!(checked(b"PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), other);
        let raw = Err(Malformed("a character in its target that must be percent-encoded"));
        for c in "\"<>\\^`{|}\t\u{7f}".chars() {
            for target in [format!("/a{c}b"), format!("/?a={c}")] {
                assert_eq!(checked(format!("GET {target} HTTP/1.1\r\n{host}\r\n").as_bytes()), raw, "{target}");
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
        assert_eq!(shape(b"HEAD /\" HTTP/1.0\r\n\r\n"), (true, true));
        assert_eq!(shape(b"{}"), (false, false));
    }
}
