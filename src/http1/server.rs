//! A client's connection over HTTP/1: its requests as they come, its answers as they go.
//!
//! A connection that waits keeps no buffer. What comes is read into the thread's one buffer, a head that is complete there is copied
//! out of it, and only what is not used at once stays with the connection.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

use super::body::{BodyError, DISCARDED, ROOM};
use super::chunked::{Decoder, Malformed, Piece};
use super::clock;
use super::framing::Framing;
use super::head_end::HeadEnd;
use super::progress::{Phase, Progress};
use super::request_head::{Fault, RequestHead, Told, check, read, shape};
use super::taken::Taken;
use super::turn::turn;
use crate::memory::{Client, Reservation};

/// What is read at once.
const READ: usize = 16 * 1024;
/// How long what a client still sends is thrown away behind the last answer: closed at once, the connection could be reset before
/// the client has read it.
const LINGER: Duration = Duration::from_secs(1);

thread_local! {
    static INPUT: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into());
}

/// A request whose body is not read yet.
#[derive(Debug)]
pub(crate) struct Received {
    /// What its head says.
    pub told: Told,
    /// Why it is refused for its head.
    pub fault: Option<Fault>,
    /// What its answer must look like.
    pub form: Form,
    /// When its head was complete.
    pub at: Instant,
}

/// What an answer must look like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    /// It has no body: the request's method is HEAD.
    pub is_head: bool,
    /// The client speaks HTTP/1.0.
    pub old: bool,
    /// Another request may follow, as far as the client says.
    pub persists: bool,
}

/// A client's connection.
pub(crate) struct Connection<S> {
    stream: RefCell<S>,
    input: RefCell<Input>,
    /// How far it is.
    pub progress: Progress,
    longest_head: usize,
    client: Arc<Client>,
}

/// What came and was not used yet.
struct Input {
    rest: BytesMut,
    end: HeadEnd,
    left: Left,
    /// Whether the client waits to be asked for the body.
    waits: bool,
}

/// What is to come of a body.
enum Left {
    Nothing,
    Bytes(u64),
    Chunks(Decoder),
    /// Where the next request begins is not known.
    Unknown,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// A connection of which `first` was read already; a head over `longest_head` bytes is refused.
    pub(crate) fn new(stream: S, first: BytesMut, longest_head: usize, client: Arc<Client>) -> Connection<S> {
        let input = Input { rest: first, end: HeadEnd::default(), left: Left::Nothing, waits: false };
        let (stream, input) = (RefCell::new(stream), RefCell::new(input));
        Connection { stream, input, progress: Progress::new(), longest_head, client }
    }

    /// The next request; `None` when the client has closed its side. The body of the last one must have been read.
    pub(crate) async fn receive(&self) -> Option<Received> {
        poll_fn(|cx| self.poll_receive(cx)).await
    }

    fn poll_receive(&self, cx: &mut Context<'_>) -> Poll<Option<Received>> {
        let input = &mut *self.input.borrow_mut();
        loop {
            if let Some((told, fault, form)) = input.next(self.longest_head) {
                return Poll::Ready(Some(self.received(told, fault, form)));
            }
            let phase = if input.rest.is_empty() { Phase::Idle } else { Phase::Head };
            match (self.progress.phase().0, phase) {
                (before, phase) if before == phase => {}
                // What is busy until now has just been answered.
                (Phase::Busy, phase) => self.progress.enter_at(phase, clock::recent()),
                (_, phase) => self.progress.enter(phase),
            }
            let head =
                ready!(self.poll_scratch(cx, |came| (!came.is_empty()).then(|| input.came(came, self.longest_head))));
            match head {
                Ok(Some(None)) => {}
                Ok(Some(Some(head))) => {
                    let (told, form) = input.begin(head);
                    return Poll::Ready(Some(self.received(told, None, form)));
                }
                Ok(None) | Err(_) => return Poll::Ready(None),
            }
        }
    }

    fn received(&self, told: Told, fault: Option<Fault>, form: Form) -> Received {
        let at = clock::now();
        self.progress.enter_at(Phase::Busy, at);
        Received { told, fault, form, at }
    }

