//! Request heads as the client wrote them. hyper hands out header names in lower case, so they are read once more from the
//! connection's bytes: names as sent, in the order sent.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;

use super::chunked::{Decoder, Malformed, Piece};
use super::framing::Framing;
use super::head::lines;
use super::message::Headers;
use super::request_head::{Fault, check, stand_in};

/// A request's head.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Its bytes.
    pub bytes: Bytes,
    /// Why the request is refused; hyper was given another one in its place.
    pub fault: Option<Fault>,
}

/// What hyper reads of bytes that arrived.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Passed {
    /// All of them, as they are.
    AsTheyAre,
    /// These in their place: a head is held back until it is complete.
    Instead(Bytes),
}

/// Watches the bytes of an HTTP/1 connection, keeps each request's head until it is asked for, and lets hyper see no head that
/// the gateway itself has to refuse.
pub(crate) struct HeadTap {
    state: State,
    /// The head so far, when it comes in pieces.
    head: BytesMut,
    /// The length of the head's last line so far, and whether it is a lone carriage return.
    line: usize,
    lone_cr: bool,
    complete: VecDeque<Seen>,
    longest: usize,
}

/// Where in the stream of requests we are.
enum State {
    Head,
    /// In a body of known length; so many bytes are left.
    Length(u64),
    Chunked(Decoder),
    /// A request was refused for its head: where the next one begins is not known, and nobody reads on.
    Refused,
    /// Not HTTP/1 as we know it (any more): hyper will close the connection.
    Lost,
}

/// What hyper reads, as long as it is not the bytes themselves.
struct Passing<'a> {
    bytes: &'a [u8],
    /// Where in `bytes` we are.
    at: usize,
    instead: Option<BytesMut>,
}

impl Passing<'_> {
    /// Lets the next bytes through.
    fn pass(&mut self, count: usize) {
        if let Some(instead) = &mut self.instead {
            instead.extend_from_slice(&self.bytes[self.at..self.at + count]);
        }
        self.at += count;
    }

    /// Passes over the next bytes; hyper reads others in their place.
    fn replace(&mut self, count: usize, by: &[u8]) {
        self.instead.get_or_insert_with(|| BytesMut::from(&self.bytes[..self.at])).extend_from_slice(by);
        self.at += count;
    }
}

impl HeadTap {
    /// Watches from the start of a connection; a head over `longest` bytes is refused.
    pub(crate) fn new(longest: usize) -> HeadTap {
        HeadTap {
            state: State::Head,
            head: BytesMut::new(),
            line: 0,
            lone_cr: false,
            complete: VecDeque::new(),
            longest,
        }
    }

    /// Bytes that arrived.
    pub(crate) fn see(&mut self, bytes: &[u8]) -> Passed {
        let mut passing = Passing { bytes, at: 0, instead: None };
        while passing.at < bytes.len() {
            let rest = &bytes[passing.at..];
            match &mut self.state {
                State::Head => self.see_head(&mut passing),
                State::Length(left) => {
                    let taken = (rest.len() as u64).min(*left);
                    *left -= taken;
                    if *left == 0 {
                        self.state = State::Head;
                    }
                    passing.pass(taken as usize);
                }
                State::Chunked(decoder) => match decoder.take(rest) {
                    Ok((taken, piece)) => {
                        if piece == Piece::End {
                            self.state = State::Head;
                        }
                        passing.pass(taken);
                    }
                    Err(Malformed) => self.lose(),
                },
                State::Refused => passing.replace(rest.len(), b""),
                State::Lost => passing.pass(rest.len()),
            }
        }
        passing.instead.map_or(Passed::AsTheyAre, |instead| Passed::Instead(instead.freeze()))
    }

    /// The oldest head that was not asked for.
    pub(crate) fn take(&mut self) -> Option<Seen> {
        self.complete.pop_front()
    }

    /// Whether a head has begun that is not complete.
    pub(crate) fn in_head(&self) -> bool {
        !self.head.is_empty()
    }

