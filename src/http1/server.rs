//! A client's socket as hyper sees it: what comes in is watched, heads that go out are exchanged, progress is timed.

use std::cell::{Cell, RefCell};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::head_tap::{HeadTap, Passed, Seen};
use super::head_writer::{HeadWriter, ResponseHead};
use crate::memory::Client;

/// Bytes of an HTTP/2 ping and its answer in one piece.
const PING: usize = 2 * 17;

/// What a connection, its socket and its service know of each other.
pub(crate) struct Link {
    /// Heads that came in, for HTTP/1.
    tap: RefCell<HeadTap>,
    /// Heads that go out, for HTTP/1.
    writer: RefCell<HeadWriter>,
    http2: bool,
    /// Requests without an answer.
    active: Cell<usize>,
    /// Answers that stream, for HTTP/2.
    streams: Cell<usize>,
    /// What the client is expected to do, and since when.
    phase: Cell<(Phase, Instant)>,
    /// Whether the process is about to end: answers say `Connection: close`.
    closing: Cell<bool>,
}

/// What a client is expected to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Send a request, some time.
    Idle,
    /// Send the rest of a head.
    Head,
    /// Wait: its request is being answered.
    Busy,
    /// Take its answer.
    Writing,
}

impl Link {
    /// The link of a new connection; `longest_head` is for hyper's refusal.
    pub(crate) fn new(http2: bool, longest_head: usize) -> Link {
        Link {
            tap: RefCell::new(HeadTap::new(longest_head)),
            writer: RefCell::default(),
            http2,
            active: Cell::new(0),
            streams: Cell::new(0),
            phase: Cell::new((Phase::Idle, Instant::now())),
            closing: Cell::new(false),
        }
    }

    /// Whether the connection speaks HTTP/2.
    pub(crate) fn is_http2(&self) -> bool {
        self.http2
    }

    /// The phase, and since when.
    pub(crate) fn phase(&self) -> (Phase, Instant) {
        self.phase.get()
    }

    /// The process is about to end.
    pub(crate) fn close(&self) {
        self.closing.set(true);
    }

    /// Whether the process is about to end.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.get()
    }

    /// A request came in: its head as sent, for HTTP/1.
    pub(crate) fn begin(&self) -> Option<Seen> {
        self.active.set(self.active.get() + 1);
        self.enter(Phase::Busy);
        if self.http2 { None } else { self.tap.borrow_mut().take() }
    }

    /// The head could not be believed: nothing on this connection is any more.
    pub(crate) fn distrust(&self) {
        self.tap.borrow_mut().lose();
        self.close();
    }

    /// The answer is ready; HTTP/1 has a head for it.
    pub(crate) fn finish(&self, head: Option<ResponseHead>) {
        self.active.set(self.active.get().saturating_sub(1));
        match head {
            Some(head) => self.writer.borrow_mut().push(head),
            None if self.active.get() == 0 => self.enter(Phase::Idle),
            None => {}
        }
    }

    /// An answer streams from now on, for as long as what is returned lives.
    pub(crate) fn stream(link: &Rc<Link>) -> Streaming {
        link.streams.set(link.streams.get() + 1);
        Streaming(link.clone())
    }

    fn enter(&self, phase: Phase) {
        self.phase.set((phase, Instant::now()));
    }

    /// Bytes went to or came from an HTTP/2 client. Its answers may be complete here long before it has taken them; the short
    /// frames of pings say nothing.
    fn moved(&self, count: usize) {
        if count > PING && self.phase.get().0 == Phase::Idle {
            self.enter(Phase::Idle);
        }
    }

    /// Bytes came from an HTTP/1 client.
    fn saw(&self, bytes: &[u8]) -> Passed {
        let mut tap = self.tap.borrow_mut();
        let passed = tap.see(bytes);
        if tap.in_head() && self.phase.get().0 == Phase::Idle {
            self.enter(Phase::Head);
        }
        passed
    }

    /// After a write that took something, or nothing.
    fn wrote(&self, result: &Poll<io::Result<usize>>) {
        if self.http2 {
            return;
        }
        let done = self.writer.borrow().is_done() && self.active.get() == 0;
        match result {
            Poll::Ready(_) if done => {
                let tap = self.tap.borrow();
                match (tap.has_complete(), tap.in_head()) {
                    (true, _) => self.enter(Phase::Busy),
                    (false, true) => self.enter(Phase::Head),
                    (false, false) => self.enter(Phase::Idle),
                }
            }
            // If there is more to write, it is tried at once; if not, the client waits for a stream to go on.
            Poll::Ready(_) if self.phase.get().0 == Phase::Writing => self.enter(Phase::Busy),
            Poll::Pending if self.phase.get().0 != Phase::Writing => self.enter(Phase::Writing),
            _ => {}
        }
    }
}

