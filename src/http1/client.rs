//! HTTP/1.1 towards a backend: one request, one answer, header names as the backend spells them.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::chunked::{Decoder, Malformed, Piece};
use super::clock;
use super::framing::{Framing, is_bodiless};
use super::head::{AnswerHead, Head, LONGEST, connection_options};
use super::message::Headers;
use super::spare;
use super::turn::turn;
use crate::json_text::ReadAhead;
use crate::memory::{Full, Reservation};

/// A head that is read again with each of its pieces.
const SHORT: usize = 1024;
/// What is read at once.
const READ: usize = 16 * 1024;

thread_local! {
    /// What heads are read into, and the short bodies behind them.
    static INPUT: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into());
}

/// A backend's answer.
#[derive(Debug)]
pub(crate) struct UpstreamResponse {
    /// The status.
    pub status: u16,
    /// The header lines as sent.
    pub headers: Headers,
    /// The whole body, without transfer coding.
    pub body: Bytes,
    /// What of the body's strings was read while it came.
    pub ahead: ReadAhead,
    /// When all of it was there.
    pub at: Instant,
}

/// An answer whose head is there.
pub(crate) struct Begun {
    /// The status.
    pub status: u16,
    /// The header lines as sent.
    pub headers: Headers,
    framing: Framing,
    /// What came behind the head already.
    buffer: BytesMut,
    /// Whether the connection may carry another exchange if nothing goes wrong with the body.
    persists: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Error {
    /// The connection broke, or what came is not HTTP.
    Network(String),
    /// The body is over the limit; with the length that was announced.
    TooLarge(Option<u64>),
    /// The other side closed the connection before the answer's end.
    Closed,
    /// There is no memory left for the answer.
    NoMemory,
}

impl From<Full> for Error {
    fn from(_: Full) -> Error {
        Error::NoMemory
    }
}

impl From<Malformed> for Error {
    fn from(_: Malformed) -> Error {
        Error::Network("the answer's chunks are broken".into())
    }
}

impl From<io::Error> for Error {
    fn from(e: io::Error) -> Error {
        Error::Network(e.to_string())
    }
}

/// What goes out; it can be sent again.
pub(crate) struct Outgoing {
    /// Request line and header lines with the empty line; a short body already follows.
    head: Vec<u8>,
    /// The body, unless it follows the head.
    body: Bytes,
    /// Whether it is a HEAD request, whose answer has no body whatever its head says.
    is_head: bool,
}

impl Outgoing {
    /// A request, complete.
    pub(crate) fn new(head: Head, body: Bytes, is_head: bool) -> Outgoing {
        let (head, body) = head.end(body);
        Outgoing { head, body, is_head }
    }

    /// Its bytes on the wire.
    pub(crate) fn length(&self) -> usize {
        self.head.len() + self.body.len()
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        spare::give(std::mem::take(&mut self.head));
    }
}

/// A connection that carries one exchange at a time, over any stream: names and certificates are not its business.
pub(crate) struct Connection<S> {
    stream: S,
    idle_since: Instant,
    /// How long the backend keeps it open, when it said so.
    keep_alive: Option<Duration>,
    reusable: bool,
    answers: usize,
    /// How often it took something of the last request.
    writes: usize,
    /// Whether the last request brought not a byte.
    silent: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// A fresh connection.
    pub(crate) fn new(stream: S) -> Connection<S> {
        Connection {
            stream,
            idle_since: Instant::now(),
            keep_alive: None,
            reusable: false,
            answers: 0,
            writes: 0,
            silent: false,
        }
    }

    /// Whether it may carry another exchange, if it is still open; asked after a look at the clock.
    pub(crate) fn is_fresh(&self, longest_idle: Duration) -> bool {
        let idle = clock::recent().saturating_duration_since(self.idle_since);
        idle < self.keep_alive.unwrap_or(longest_idle).min(longest_idle)
    }