    /// Whether a head is complete that was not asked for.
    pub(crate) fn has_complete(&self) -> bool {
        !self.complete.is_empty()
    }

    /// Stops watching.
    pub(crate) fn lose(&mut self) {
        self.state = State::Lost;
        self.head = BytesMut::new();
        self.complete.clear();
    }

    fn see_head(&mut self, passing: &mut Passing<'_>) {
        let bytes = &passing.bytes[passing.at..];
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', bytes) {
            let piece = &bytes[start..end];
            let empty = match (self.line, piece) {
                (0, [] | [b'\r']) => true,
                (1, []) => self.lone_cr,
                _ => false,
            };
            (self.line, self.lone_cr, start) = (0, false, end + 1);
            if !empty {
                continue;
            }
            let is_break = |b: &u8| matches!(b, b'\r' | b'\n');
            if self.head.iter().all(is_break) && bytes[..end].iter().all(is_break) {
                self.head.clear();
                return passing.pass(end + 1); // empty lines before a request
            }
            return self.finish(end + 1, passing);
        }
        let rest = &bytes[start..];
        self.lone_cr = self.line == 0 && rest == b"\r";
        self.line += rest.len();
        self.head.extend_from_slice(bytes);
        passing.replace(bytes.len(), b"");
        if self.head.len() > self.longest {
            let fault = if self.head.contains(&b'\n') { Fault::LongHead } else { Fault::LongTarget };
            let head = self.head.split().freeze();
            self.refuse(head, fault, 0, passing);
        }
    }

    /// The head ends with the next `length` bytes.
    fn finish(&mut self, length: usize, passing: &mut Passing<'_>) {
        let end = &passing.bytes[passing.at..passing.at + length];
        let in_pieces = !self.head.is_empty();
        let head = if in_pieces {
            self.head.extend_from_slice(end);
            self.head.split().freeze()
        } else {
            Bytes::copy_from_slice(end)
        };
        self.head = BytesMut::new();
        self.state = match check(&head) {
            Ok(Framing::Unsaid | Framing::Length(0) | Framing::Unknown) => State::Head,
            Ok(Framing::Length(length)) => State::Length(length),
            Ok(Framing::Chunked) => State::Chunked(Decoder::default()),
            Err(fault) => return self.refuse(head, fault, length, passing),
        };
        if in_pieces {
            passing.replace(length, &head);
        } else {
            passing.pass(length);
        }
        self.complete.push_back(Seen { bytes: head, fault: None });
    }

    fn refuse(&mut self, head: Bytes, fault: Fault, length: usize, passing: &mut Passing<'_>) {
        passing.replace(length, stand_in(&head));
        self.state = State::Refused;
        self.complete.push_back(Seen { bytes: head, fault: Some(fault) });
    }
}