    /// Reads into the thread's buffer what there is: none of it at the end.
    fn poll_scratch<T>(&self, cx: &mut Context<'_>, use_it: impl FnOnce(&[u8]) -> T) -> Poll<io::Result<T>> {
        INPUT.with_borrow_mut(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            ready!(Pin::new(&mut *self.stream.borrow_mut()).poll_read(cx, &mut buffer))?;
            Poll::Ready(Ok(use_it(buffer.filled())))
        })
    }

    /// Whether the request has a body that is not read yet.
    pub(crate) fn has_body(&self) -> bool {
        !matches!(self.input.borrow().left, Left::Nothing)
    }

    /// The length that was announced of the body.
    pub(crate) fn announced(&self) -> u64 {
        match self.input.borrow().left {
            Left::Bytes(length) => length,
            Left::Nothing | Left::Chunks(_) | Left::Unknown => 0,
        }
    }

    /// Reads the whole body, of at most `limit` bytes, which `held` counts. Dropped before its end, it leaves the connection to be closed.
    pub(crate) async fn read_body(&self, limit: usize, held: Reservation) -> Result<Bytes, BodyError> {
        if std::mem::take(&mut self.input.borrow_mut().waits) {
            self.write([b"HTTP/1.1 100 Continue\r\n\r\n", b"", b""]).await.map_err(broken)?;
        }
        let refused = (self.announced() > limit as u64).then_some(BodyError::TooLarge);
        let mut taken = Taken { body: BytesMut::new(), held, limit, refused, thrown_away: 0 };
        let read = poll_fn(|cx| self.poll_body(cx, &mut taken)).await;
        let Taken { body, held, refused, .. } = taken;
        // What was refused is told as such, however it ended.
        refused.map_or_else(|| read.map(|()| held.attach(body.freeze())), Err)
    }

    fn poll_body(&self, cx: &mut Context<'_>, taken: &mut Taken) -> Poll<Result<(), BodyError>> {
        let input = &mut *self.input.borrow_mut();
        loop {
            input.take_body(taken).map_err(|Malformed| BodyError::Broken("its chunks are broken".to_owned()))?;
            if matches!(input.left, Left::Nothing) || taken.thrown_away > DISCARDED {
                return Poll::Ready(Ok(()));
            }
            let came = match &mut input.left {
                Left::Bytes(left) if taken.refused.is_none() => {
                    let came = ready!(self.poll_into(cx, &mut taken.body, *left)).map_err(broken)?;
                    *left -= came as u64;
                    if *left == 0 {
                        input.left = Left::Nothing;
                    }
                    taken.count();
                    came
                }
                _ => ready!(self.poll_scratch(cx, |came| {
                    input.rest.extend_from_slice(came);
                    came.len()
                }))
                .map_err(broken)?,
            };
            if came == 0 {
                return Poll::Ready(Err(BodyError::Broken("the client closed the connection".to_owned())));
            }
        }
    }

    /// Reads a body on into its place. Room for it is made as it comes, so that announcing costs nothing; once some has come all the
    /// rest, as growing on would hold it twice.
    fn poll_into(&self, cx: &mut Context<'_>, body: &mut BytesMut, left: u64) -> Poll<io::Result<usize>> {
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        if body.capacity() == body.len() {
            body.reserve(if body.is_empty() { left.min(ROOM) } else { left });
        }
        let stream = &mut *self.stream.borrow_mut();
        pin!(stream.read_buf(&mut body.limit(left))).poll(cx)
    }

    /// Passes over what has come of a body that nobody wants; says whether that is all of it.
    pub(crate) fn skip_body(&self) -> bool {
        let input = &mut *self.input.borrow_mut();
        let mut taken = Taken::of_nobody();
        input.waits = false;
        input.take_body(&mut taken).is_ok() && matches!(input.left, Left::Nothing)
    }

    /// Writes all of that, in one write if the client takes it.
    pub(crate) async fn write(&self, mut parts: [&[u8]; 3]) -> io::Result<()> {
        turn(parts.iter().map(|part| part.len()).sum()).await;
        poll_fn(|cx| {
            while parts.iter().any(|part| !part.is_empty()) {
                let mut stream = self.stream.borrow_mut();
                let stream = Pin::new(&mut *stream);
                let written = match parts {
                    [part, b"", b""] => stream.poll_write(cx, part),
                    parts => stream.poll_write_vectored(cx, &parts.map(IoSlice::new)),
                };
                match written {
                    Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    Poll::Ready(Ok(mut written)) => {
                        self.client.moved(written);
                        for part in &mut parts {
                            let of_part = written.min(part.len());
                            (*part, written) = (&part[of_part..], written - of_part);
                        }
                        if self.progress.phase().0 == Phase::Writing {
                            self.progress.enter(Phase::Busy);
                        }
                    }
                    Poll::Ready(Err(e)) => return Poll::Ready(Err(e)),
                    Poll::Pending => {
                        if self.progress.phase().0 != Phase::Writing {
                            self.progress.enter(Phase::Writing);
                        }
                        return Poll::Pending;
                    }
                }
            }
            Poll::Ready(Ok(()))
        })
        .await
    }

    /// Ends a connection over which the client may still be sending.
    pub(crate) async fn leave(&self) {
        // It may be gone already.
        let _ = poll_fn(|cx| pin!(self.stream.borrow_mut().shutdown()).poll(cx)).await;
        let mut thrown_away = 0;
        let throw_away = poll_fn(|cx| {
            while thrown_away < DISCARDED {
                match ready!(self.poll_scratch(cx, <[u8]>::len)) {
                    Ok(0) | Err(_) => break,
                    Ok(came) => thrown_away += came,
                }
            }
            Poll::Ready(())
        });
        let _ = tokio::time::timeout(LINGER, throw_away).await;
    }
}