    /// What it goes over.
    pub(crate) fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// How long it has been idle.
    pub(crate) fn idle(&self) -> Duration {
        self.idle_since.elapsed()
    }

    /// How many answers came over it.
    pub(crate) fn answers(&self) -> usize {
        self.answers
    }

    /// How often it took something of the last request, if that brought not a byte of an answer.
    pub(crate) fn unanswered_writes(&self) -> Option<usize> {
        self.silent.then_some(self.writes)
    }

    /// Whether the last exchange left it usable.
    pub(crate) fn is_reusable(&self) -> bool {
        self.reusable
    }

    /// Sends a request and reads its answer's head.
    pub(crate) async fn begin(&mut self, request: &Outgoing) -> Result<Begun, Error> {
        (self.reusable, self.writes, self.silent) = (false, 0, false);
        let mut buffer = BytesMut::new();
        let sent = send(&mut self.stream, request, &mut buffer, &mut self.writes).await;
        let mut interim = false;
        let (head, mut framing) = loop {
            match self.read_head(&mut buffer).await {
                // Nobody asked for it, so nothing that could be understood follows.
                Ok((head, _)) if head.status == 101 => {
                    return Err(Error::Network("the backend switches protocols".into()));
                }
                Ok((head, _)) if head.status < 200 => interim = true,
                Ok(head) => break head,
                Err(read) => {
                    self.silent = buffer.is_empty() && !interim;
                    // A backend that breaks off without an answer leaves the reason in the failed write.
                    return Err(if matches!(read, Error::Closed) {
                        read
                    } else {
                        sent.err().map_or(read, Error::from)
                    });
                }
            }
        };
        if request.is_head || is_bodiless(head.status) {
            framing = Framing::Length(0);
        }
        let (keep_alive, keep_alive_for) = persistence(&head.headers, head.old);
        self.keep_alive = keep_alive_for.or(self.keep_alive);
        self.answers += 1;
        let persists = keep_alive && matches!(sent, Ok(true));
        Ok(Begun { status: head.status, headers: head.headers, framing, buffer, persists })
    }

    /// Reads the rest of an answer, of at most `limit` bytes of body. With `ahead` the strings of that body, which is JSON, are
    /// read as they come.
    pub(crate) async fn finish(
        &mut self,
        begun: Begun,
        limit: usize,
        mut ahead: Option<ReadAhead>,
    ) -> Result<UpstreamResponse, Error> {
        let Begun { status, headers, framing, mut buffer, persists } = begun;
        let mut held = Reservation::new();
        let mut came = |body: &mut [u8]| ahead.iter_mut().for_each(|ahead| ahead.advance(body));
        let (body, complete) = self.read_body(&mut buffer, framing, limit, &mut held, &mut came).await?;
        self.end(complete && persists && buffer.is_empty());
        let (ahead, at) = (ahead.unwrap_or_default(), self.idle_since);
        Ok(UpstreamResponse { status, headers, body: held.attach(body), ahead, at })
    }

    /// The answer is complete.
    fn end(&mut self, reusable: bool) {
        self.reusable = reusable;
        self.idle_since = clock::now();
    }

