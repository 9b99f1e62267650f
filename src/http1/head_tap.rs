//! Request heads as the client wrote them. hyper hands out header names in lower case, so they are read once more from the
//! connection's bytes: names as sent, in the order sent.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;

use super::chunked::{Decoder, Malformed, Piece};
use super::framing::Framing;
use super::head::lines;
use super::message::Headers;

/// Watches the bytes of an HTTP/1 connection and keeps each request's head until it is asked for.
pub(crate) struct HeadTap {
    state: State,
    /// The head so far, when it comes in pieces.
    head: BytesMut,
    /// The length of the head's last line so far, and whether it is a lone carriage return.
    line: usize,
    lone_cr: bool,
    complete: VecDeque<Bytes>,
    longest: usize,
}

/// Where in the stream of requests we are.
enum State {
    Head,
    /// In a body of known length; so many bytes are left.
    Length(u64),
    Chunked(Decoder),
    /// Not HTTP/1 as we know it (any more): hyper will close the connection.
    Lost,
}

impl HeadTap {
    /// Watches from the start of a connection; a head over `longest` bytes is hyper's to refuse.
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
    pub(crate) fn see(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let taken = match &mut self.state {
                State::Head => self.see_head(bytes),
                State::Length(left) => {
                    let taken = (bytes.len() as u64).min(*left);
                    *left -= taken;
                    if *left == 0 {
                        self.state = State::Head;
                    }
                    taken as usize
                }
                State::Chunked(decoder) => match decoder.take(bytes) {
                    Ok((taken, piece)) => {
                        if piece == Piece::End {
                            self.state = State::Head;
                        }
                        taken
                    }
                    Err(Malformed) => return self.lose(),
                },
                State::Lost => return,
            };
            bytes = &bytes[taken..];
        }
    }

    /// The oldest head that was not asked for.
    pub(crate) fn take(&mut self) -> Option<Bytes> {
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

    fn see_head(&mut self, bytes: &[u8]) -> usize {
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
                return end + 1; // empty lines before a request
            }
            self.finish(&bytes[..=end]);
            return end + 1;
        }
        let rest = &bytes[start..];
        self.lone_cr = self.line == 0 && rest == b"\r";
        self.line += rest.len();
        self.head.extend_from_slice(bytes);
        if self.head.len() > self.longest {
            self.lose();
        }
        bytes.len()
    }

    fn finish(&mut self, end: &[u8]) {
        let head = if self.head.is_empty() {
            Bytes::copy_from_slice(end)
        } else {
            self.head.extend_from_slice(end);
            self.head.split().freeze()
        };
        self.head = BytesMut::new();
        match after(&head) {
            Some(state) => {
                self.state = state;
                self.complete.push_back(head);
            }
            None => self.lose(),
        }
    }
}

/// What follows a head; `None` for what hyper refuses.
fn after(head: &[u8]) -> Option<State> {
    let mut framing = Framing::default();
    for (name, value) in lines(head) {
        framing.see(name, value).ok()?;
    }
    match framing {
        Framing::Unsaid | Framing::Length(0) => Some(State::Head),
        Framing::Length(length) => Some(State::Length(length)),
        Framing::Chunked => Some(State::Chunked(Decoder::default())),
        Framing::Unknown => None,
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
        POST /b HTTP/1.1\nContent-LENGTH: 5\r\n\r\nhelloPUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\
        3;ext=1\r\n\n\r\n\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nGET /d HTTP/1.1\r\n\r\nGET /e";

    #[test]
    fn heads_whatever_the_pieces() {
        for step in 1..=STREAM.len() {
            let mut tap = HeadTap::new(1000);
            STREAM.chunks(step).for_each(|piece| tap.see(piece));
            let heads: Vec<String> = std::iter::from_fn(|| tap.take())
                .map(|head| String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned())
                .collect();
            let expected = ["GET /a HTTP/1.1", "POST /b HTTP/1.1", "PUT /c HTTP/1.1", "GET /d HTTP/1.1"];
            assert_eq!(heads, expected, "in pieces of {step}");
            assert!(tap.in_head() && !tap.has_complete());
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

    #[test]
    fn a_head_over_the_limit_is_not_kept() {
        let mut tap = HeadTap::new(20);
        tap.see(b"GET /0123456789 HTTP/1.1\r\n");
        tap.see(b"\r\n");
        assert!(tap.take().is_none() && !tap.in_head());
    }
}