fn broken(e: io::Error) -> BodyError {
    BodyError::Broken(e.to_string())
}

impl Input {
    /// Bytes that arrived: the head of a request if that is complete.
    fn came(&mut self, bytes: &[u8], longest_head: usize) -> Option<RequestHead> {
        if self.rest.is_empty()
            && let Ok(Some((head, length))) = read(bytes)
            && length <= longest_head
        {
            self.rest.extend_from_slice(&bytes[length..]);
            return Some(head);
        }
        self.rest.extend_from_slice(bytes);
        None
    }

    /// The next request, if its head is complete or cannot be taken.
    fn next(&mut self, longest_head: usize) -> Option<(Told, Option<Fault>, Form)> {
        // Empty lines before a request.
        while self.rest.starts_with(b"\r\n") || self.rest.starts_with(b"\n") {
            self.rest.advance(1 + usize::from(self.rest[0] == b'\r'));
            self.end = HeadEnd::default();
        }
        match self.end.find(&self.rest) {
            Some(length) if length <= longest_head => {
                let bytes = self.take(length);
                self.end = HeadEnd::default();
                let fault = match read(&bytes) {
                    Ok(Some((head, _))) => {
                        let (told, form) = self.begin(head);
                        return Some((told, None, form));
                    }
                    Ok(None) | Err(None) => check(&bytes).err().unwrap_or(Fault::Malformed("its head")),
                    Err(Some(fault)) => fault,
                };
                Some(self.refuse(&bytes.freeze(), fault))
            }
            _ if self.rest.len() > longest_head => {
                // Of what came nothing counts that is beyond the bound: else it would depend on the pieces.
                let head = self.take(self.rest.len()).freeze().slice(..longest_head);
                let fault = if head.contains(&b'\n') { Fault::LongHead } else { Fault::LongTarget };
                Some(self.refuse(&head, fault))
            }
            _ => None,
        }
    }

    /// The next bytes; what is empty keeps no memory.
    fn take(&mut self, length: usize) -> BytesMut {
        if length == self.rest.len() { std::mem::take(&mut self.rest) } else { self.rest.split_to(length) }
    }

    /// A request begins.
    fn begin(&mut self, head: RequestHead) -> (Told, Form) {
        let RequestHead { told, framing, old, persists, waits } = head;
        self.waits = waits;
        self.left = match framing {
            Framing::Unsaid | Framing::Length(0) | Framing::Unknown => Left::Nothing,
            Framing::Length(length) => Left::Bytes(length),
            Framing::Chunked => Left::Chunks(Decoder::strict()),
        };
        let form = Form { is_head: told.method == "HEAD", old, persists };
        (told, form)
    }

    fn refuse(&mut self, head: &Bytes, fault: Fault) -> (Told, Option<Fault>, Form) {
        (self.left, self.waits) = (Left::Unknown, false);
        let (is_head, old) = shape(head);
        (Told::of(head), Some(fault), Form { is_head, old, persists: false })
    }

