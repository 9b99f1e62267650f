//! What an HTTP/2 connection of hyper's, its socket and its service know of each other.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::http1::progress::{Phase, Progress};
use crate::memory::Client;

/// Bytes of a ping and its answer in one piece.
const PING: usize = 2 * 17;

/// How far a connection is.
pub(crate) struct Link {
    progress: Progress,
    /// Requests without an answer.
    active: Cell<usize>,
    /// Answers that stream.
    streams: Cell<usize>,
}

impl Link {
    /// The link of a new connection.
    pub(crate) fn new() -> Link {
        Link { progress: Progress::new(), active: Cell::new(0), streams: Cell::new(0) }
    }

    /// What the client is expected to do, and since when.
    pub(crate) fn phase(&self) -> (Phase, Instant) {
        match self.progress.phase() {
            (Phase::Idle, since) if self.streams.get() > 0 => (Phase::Streaming, since),
            phase => phase,
        }
    }

    /// A request came in.
    pub(crate) fn begin(&self) {
        self.active.set(self.active.get() + 1);
        self.progress.enter(Phase::Busy);
    }

    /// An answer is ready, or there will be none.
    pub(crate) fn finish(&self) {
        self.active.set(self.active.get().saturating_sub(1));
        if self.active.get() == 0 {
            self.progress.enter(Phase::Idle);
        }
    }

    /// An answer streams from now on, for as long as what is returned lives.
    pub(crate) fn stream(link: &Rc<Link>) -> Streaming {
        link.streams.set(link.streams.get() + 1);
        Streaming(link.clone())
    }

    /// Bytes went to or came from the client. Its answers may be complete here long before it has taken them; the short frames of
    /// pings say nothing.
    fn moved(&self, count: usize) {
        if count > PING {
            self.still_idle();
        }
    }

    fn still_idle(&self) {
        if self.progress.phase().0 == Phase::Idle {
            self.progress.enter(Phase::Idle);
        }
    }
}

/// An answer that streams over a connection.
pub(crate) struct Streaming(Rc<Link>);

impl Drop for Streaming {
    fn drop(&mut self) {
        self.0.streams.set(self.0.streams.get() - 1);
        self.0.still_idle();
    }
}

/// The client's socket.
pub(crate) struct Socket {
    stream: TcpStream,
    /// Bytes that were read to learn the protocol.
    first: BytesMut,
    link: Rc<Link>,
    client: Arc<Client>,
}

impl Socket {
    /// A socket of which `first` was read already.
    pub(crate) fn new(stream: TcpStream, first: BytesMut, link: Rc<Link>, client: Arc<Client>) -> Socket {
        Socket { stream, first, link, client }
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let socket = self.get_mut();
        let before = buf.filled().len();
        if socket.first.is_empty() {
            ready!(Pin::new(&mut socket.stream).poll_read(cx, buf))?;
        } else {
            let length = socket.first.len().min(buf.remaining());
            buf.put_slice(&socket.first[..length]);
            socket.first.advance(length);
            if socket.first.is_empty() {
                socket.first = BytesMut::new(); // gives its memory back
            }
        }
        socket.link.moved(buf.filled().len() - before);
        Poll::Ready(Ok(()))
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
        let count = ready!(Pin::new(&mut socket.stream).poll_write_vectored(cx, bufs))?;
        socket.client.moved(count);
        socket.link.moved(count);
        Poll::Ready(Ok(count))
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