    /// The next head, and where its body ends. What came behind it is left in `buffer`. It is read into the thread's one buffer, and
    /// what is complete there is copied out of it at its own length.
    async fn read_head(&mut self, buffer: &mut BytesMut) -> Result<(AnswerHead, Framing), Error> {
        let mut seen = Seen::default();
        if !buffer.is_empty() {
            seen.is_worth_reading(buffer, 0);
            let came = std::mem::take(buffer);
            if let Some(head) = take_head(&came, buffer)? {
                return Ok(head);
            }
        }
        poll_fn(|cx| {
            INPUT.with_borrow_mut(|input| {
                loop {
                    let mut input = ReadBuf::new(input);
                    ready!(Pin::new(&mut self.stream).poll_read(cx, &mut input))?;
                    let head = match (input.filled(), buffer.is_empty()) {
                        ([], true) => Err(Error::Closed),
                        // Of what was not worth reading yet, too, it is told when it is no HTTP.
                        ([], false) => {
                            let head = take_head(&std::mem::take(buffer), buffer);
                            head.and_then(|head| head.map(Some).ok_or(Error::Closed))
                        }
                        (came, true) => {
                            seen.is_worth_reading(came, 0);
                            take_head(came, buffer)
                        }
                        (came, false) => {
                            let before = buffer.len();
                            buffer.extend_from_slice(came);
                            match seen.is_worth_reading(buffer, before) {
                                true => take_head(&std::mem::take(buffer), buffer),
                                false => Ok(None),
                            }
                        }
                    };
                    if let Some(head) = head? {
                        return Poll::Ready(Ok(head));
                    }
                }
            })
        })
        .await
    }

    async fn read_more(&mut self, buffer: &mut BytesMut) -> Result<(), Error> {
        buffer.reserve(READ);
        match self.stream.read_buf(buffer).await? {
            0 => Err(Error::Closed),
            _ => Ok(()),
        }
    }

    /// The body, and whether its end was marked by anything but the connection's. `came` is handed what there is of it, each
    /// time that there is more.
    async fn read_body(
        &mut self,
        buffer: &mut BytesMut,
        framing: Framing,
        limit: usize,
        held: &mut Reservation,
        came: &mut impl FnMut(&mut [u8]),
    ) -> Result<(Bytes, bool), Error> {
        match framing {
            Framing::Length(length) if length > limit as u64 => Err(Error::TooLarge(Some(length))),
            Framing::Length(length) => {
                let length = length as usize;
                held.grow_to(length)?;
                if buffer.len() < length {
                    buffer.reserve(length - buffer.len());
                }
                while buffer.len() < length {
                    came(buffer);
                    self.read_more_of(buffer, length).await?;
                }
                came(&mut buffer[..length]);
                let body = if buffer.len() == length { std::mem::take(buffer) } else { buffer.split_to(length) };
                Ok((body.freeze(), true))
            }
            Framing::Chunked => {
                let mut body = BytesMut::new();
                let mut decoder = Decoder::default();
                loop {
                    if buffer.is_empty() {
                        self.read_more(buffer).await?;
                    }
                    let (taken, piece) = decoder.take(buffer)?;
                    if piece == Piece::Data {
                        if body.len() + taken > limit {
                            return Err(Error::TooLarge(None));
                        }
                        held.grow_to(body.len() + taken)?;
                        body.extend_from_slice(&buffer[..taken]);
                        came(&mut body);
                    }
                    buffer.advance(taken);
                    if piece == Piece::End {
                        return Ok((body.freeze(), true));
                    }
                }
            }
            Framing::Unsaid | Framing::Unknown => loop {
                if buffer.len() > limit {
                    return Err(Error::TooLarge(None));
                }
                held.grow_to(buffer.len())?;
                buffer.reserve(READ);
                came(buffer);
                if self.stream.read_buf(buffer).await? == 0 {
                    return Ok((buffer.split().freeze(), false));
                }
            },
        }
    }

