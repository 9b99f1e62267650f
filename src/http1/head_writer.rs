//! Response heads as the gateway spells them. hyper writes header names in lower case, so it is only given the framing; its
//! head is exchanged for ours as it is written.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::mem::take;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant, SystemTime};

use http::StatusCode;
use tokio::io::AsyncWrite;

use super::body_stream::Body;
use super::chunked::{Decoder, Piece};
use super::framing::is_bodiless;
use super::head::Head;
use super::message::Response;

/// What a head begins with, unless the client is older.
const VERSION: &[u8] = b"HTTP/1.1 ";

/// A head that waits for hyper to write its own.
pub(crate) struct ResponseHead {
    /// All but `Connection` and the empty line, which are put on when it is written; so is the version.
    lines: Vec<u8>,
    body: Follows,
}

/// The body that hyper writes behind a head.
enum Follows {
    /// So many bytes.
    Bytes(u64),
    /// A stream: in chunks, or to the connection's end for an older client.
    Stream,
}

impl ResponseHead {
    /// Renders a response's head. The date is the gateway's own.
    pub(crate) fn render(response: &Response, is_head: bool) -> ResponseHead {
        let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut head = Head::answer(VERSION, status);
        with_date(|date| head.line(b"Date", date.as_bytes()));
        head.lines(response.headers.0.iter().filter(|header| !header.name.eq_ignore_ascii_case(b"date")));
        let bodiless = is_bodiless(response.status);
        let body = match &response.body {
            _ if bodiless => Follows::Bytes(0),
            Body::Stream(_) if is_head => Follows::Bytes(0),
            Body::Stream(_) => Follows::Stream,
            Body::Whole(body) => {
                head.length(body.len());
                Follows::Bytes(if is_head { 0 } else { body.len() as u64 })
            }
        };
        ResponseHead { lines: head.into_bytes(), body }
    }

    /// The whole head, in place of hyper's, and what is to come behind it.
    fn finish(mut self, theirs: &[u8]) -> (Vec<u8>, Left) {
        let says = |line: &[u8]| memchr::memmem::find(theirs, line).is_some();
        let old = !theirs.starts_with(VERSION);
        if let (true, Some(theirs)) = (old, theirs.get(..VERSION.len())) {
            self.lines[..VERSION.len()].copy_from_slice(theirs);
        }
        let left = match self.body {
            Follows::Bytes(length) => Left::Bytes(length),
            Follows::Stream if old => Left::All,
            Follows::Stream => {
                self.lines.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
                Left::Chunks(Decoder::default())
            }
        };
        let kept = !old || (says(b"connection: keep-alive") && !matches!(left, Left::All));
        let close = says(b"connection: close") || !kept;
        let connection: &[u8] = if close { b"Connection: close\r\n\r\n" } else { b"Connection: keep-alive\r\n\r\n" };
        self.lines.extend_from_slice(connection);
        (self.lines, left)
    }
}

/// The date, rendered once a second.
fn with_date(put: impl FnOnce(&str)) {
    thread_local! {
        static DATE: RefCell<Option<(Instant, String)>> = const { RefCell::new(None) };
    }
    DATE.with_borrow_mut(|date| {
        if date.as_ref().is_none_or(|(until, _)| Instant::now() >= *until) {
            let now = SystemTime::now();
            let into = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().subsec_nanos();
            let left = Duration::from_secs(1).saturating_sub(Duration::from_nanos(u64::from(into)));
            *date = Some((Instant::now() + left, httpdate::fmt_http_date(now)));
        }
        if let Some((_, text)) = date {
            put(text);
        }
    });
}

/// Writes what hyper writes, with our heads in place of its own.
#[derive(Default)]
pub(crate) struct HeadWriter {
    heads: VecDeque<ResponseHead>,
    state: State,
}

#[derive(Default)]
enum State {
    /// A head of hyper's comes next.
    #[default]
    Head,
    /// Our head is on its way: bytes written of it, the length of hyper's, and the body behind it.
    Exchange { ours: Vec<u8>, written: usize, theirs: usize, body: Left },
    /// What is left goes through as it is.
    Through(Left),
    /// Everything goes through: hyper answers by itself and closes.
    Lost,
}