/// An answer that streams over a connection.
pub(crate) struct Streaming(Rc<Link>);

impl Drop for Streaming {
    fn drop(&mut self) {
        self.0.streams.set(self.0.streams.get() - 1);
        if self.0.phase.get().0 == Phase::Idle {
            self.0.enter(Phase::Idle);
        }
    }
}

/// How long clients may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For the rest of a head.
    pub head: Duration,
    /// For the next request, and for taking any of an answer.
    pub idle: Duration,
    /// For a connection of HTTP/2 on which only streams are left, and nothing goes by.
    pub stream: Duration,
}

/// What is to be done with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing; look again after that time.
    Keep(Duration),
    /// It is idle: close it.
    Close,
    /// The client is too slow: break it off.
    Break,
}

impl Patience {
    /// Judges a connection.
    pub(crate) fn judge(&self, link: &Link) -> Verdict {
        let (phase, since) = link.phase();
        let waited = since.elapsed();
        let (patience, end) = match phase {
            Phase::Busy => return Verdict::Keep(self.head),
            // Which side such a stream waits for is not known; the backend's patience is as long.
            Phase::Idle if link.streams.get() > 0 => (self.stream, Verdict::Break),
            Phase::Idle => (self.idle, Verdict::Close),
            Phase::Head => (self.head, Verdict::Break),
            Phase::Writing => (self.idle, Verdict::Break),
        };
        match patience.checked_sub(waited) {
            Some(left) if !left.is_zero() => Verdict::Keep(left.min(self.head)),
            _ => end,
        }
    }
}

/// A client's socket.
pub(crate) struct Socket {
    stream: TcpStream,
    /// Bytes that were read to learn the protocol.
    first: Bytes,
    /// Bytes that hyper reads in place of those that came.
    instead: Bytes,
    link: Rc<Link>,
    client: Arc<Client>,
}

impl Socket {
    /// A socket of which `first` was read already.
    pub(crate) fn new(stream: TcpStream, first: Bytes, link: Rc<Link>, client: Arc<Client>) -> Socket {
        Socket { stream, first, instead: Bytes::new(), link, client }
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let socket = self.get_mut();
        loop {
            if !socket.instead.is_empty() {
                take(&mut socket.instead, buf);
                return Poll::Ready(Ok(()));
            }
            let before = buf.filled().len();
            if socket.first.is_empty() {
                ready!(Pin::new(&mut socket.stream).poll_read(cx, buf))?;
            } else {
                take(&mut socket.first, buf);
            }
            let came = &buf.filled()[before..];
            if socket.link.http2 {
                socket.link.moved(came.len());
                return Poll::Ready(Ok(()));
            }
            match socket.link.saw(came) {
                Passed::AsTheyAre => return Poll::Ready(Ok(())),
                Passed::Instead(bytes) => {
                    buf.set_filled(before);
                    socket.instead = bytes;
                }
            }
        }
    }
}

/// As many bytes as there is room for.
fn take(from: &mut Bytes, buf: &mut ReadBuf<'_>) {
    let length = from.len().min(buf.remaining());
    buf.put_slice(&from[..length]);
    from.advance(length);
    if from.is_empty() {
        *from = Bytes::new(); // gives its memory back
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let socket = self.get_mut();
        if socket.link.http2 {
            let result = Pin::new(&mut socket.stream).poll_write_vectored(cx, bufs);
            if let Poll::Ready(Ok(count)) = &result {
                socket.client.moved(*count);
                socket.link.moved(*count);
            }
            return result;
        }
        let result = socket.link.writer.borrow_mut().poll_write(cx, &mut socket.stream, bufs);
        if let Poll::Ready(Ok(count)) = &result {
            socket.client.moved(*count);
        }
        socket.link.wrote(&result);
        result
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