    /// Reads on into the room that is there, which `read_body` made.
    async fn read_more_of(&mut self, buffer: &mut BytesMut, length: usize) -> Result<(), Error> {
        if buffer.capacity() == buffer.len() {
            buffer.reserve(length - buffer.len());
        }
        match self.stream.read_buf(buffer).await? {
            0 => Err(Error::Closed),
            _ => Ok(()),
        }
    }
}

/// A body that is read as it comes, with its connection.
pub(crate) struct Incoming<S> {
    connection: Connection<S>,
    buffer: BytesMut,
    left: Left,
    persists: bool,
}

/// What is to come of a body.
enum Left {
    Bytes(u64),
    Chunks(Decoder),
    /// All until the connection's end.
    All,
    Nothing,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Incoming<S> {
    /// The body of an answer whose head came over that connection.
    pub(crate) fn new(connection: Connection<S>, begun: Begun) -> Incoming<S> {
        let left = match begun.framing {
            Framing::Length(0) => Left::Nothing,
            Framing::Length(length) => Left::Bytes(length),
            Framing::Chunked => Left::Chunks(Decoder::default()),
            Framing::Unsaid | Framing::Unknown => Left::All,
        };
        let persists = begun.persists && !matches!(left, Left::All);
        Incoming { connection, buffer: begun.buffer, left, persists }
    }

    /// The next bytes of the body, as soon as there are any; `None` at its end.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        loop {
            match self.take() {
                Ok(Some(data)) => return Poll::Ready(Some(Ok(data))),
                Ok(None) if matches!(self.left, Left::Nothing) => return Poll::Ready(None),
                Ok(None) => {}
                Err(e) => return Poll::Ready(Some(Err(e))),
            }
            match ready!(self.poll_read(cx)) {
                Ok(0) if matches!(self.left, Left::All) => self.left = Left::Nothing,
                Ok(0) => return Poll::Ready(Some(Err(Error::Closed))),
                Ok(_) => {}
                Err(e) => return Poll::Ready(Some(Err(e.into()))),
            }
        }
    }

    /// The connection, once the body is complete.
    pub(crate) fn into_connection(mut self) -> Connection<S> {
        self.connection.end(self.persists && matches!(self.left, Left::Nothing) && self.buffer.is_empty());
        self.connection
    }

    /// Takes from what was read.
    fn take(&mut self) -> Result<Option<Bytes>, Error> {
        while !self.buffer.is_empty() {
            let taken = match &mut self.left {
                Left::Nothing => return Ok(None),
                Left::All => self.buffer.len(),
                Left::Bytes(left) => {
                    let taken = (self.buffer.len() as u64).min(*left);
                    *left -= taken;
                    if *left == 0 {
                        self.left = Left::Nothing;
                    }
                    taken as usize
                }
                Left::Chunks(decoder) => {
                    let (taken, piece) = decoder.take(&self.buffer)?;
                    if piece == Piece::End {
                        self.left = Left::Nothing;
                    }
                    if piece != Piece::Data {
                        self.buffer.advance(taken);
                        continue;
                    }
                    taken
                }
            };
            return Ok(Some(self.buffer.split_to(taken).freeze()));
        }
        Ok(None)
    }

    /// Small pieces share an allocation: what waits for a slow client is held no longer than its bytes need.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.buffer.capacity() - self.buffer.len() < READ / 4 {
            self.buffer.reserve(READ);
        }
        let read = self.connection.stream.read_buf(&mut self.buffer);
        std::pin::pin!(read).poll(cx)
    }
}

/// What is known of a head that comes in pieces: to read it from its beginning with each of many would cost the square of its length.
#[derive(Default)]
struct Seen {
    /// How long it was when it was read last.
    read: usize,
    /// Whether anything came but empty lines.
    has_begun: bool,
}

impl Seen {
    /// Whether reading the head may tell more than it did the last time; of its bytes those from `before` on are new. A short one is
    /// always read: what is no HTTP is refused at once.
    fn is_worth_reading(&mut self, head: &[u8], before: usize) -> bool {
        let had_begun = self.has_begun;
        self.has_begun |= head[before..].iter().any(|b| !matches!(b, b'\r' | b'\n'));
        let seam = &head[before.saturating_sub(2)..];
        let may_end = self.has_begun
            && (!had_begun || seam.windows(2).any(|w| w == b"\n\n") || seam.windows(3).any(|w| w == b"\n\r\n"));
        let is_worth = head.len() <= SHORT || head.len() > LONGEST || head.len() / 2 >= self.read || may_end;
        if is_worth {
            self.read = head.len();
        }
        is_worth
    }
}