    /// Takes what is there of the body.
    fn take_body(&mut self, taken: &mut Taken) -> Result<(), Malformed> {
        while !self.rest.is_empty() {
            let (length, piece) = match &mut self.left {
                Left::Nothing | Left::Unknown => return Ok(()),
                Left::Bytes(left) => {
                    let length = (self.rest.len() as u64).min(*left);
                    *left -= length;
                    (length as usize, if *left == 0 { Piece::End } else { Piece::Data })
                }
                Left::Chunks(decoder) => match decoder.take(&self.rest) {
                    Ok((length, Piece::Data)) => (length, Piece::Data),
                    Ok((length, piece)) => {
                        self.rest.advance(length);
                        if piece == Piece::End {
                            self.left = Left::Nothing;
                        }
                        continue;
                    }
                    Err(malformed) => {
                        self.left = Left::Unknown;
                        return Err(malformed);
                    }
                },
            };
            taken.put(self.take(length));
            if piece == Piece::End {
                self.left = Left::Nothing;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// A client that sends pieces, sometimes late, and takes a few bytes at a time.
    struct Client {
        sends: VecDeque<Vec<u8>>,
        taken: Vec<u8>,
        late: bool,
    }

    impl Client {
        fn is_late(&mut self, cx: &Context<'_>) -> bool {
            self.late = !self.late;
            if self.late {
                cx.waker().wake_by_ref();
            }
            self.late
        }
    }

    impl AsyncRead for Client {
        fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            if self.is_late(cx) {
                return Poll::Pending;
            }
            if let Some(mut piece) = self.sends.pop_front() {
                let rest = piece.split_off(piece.len().min(buf.remaining()));
                buf.put_slice(&piece);
                if !rest.is_empty() {
                    self.sends.push_front(rest);
                }
            }
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Client {
        fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            if self.is_late(cx) {
                return Poll::Pending;
            }
            let taken = bytes.len().min(7);
            self.taken.extend_from_slice(&bytes[..taken]);
            Poll::Ready(Ok(taken))
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// What is understood of a stream of requests that comes in those pieces: a line a request, and what is written meanwhile.
    fn understood(pieces: impl Iterator<Item = Vec<u8>>, longest_head: usize) -> Vec<String> {
        let client =
            Client { sends: pieces.filter(|piece| !piece.is_empty()).collect(), taken: Vec::new(), late: false };
        let connection = Connection::new(client, BytesMut::new(), longest_head, Arc::default());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(async {
            let mut said = Vec::new();
            while let Some(Received { told, fault, form, .. }) = connection.receive().await {
                let body = if fault.is_none() && connection.has_body() {
                    connection.read_body(20, Reservation::new()).await
                } else {
                    Ok(Bytes::new())
                };
                let headers: Vec<String> =
                    told.headers.0.iter().map(|h| format!("{}={}", h.name(), h.value.escape_ascii())).collect();
                let Told { method, path, query, .. } = told;
                said.push(format!("{method} {path} {query:?} {headers:?} {body:?} {fault:?} {form:?}"));
                let written = std::mem::take(&mut connection.stream.borrow_mut().taken);
                if !written.is_empty() {
                    said.push(format!("wrote {}", written.escape_ascii()));
                }
                if !form.persists || !connection.skip_body() {
                    break;
                }
            }
            said
        })
    }

    fn cut(stream: &[u8], step: usize) -> impl Iterator<Item = Vec<u8>> {
        stream.chunks(step).map(<[u8]>::to_vec)
    }

    const STREAM: &[u8] = b"\r\n\r\nGET /a?b HTTP/1.1\r\nhOsT: x\r\nX-Empty:\r\n\r\n\
        POST /b HTTP/1.1\nhost: x\nContent-LENGTH: 5\r\n\r\nhello\r\nPUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
        3;ext=1\r\n\n\r\n\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nPUT /d HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\
        Content-Length: 2\r\n\r\nhiPUT /e HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n012345678901234567890123456789\
        HEAD /f HTTP/1.0\r\n\r\nGET /g HTTP/1.1\r\nHost: x\r\n\r\n";

    #[test]
    fn requests_whatever_the_pieces() {
        let form = |is_head, old, persists| format!("{:?}", Form { is_head, old, persists });
        let keeps = form(false, false, true);
        let expected = [
            format!("GET /a Some(\"b\") [\"hOsT=x\", \"X-Empty=\"] Ok(b\"\") None {keeps}"),
            format!("POST /b None [\"host=x\", \"Content-LENGTH=5\"] Ok(b\"hello\") None {keeps}"),
            format!(
                "PUT /c None [\"Host=x\", \"Transfer-Encoding=chunked\"] Ok(b\"\\n\\r\\n0123456789\") None {keeps}"
            ),
            format!("PUT /d None [\"Host=x\", \"Expect=100-continue\", \"Content-Length=2\"] Ok(b\"hi\") None {keeps}"),
            "wrote HTTP/1.1 100 Continue\\r\\n\\r\\n".to_owned(),
            format!("PUT /e None [\"Host=x\", \"Content-Length=30\"] Err(TooLarge) None {keeps}"),
            format!("HEAD /f None [] Ok(b\"\") None {}", form(true, true, false)),
        ];
        for step in 1..=STREAM.len() {
            assert_eq!(understood(cut(STREAM, step), 1000), expected, "in pieces of {step}");
        }
    }

    #[test]
    fn a_body_over_the_limit_is_told_as_such_however_it_ends() {
        for body in
            ["Content-Length: 21\r\n\r\nshort", "Transfer-Encoding: chunked\r\n\r\n15\r\n012345678901234567890\r\nx"]
        {
            let stream = format!("PUT / HTTP/1.1\r\nHost: x\r\n{body}");
            for step in 1..=stream.len() {
                let said = understood(cut(stream.as_bytes(), step), 1000);
                assert!(said.len() == 1 && said[0].contains("Err(TooLarge)"), "{said:?}");
            }
        }
    }

    #[test]
    fn a_head_over_the_limit_is_refused_whatever_the_pieces() {
        let line =
            |length: usize| format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n", "x".repeat(length - 27));
        for (head, fault) in [(60, None), (61, Some(Fault::LongHead)), (90, Some(Fault::LongTarget))] {
            let stream = line(head);
            let whole = understood(cut(stream.as_bytes(), stream.len()), 60);
            assert!(whole[0].contains(&format!(" {fault:?} ")), "{head}: {whole:?}");
            for step in 1..stream.len() {
                assert_eq!(understood(cut(stream.as_bytes(), step), 60), whole, "{head} in pieces of {step}");
            }
        }
    }

    #[test]
    fn behind_a_head_that_is_refused_nothing_is_read() {
        for head in ["HEAD /{e} HTTP/1.0", "NONSENSE", "GET / HTTP/1.1\r\nHost: x\r\nnone"] {
            let stream =
                [STREAM.split_at(STREAM.len() - 55).0, head.as_bytes(), b"\r\n\r\nGET /h HTTP/1.1\r\n"].concat();
            let whole = understood(cut(&stream, stream.len()), 1000);
            assert!(whole.last().is_some_and(|last| last.contains("Malformed")), "{whole:?}");
            for step in 1..stream.len() {
                assert_eq!(understood(cut(&stream, step), 1000), whole, "in pieces of {step}");
            }
        }
        for (sent, fault) in [("GET /0123456789abcdef", Fault::LongTarget), ("GET / HTTP/1.1\r\nHost", Fault::LongHead)]
        {
            for step in [1, 7, 100] {
                let said = understood(cut(sent.as_bytes(), step), 18);
                assert!(said.len() == 1 && said[0].contains(&format!("{fault:?}")), "{said:?}");
            }
        }
    }

    #[test]
    fn hostile_streams_are_understood_alike_whatever_the_pieces() {
        const PARTS: &[&[u8]] = &[
            b"\r",
            b"\n",
            b"\r\n",
            b"\r\n\r\n",
            b" ",
            b"\t",
            b":",
            b";",
            b",",
            b"0",
            b"5",
            b"a",
            b"\0",
            b"\x7f",
            b"\xff",
            b"{",
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"HTTP/1.0",
            b"Host: x\r\n",
            b"Content-Length: 3\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"Connection: close\r\n",
            b"Expect: 100-continue\r\n",
            b"3\r\nabc\r\n",
            b"0\r\n\r\n",
        ];
        let mut seed = 1_u64;
        let mut below = |limit: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % limit
        };
        let (mut requests, mut refused) = (0, 0);
        for _ in 0..3_000 {
            let mut stream = STREAM.to_vec();
            for _ in 0..=below(4) {
                let (at, part) = (below(stream.len()), PARTS[below(PARTS.len())]);
                let replaced = at..(at + below(3) * below(8)).min(stream.len());
                stream.splice(replaced, part.iter().copied());
            }
            let whole = understood(cut(&stream, stream.len()), 1000);
            requests += whole.len();
            refused += usize::from(whole.iter().any(|said| said.contains("Some(Malformed")));
            let random: Vec<Vec<u8>> = stream.chunk_by(|_, _| below(12) > 0).map(<[u8]>::to_vec).collect();
            for pieces in [random, cut(&stream, 1 + below(9)).collect()] {
                assert_eq!(understood(pieces.into_iter(), 1000), whole, "{}", stream.escape_ascii());
            }
        }
        assert!(requests > 9_000 && refused > 500, "{requests} requests, {refused} refused");
    }
}
