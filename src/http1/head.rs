//! A message's head, read and written, for both sides: what a token is, which lines belong to the connection, every bound.

use bytes::Bytes;

use super::message::{Header, Headers};
use super::spare;

/// Bytes of a backend's head.
pub(crate) const LONGEST: usize = 256 * 1024;
/// Lines of a backend's head.
pub(crate) const LINES: usize = 1_000;
/// Lines of a request's head, whichever protocol it comes by: as many as hyper takes over HTTP/1.
pub(crate) const REQUEST_LINES: usize = 100;
/// Room for the lines of a head that is written.
const ROOM: usize = 512;
/// Bodies up to this size are copied behind the head, so that one write sends both.
const SHORT: usize = 8 * 1024;

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(byte as u8, b'0'..=b'9' | b'A'..=b'Z' | b'^'..=b'z' | b'|' | b'~')
            || matches!(byte as u8, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.');
        byte += 1;
    }
    table
};

/// Whether the bytes can be a header's name or a method (RFC 9110, 5.6.2).
pub(crate) fn is_token(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|b| TOKEN[usize::from(*b)])
}

/// Whether a line can stand in a head: nothing in it ends the line.
pub(crate) fn is_sendable(name: &[u8], value: &[u8]) -> bool {
    is_token(name) && memchr::memchr3(b'\r', b'\n', 0, value).is_none()
}

/// Whether a line is about the connection that it came over, whatever else that connection's `Connection` names.
pub(crate) fn is_of_the_connection(name: &[u8]) -> bool {
    match name.len() {
        10 => name.eq_ignore_ascii_case(b"connection") || name.eq_ignore_ascii_case(b"keep-alive"),
        14 => name.eq_ignore_ascii_case(b"content-length"),
        16 => name.eq_ignore_ascii_case(b"proxy-connection"),
        17 => name.eq_ignore_ascii_case(b"transfer-encoding"),
        _ => false,
    }
}

/// What the `Connection` lines of a message say: `close`, `keep-alive`, and the names of lines that do not go on either.
pub(crate) fn connection_options(headers: &Headers) -> impl Iterator<Item = &[u8]> {
    let options = headers.all("connection").flat_map(|header| header.value.split(|b| *b == b','));
    options.map(<[u8]>::trim_ascii).filter(|option| !option.is_empty())
}

/// Name and value of each line of a head that a parser took.
pub(crate) fn lines(head: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let start = memchr::memchr(b'\n', head).map_or(head.len(), |end| end + 1);
    let mut rest = &head[start..];
    std::iter::from_fn(move || {
        let end = memchr::memchr(b'\n', rest)?;
        let line = &rest[..end];
        rest = &rest[end + 1..];
        let colon = memchr::memchr(b':', line)?;
        Some((&line[..colon], line[colon + 1..].trim_ascii()))
    })
}

/// The head of an answer.
pub(crate) struct AnswerHead {
    /// The status.
    pub status: u16,
    /// Whether it is HTTP/1.0, whose connections close unless said otherwise.
    pub old: bool,
    /// The header lines: slices of what was received.
    pub headers: Headers,
}

impl AnswerHead {
    /// Reads a head: with its length, or `None` while its end has not come.
    pub(crate) fn read(bytes: &[u8]) -> Result<Option<(AnswerHead, usize)>, httparse::Error> {
        let mut unread = [const { std::mem::MaybeUninit::uninit() }; LINES];
        let mut parsed = httparse::Response::new(&mut []);
        let parser = httparse::ParserConfig::default();
        let httparse::Status::Complete(length) =
            parser.parse_response_with_uninit_headers(&mut parsed, bytes, &mut unread)?
        else {
            return Ok(None);
        };
        let head = Bytes::copy_from_slice(&bytes[..length]);
        let mut headers = Headers(Vec::with_capacity(parsed.headers.len()));
        for line in parsed.headers.iter() {
            headers.0.push(header_of(&head, bytes, line));
        }
        let (status, old) = (parsed.code.unwrap_or_default(), parsed.version == Some(0));
        Ok(Some((AnswerHead { status, old, headers }, length)))
    }
}