/// The head at the beginning of what came, and where its body ends; what follows it goes into the empty `rest`, or all while the head
/// is not complete or cannot be read.
fn take_head(came: &[u8], rest: &mut BytesMut) -> Result<Option<(AnswerHead, Framing)>, Error> {
    let read = AnswerHead::read(came).map_err(|e| Error::Network(format!("the answer is not HTTP: {e}")));
    let Ok(Some((head, length))) = read else {
        rest.extend_from_slice(came);
        if read.is_ok() && came.len() > LONGEST {
            return Err(Error::Network("the answer's head is too long".into()));
        }
        return read.map(|_| None);
    };
    let mut framing = Framing::default();
    for line in &head.headers.0 {
        if let Err(why) = framing.see(&line.name, &line.value) {
            rest.extend_from_slice(came);
            return Err(Error::Network(why));
        }
    }
    let came = &came[length..];
    // A short body gets its place at once.
    let room = match framing {
        Framing::Length(length) if length <= READ as u64 => came.len().max(length as usize),
        _ => came.len(),
    };
    if room > 0 {
        rest.reserve(room);
        rest.extend_from_slice(came);
    }
    Ok(Some((head, framing)))
}

/// Writes everything; stops when an answer begins to come before all is written. Says whether all was written.
async fn send<S>(stream: &mut S, request: &Outgoing, early: &mut BytesMut, writes: &mut usize) -> io::Result<bool>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    turn(request.head.len() + request.body.len()).await;
    let (mut head, mut body) = (&request.head[..], &request.body[..]);
    poll_fn(|cx| {
        loop {
            if head.is_empty() && body.is_empty() {
                return Pin::new(&mut *stream).poll_flush(cx).map_ok(|()| true);
            }
            let parts = [IoSlice::new(head), IoSlice::new(body)];
            let written = if body.is_empty() {
                Pin::new(&mut *stream).poll_write(cx, head)
            } else {
                Pin::new(&mut *stream).poll_write_vectored(cx, &parts)
            };
            match written {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(n)) => {
                    *writes += 1;
                    let of_head = n.min(head.len());
                    (head, body) = (&head[of_head..], &body[n - of_head..]);
                }
                Poll::Ready(Err(e)) => return Poll::Ready(Err(e)),
                Poll::Pending => return poll_early(stream, cx, early),
            }
        }
    })
    .await
}

/// The backend takes no more for now: does it answer already?
fn poll_early<S: AsyncRead + Unpin>(
    stream: &mut S,
    cx: &mut Context<'_>,
    early: &mut BytesMut,
) -> Poll<io::Result<bool>> {
    let mut bytes = [0; 1024];
    let mut read = ReadBuf::new(&mut bytes);
    match Pin::new(stream).poll_read(cx, &mut read) {
        Poll::Pending => Poll::Pending,
        Poll::Ready(Err(e)) => Poll::Ready(Err(e)),
        Poll::Ready(Ok(())) => {
            early.extend_from_slice(read.filled());
            Poll::Ready(Ok(false))
        }
    }
}

/// Whether the connection can be used again after an answer, and for how long.
fn persistence(headers: &Headers, old: bool) -> (bool, Option<Duration>) {
    let mut keep_alive = !old;
    for option in connection_options(headers) {
        keep_alive &= !option.eq_ignore_ascii_case(b"close");
        keep_alive |= old && option.eq_ignore_ascii_case(b"keep-alive");
    }
    let timeout = |option: &str| option.trim().strip_prefix("timeout=")?.parse().ok();
    let seconds: Option<u64> = headers.last("keep-alive").and_then(|value| value.split(',').find_map(timeout));
    // An idle connection is given up a second before the backend does.
    (keep_alive, seconds.map(|seconds| Duration::from_secs(seconds.saturating_sub(1))))
}