/// The header lines of a head, as slices of it, if they are the ones that hyper read. What hyper and we read differently is not
/// believed: two readings of one connection are how requests are smuggled.
pub(crate) fn headers(head: &Bytes, read: &HeaderMap) -> Option<Headers> {
    let mut headers = Headers(Vec::with_capacity(read.len()));
    let simple = read.len() == read.keys_len();
    let mut theirs = read.iter();
    for (name, value) in lines(head) {
        let same = if simple {
            let (their_name, their_value) = theirs.next()?;
            their_name.as_str().as_bytes().eq_ignore_ascii_case(name) && their_value.as_bytes() == value
        } else {
            read.get_all(std::str::from_utf8(name).ok()?).iter().any(|v| v.as_bytes() == value)
        };
        if !same {
            return None;
        }
        headers.push(head.slice_ref(name), head.slice_ref(value));
    }
    (headers.0.len() == read.len()).then_some(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &[u8] = b"\r\n\r\nGET /a HTTP/1.1\r\nhOsT: x\r\nX-Empty:\r\n\r\n\
        POST /b HTTP/1.1\nhost: x\nContent-LENGTH: 5\r\n\r\nhelloPUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
        3;ext=1\r\n\n\r\n\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nGET /d HTTP/1.0\r\n\r\n";

    /// What came out of the tap: the first lines of the heads that it kept, and all that hyper reads.
    fn watch(tap: &mut HeadTap, stream: &[u8], step: usize) -> (Vec<String>, String) {
        let mut read = Vec::new();
        for piece in stream.chunks(step) {
            match tap.see(piece) {
                Passed::AsTheyAre => read.extend_from_slice(piece),
                Passed::Instead(bytes) => read.extend_from_slice(&bytes),
            }
        }
        let first = |seen: Seen| String::from_utf8_lossy(&seen.bytes).lines().next().unwrap_or_default().to_owned();
        let heads = std::iter::from_fn(|| tap.take()).map(first).collect();
        (heads, String::from_utf8_lossy(&read).into_owned())
    }

    #[test]
    fn heads_whatever_the_pieces() {
        let all = String::from_utf8_lossy(STREAM);
        for step in 1..=STREAM.len() {
            let mut tap = HeadTap::new(1000);
            let (heads, read) = watch(&mut tap, &[STREAM, b"GET /e"].concat(), step);
            let expected = ["GET /a HTTP/1.1", "POST /b HTTP/1.1", "PUT /c HTTP/1.1", "GET /d HTTP/1.0"];
            assert_eq!(heads, expected, "in pieces of {step}");
            assert_eq!(read.trim_start(), all.trim_start(), "in pieces of {step}");
            assert!(tap.in_head() && !tap.has_complete());
        }
    }

    #[test]
    fn hyper_reads_another_request_in_place_of_one_that_is_refused() {
        let stream = [STREAM, b"HEAD /{e} HTTP/1.1\r\nHost: x\r\n\r\nGET /f HTTP/1.1\r\nHost: x\r\n\r\n"].concat();
        for step in 1..=stream.len() {
            let (heads, read) = watch(&mut HeadTap::new(1000), &stream, step);
            assert_eq!(heads.last().map(String::as_str), Some("HEAD /{e} HTTP/1.1"), "in pieces of {step}");
            let expected = [STREAM, b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n"].concat();
            assert_eq!(read.trim_start(), String::from_utf8_lossy(&expected).trim_start(), "in pieces of {step}");
        }
    }

    #[test]
    fn a_head_over_the_limit_is_refused_before_it_ends() {
        for (sent, fault) in [("GET /0123456789abcdef", Fault::LongTarget), ("GET / HTTP/1.1\r\nHost", Fault::LongHead)]
        {
            for step in [1, 7, 100] {
                let mut tap = HeadTap::new(18);
                let read: Vec<Passed> = sent.as_bytes().chunks(step).map(|piece| tap.see(piece)).collect();
                let stand_in = Passed::Instead(Bytes::from_static(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"));
                assert_eq!(read.iter().filter(|passed| **passed == stand_in).count(), 1, "{sent}");
                assert_eq!(tap.take().and_then(|seen| seen.fault), Some(fault));
                assert!(!tap.in_head() && !tap.has_complete());
            }
        }
    }

    #[test]
    fn only_what_hyper_read_too_is_believed() {
        let head = Bytes::from_static(b"GET / HTTP/1.1\r\nhOsT: x\r\nX-B:  1 \r\nX-b: 2\r\nX-Empty:\r\n\r\n");
        let mut read = HeaderMap::new();
        for (name, value) in [("host", "x"), ("x-b", "1"), ("x-empty", "")] {
            read.append(name, value.parse().unwrap_or_else(|_| unreachable!()));
        }
        assert!(headers(&head, &read).is_none());
        read.append("x-b", "2".parse().unwrap_or_else(|_| unreachable!()));
        let found = headers(&head, &read).unwrap_or_default();
        let lines: Vec<String> =
            found.0.iter().map(|h| format!("{}={}", h.name(), String::from_utf8_lossy(&h.value))).collect();
        assert_eq!(lines, ["hOsT=x", "X-B=1", "X-b=2", "X-Empty="]);
    }
}