/// A line of `bytes` as part of their copy. Names that nearly every message has are the program's own text, which nobody counts.
pub(super) fn header_of(copy: &Bytes, bytes: &[u8], line: &httparse::Header<'_>) -> Header {
    let of_copy = |part: &[u8]| {
        let start = part.as_ptr().addr() - bytes.as_ptr().addr();
        copy.slice(start..start + part.len())
    };
    let name = common(line.name).map_or_else(|| of_copy(line.name.as_bytes()), Bytes::from_static);
    Header { name, value: of_copy(line.value.trim_ascii()) }
}

/// The name as text of the program, if it is a common one in a common spelling.
fn common(name: &str) -> Option<&'static [u8]> {
    macro_rules! one_of {
        ($($known:literal)*) => {
            match name {
                $($known => Some($known.as_bytes()),)*
                _ => None,
            }
        };
    }
    one_of! {
        "Host" "host" "Date" "date" "Accept" "accept" "Cookie" "cookie" "Connection" "connection" "User-Agent" "user-agent"
        "Content-Type" "content-type" "Authorization" "authorization" "Content-Length" "content-length"
        "Accept-Encoding" "accept-encoding" "X-Forwarded-For" "x-forwarded-for" "X-Amzn-RequestId" "x-amzn-requestid"
        "X-Amzn-Trace-Id" "x-amzn-trace-id" "X-Forwarded-Proto" "x-forwarded-proto"
    }
}

/// A head in the making. Lines that could break out of it are left out, so that no header of a template, a client or a backend
/// can smuggle a line or a second message in.
pub(crate) struct Head(Vec<u8>);

impl Head {
    /// Begins the head of a request with a body of that length.
    pub(crate) fn request(method: &str, target: &str, host: &str, body: usize) -> Head {
        let mut head = Head::open(b"", body);
        head.put(&[method.as_bytes(), b" ", target.as_bytes(), b" HTTP/1.1\r\nHost: ", host.as_bytes(), b"\r\n"]);
        head
    }

    /// Goes on with a head of which so much is there already.
    pub(crate) fn open(begun: &[u8], body: usize) -> Head {
        let mut buffer = spare::take(begun.len() + ROOM + if body <= SHORT { body } else { 0 });
        buffer.extend_from_slice(begun);
        Head(buffer)
    }

    /// Begins the head of an answer.
    pub(crate) fn answer(version: &[u8], status: http::StatusCode) -> Head {
        let mut head = Head(spare::take(ROOM));
        let reason = status.canonical_reason().unwrap_or_default();
        head.put(&[version, status.as_str().as_bytes(), b" ", reason.as_bytes(), b"\r\n"]);
        head
    }

    /// Adds a line.
    pub(crate) fn line(&mut self, name: &[u8], value: &[u8]) {
        if is_sendable(name, value) {
            self.put(&[name, b": ", value, b"\r\n"]);
        }
    }

    /// Adds lines that are written already.
    pub(crate) fn written(&mut self, lines: &[u8]) {
        self.put(&[lines]);
    }

    /// Adds the lines of a message, but for those that belong to the connection.
    pub(crate) fn lines<'a>(&mut self, headers: impl Iterator<Item = &'a Header>) {
        for header in headers.filter(|header| !is_of_the_connection(&header.name)) {
            self.line(&header.name, &header.value);
        }
    }

    /// Adds `Content-Length`.
    pub(crate) fn length(&mut self, length: usize) {
        self.put(&[b"Content-Length: ", itoa::Buffer::new().format(length).as_bytes(), b"\r\n"]);
    }

    /// Ends the head. A short body is copied behind it; what is returned beside it is the body that is left to send.
    pub(crate) fn end(mut self, body: Bytes) -> (Vec<u8>, Bytes) {
        self.0.extend_from_slice(b"\r\n");
        if body.len() > SHORT {
            return (self.0, body);
        }
        self.0.extend_from_slice(&body);
        spare::give_bytes(body);
        (self.0, Bytes::new())
    }

    /// What is there so far.
    pub(crate) fn so_far(&self) -> &[u8] {
        &self.0
    }

    /// Ends the head.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.0.extend_from_slice(b"\r\n");
        self.0
    }

    fn put(&mut self, parts: &[&[u8]]) {
        parts.iter().for_each(|part| self.0.extend_from_slice(part));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        let all: Vec<u8> = (0..=255).filter(|b| is_token(&[*b])).collect();
        let expected = "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~";
        assert_eq!(String::from_utf8_lossy(&all), expected);
        assert!(!is_token(b"") && is_token(b"X-Amzn-Trace-Id") && !is_token(b"a b"));
    }
}