/// What is left of a body as hyper writes it.
enum Left {
    Bytes(u64),
    Chunks(Decoder),
    /// All until the connection's end.
    All,
}

impl Left {
    /// How many of `theirs` from byte `from` on are this body's, at most.
    fn length(&self, theirs: &[IoSlice<'_>], from: usize) -> u64 {
        match self {
            Left::Bytes(left) => *left,
            Left::Chunks(decoder) => decode(&mut decoder.clone(), theirs, from, u64::MAX).0,
            Left::All => u64::MAX,
        }
    }

    /// So many more are written. Says what comes next.
    fn after(self, theirs: &[IoSlice<'_>], from: usize, written: u64) -> State {
        match self {
            Left::Bytes(left) if left == written => State::Head,
            Left::Bytes(left) => State::Through(Left::Bytes(left - written)),
            Left::Chunks(mut decoder) => match decode(&mut decoder, theirs, from, written) {
                (_, true) => State::Head,
                (_, false) => State::Through(Left::Chunks(decoder)),
            },
            Left::All => State::Through(Left::All),
        }
    }
}

/// Goes through up to `length` bytes of chunks: how many there are, and whether the last chunk is among them.
fn decode(decoder: &mut Decoder, theirs: &[IoSlice<'_>], from: usize, length: u64) -> (u64, bool) {
    let mut pieces = [IoSlice::new(&[]); PIECES];
    let count = window(theirs, from, length, &mut pieces);
    let mut seen = 0;
    for piece in &pieces[..count] {
        let mut rest = &piece[..];
        while !rest.is_empty() {
            // What hyper writes is well-formed.
            let Ok((taken, piece)) = decoder.take(rest) else { return (seen, true) };
            seen += taken as u64;
            rest = &rest[taken..];
            if piece == Piece::End {
                return (seen, true);
            }
        }
    }
    (seen, false)
}

/// Pieces of one write: more than that wait for the next.
const PIECES: usize = 16;

impl HeadWriter {
    /// The head for hyper's next response.
    pub(crate) fn push(&mut self, head: ResponseHead) {
        self.heads.push_back(head);
    }

    /// Whether every response that was pushed is written.
    pub(crate) fn is_done(&self) -> bool {
        self.heads.is_empty() && matches!(self.state, State::Head | State::Lost)
    }

    /// Writes some of `theirs`; the count that is returned is of their bytes.
    pub(crate) fn poll_write<W: AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        io: &mut W,
        theirs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if matches!(self.state, State::Head) {
            self.begin(theirs);
        }
        let (from, written) = match &mut self.state {
            State::Exchange { ours, written, theirs: length, body } => {
                while *written < ours.len() {
                    let mut pieces = [IoSlice::new(&[]); PIECES];
                    pieces[0] = IoSlice::new(&ours[*written..]);
                    let most = body.length(theirs, *length);
                    let count = 1 + window(theirs, *length, most, &mut pieces[1..]);
                    let n = ready!(Pin::new(&mut *io).poll_write_vectored(cx, &pieces[..count]))?;
                    if n == 0 {
                        return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                    }
                    *written += n;
                }
                (*length, *written - ours.len())
            }
            State::Through(left) => {
                let mut pieces = [IoSlice::new(&[]); PIECES];
                let count = window(theirs, 0, left.length(theirs, 0), &mut pieces);
                (0, ready!(Pin::new(io).poll_write_vectored(cx, &pieces[..count]))?)
            }
            State::Head | State::Lost => return Pin::new(io).poll_write_vectored(cx, theirs),
        };
        self.state = match take(&mut self.state) {
            State::Exchange { body, .. } => body.after(theirs, from, written as u64),
            State::Through(left) => left.after(theirs, from, written as u64),
            state => state,
        };
        Poll::Ready(Ok(from + written))
    }

    /// Looks at the head that hyper is about to write.
    fn begin(&mut self, theirs: &[IoSlice<'_>]) {
        let Some(first) = theirs.iter().find(|piece| !piece.is_empty()) else { return };
        let end = memchr::memmem::find(first, b"\r\n\r\n").map(|at| at + 4);
        self.state = match end {
            // `100 Continue`
            Some(end) if first.get(9) == Some(&b'1') => State::Through(Left::Bytes(end as u64)),
            Some(end) => match self.heads.pop_front() {
                Some(head) => {
                    let (ours, body) = head.finish(&first[..end]);
                    State::Exchange { ours, written: 0, theirs: end, body }
                }
                None => State::Lost,
            },
            None => State::Lost,
        };
    }
}

/// The pieces of `theirs` from byte `from` on, `length` bytes at most; says how many pieces there are.
fn window<'a>(theirs: &'a [IoSlice<'a>], mut from: usize, mut length: u64, into: &mut [IoSlice<'a>]) -> usize {
    let mut count = 0;
    for piece in theirs {
        let skipped = from.min(piece.len());
        from -= skipped;
        let piece = &piece[skipped..];
        let piece = &piece[..(piece.len() as u64).min(length) as usize];
        if piece.is_empty() {
            continue;
        }
        if count == into.len() {
            break;
        }
        length -= piece.len() as u64;
        into[count] = IoSlice::new(piece);
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http1::body_stream::{BodyStream, Cut, Source};
    use crate::http1::message::Headers;

    /// Takes `step` bytes at a time, and every second time none.
    struct Slow {
        taken: Vec<u8>,
        step: usize,
        stall: bool,
    }

    impl AsyncWrite for Slow {
        fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
        }
        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bufs: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            self.stall = !self.stall;
            if self.stall {
                return Poll::Pending;
            }
            let all: Vec<u8> = bufs.iter().flat_map(|b| b.iter().copied()).take(self.step).collect();
            self.taken.extend_from_slice(&all);
            Poll::Ready(Ok(all.len()))
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn response(status: u16, name: &'static str, body: &'static str) -> Response {
        let mut headers = Headers::default();
        headers.push(name, "v");
        headers.push("evil", "a\r\nb: c");
        headers.push("content-length", "7");
        Response { status, headers, body: body.into() }
    }

    /// A stream that nobody reads.
    struct Silent;

    impl Source for Silent {
        fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<bytes::Bytes, Cut>>> {
            Poll::Ready(None)
        }
    }

    #[test]
    fn heads_are_exchanged_whatever_the_pieces() {
        let theirs = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi\
            HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n0\r\n\r\n\r\n0\r\n\r\n\
            HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\n";
        let expected = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntesT-Multi: v\r\nContent-Length: 2\r\n\
            Connection: keep-alive\r\n\r\nhi\
            HTTP/1.1 200 OK\r\nZ: v\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n\
            5\r\n0\r\n\r\n\r\n0\r\n\r\n\
            HTTP/1.1 204 No Content\r\nX: v\r\nConnection: keep-alive\r\n\r\n\
            HTTP/1.1 599 \r\nY: v\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
        for (step, split) in (1..40).flat_map(|step| (1..theirs.len()).step_by(7).map(move |split| (step, split))) {
            let mut writer = HeadWriter::default();
            writer.push(ResponseHead::render(&response(200, "tesT-Multi", "hi"), false));
            let stream = Response { body: BodyStream::new(Silent).into(), ..response(200, "Z", "") };
            writer.push(ResponseHead::render(&stream, false));
            writer.push(ResponseHead::render(&response(204, "X", "not sent"), false));
            writer.push(ResponseHead::render(&response(599, "Y", "12345"), true));
            let mut io = Slow { taken: Vec::new(), step, stall: false };
            let mut cx = Context::from_waker(std::task::Waker::noop());
            let mut rest = &theirs[..];
            while !rest.is_empty() {
                // hyper always offers a head in one piece.
                let head = memchr::memmem::find(rest, b"\r\n\r\n").map_or(0, |at| at + 4);
                let (a, b) = rest.split_at(split.max(head).min(rest.len()));
                match writer.poll_write(&mut cx, &mut io, &[IoSlice::new(a), IoSlice::new(b)]) {
                    Poll::Ready(Ok(n)) => rest = &rest[n..],
                    Poll::Ready(Err(e)) => unreachable!("{e}"),
                    Poll::Pending => {}
                }
            }
            let sent = String::from_utf8_lossy(&io.taken).into_owned();
            let without_dates: String =
                sent.split_inclusive("\r\n").filter(|line| !line.starts_with("Date: ")).collect();
            assert_eq!(without_dates, expected, "step {step}, split {split}");
            assert!(writer.is_done());
        }
    }
}
