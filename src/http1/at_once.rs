//! What is there already, read at once: for who has no socket.

use std::collections::VecDeque;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::client::{self, Incoming, Outgoing};
use super::head::Head;
use super::message::{Header, Headers};
use super::request_head::Told;
use super::server::{self, Received};
use crate::memory::Reservation;

/// A request as it was understood.
#[derive(Debug, PartialEq, Eq)]
pub struct ReadRequest {
    /// The method; empty when it is none.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query string.
    pub query: Option<String>,
    /// The header lines.
    pub headers: Vec<Header>,
    /// The body, or why there is none: the head is refused, or the body.
    pub body: Result<Bytes, String>,
    /// Whether another request may follow.
    pub persists: bool,
}

/// An answer as it was understood.
#[derive(Debug, PartialEq, Eq)]
pub struct ReadAnswer {
    /// The status.
    pub status: u16,
    /// The header lines.
    pub headers: Vec<Header>,
    /// The body, or why it ends before its end.
    pub body: Result<Bytes, String>,
    /// Whether the connection may carry another exchange.
    pub persists: bool,
}

/// Reads what a client sends in those pieces before it closes its side, with bounds for a head and for a body.
pub fn read_requests(pieces: impl IntoIterator<Item = Bytes>, head: usize, body: usize) -> Vec<ReadRequest> {
    let connection = server::Connection::new(Pieces::of(pieces), BytesMut::new(), head, Arc::default());
    at_once(async {
        let mut requests = Vec::new();
        while let Some(Received { told, fault, form, .. }) = connection.receive().await {
            let body = match fault {
                Some(fault) => Err(format!("{fault:?}")),
                None if connection.has_body() => {
                    connection.read_body(body, Reservation::new()).await.map_err(|broken| format!("{broken:?}"))
                }
                None => Ok(Bytes::new()),
            };
            let persists = form.persists && connection.skip_body();
            let Told { method, path, query, headers: Headers(headers) } = told;
            requests.push(ReadRequest { method, path, query, headers, body, persists });
            if !persists {
                break;
            }
        }
        requests
    })
}

/// Reads what a backend sends in those pieces before it closes the connection, with a bound for the body: as a whole, or `streamed`
/// as it comes. `Err` is why there is not even a head.
pub fn read_answer(
    pieces: impl IntoIterator<Item = Bytes>,
    is_head: bool,
    body: usize,
    streamed: bool,
) -> Result<ReadAnswer, String> {
    let method = if is_head { "HEAD" } else { "GET" };
    let request = Outgoing::new(Head::request(method, "/", "localhost", 0), Bytes::new(), is_head);
    let told = |error: client::Error| format!("{error:?}");
    let mut connection = client::Connection::new(Pieces::of(pieces));
    at_once(async {
        let begun = connection.begin(&request).await.map_err(told)?;
        let (status, Headers(headers)) = (begun.status, begun.headers.clone());
        if !streamed {
            let body = connection.finish(begun, body, None).await.map(|answer| answer.body).map_err(told);
            return Ok(ReadAnswer { status, headers, body, persists: connection.is_reusable() });
        }
        let (mut incoming, mut whole) = (Incoming::new(connection, begun), BytesMut::new());
        let cut = loop {
            match std::future::poll_fn(|cx| incoming.poll_next(cx)).await {
                Some(Ok(piece)) => whole.extend_from_slice(&piece),
                Some(Err(cut)) => break Some(told(cut)),
                None => break None,
            }
        };
        let persists = incoming.into_connection().is_reusable();
        Ok(ReadAnswer { status, headers, body: cut.map_or(Ok(whole.freeze()), Err), persists })
    })
}

/// What never waits, as all of it is there.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

/// A socket whose other side sends those pieces, takes everything, and closes.
struct Pieces(VecDeque<Bytes>);

impl Pieces {
    fn of(pieces: impl IntoIterator<Item = Bytes>) -> Pieces {
        Pieces(pieces.into_iter().filter(|piece| !piece.is_empty()).collect())
    }
}

impl AsyncRead for Pieces {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Some(piece) = self.0.front_mut() {
            let length = piece.len().min(buf.remaining());
            buf.put_slice(&piece[..length]);
            piece.advance(length);
            if piece.is_empty() {
                self.0.pop_front();
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pieces {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(answer: &str, step: usize) -> String {
        let pieces = answer.as_bytes().chunks(step).map(Bytes::copy_from_slice);
        match read_answer(pieces, false, 1_000, false) {
            Ok(ReadAnswer { status, headers, body, .. }) => {
                format!("{status}, {} lines, {body:?}", headers.len())
            }
            Err(why) => why,
        }
    }

    /// Byte by byte the long ones would take minutes if each byte had them read from their beginning.
    #[test]
    fn answers_are_the_same_whatever_the_pieces() {
        let long = "x".repeat(200 * 1024);
        let lines = "a: b\r\n".repeat(250);
        let ok = "Content-Length: 2\r\n\r\nok";
        for (answer, expected) in [
            (format!("HTTP/1.1 200 OK\r\n{ok}"), r#"200, 1 lines, Ok(b"ok")"#),
            (format!("HTTP/1.1 200 OK\r\nX: {long}\r\n{ok}"), r#"200, 2 lines, Ok(b"ok")"#),
            (format!("HTTP/1.1 200 OK\nX: {long}\n{}", ok.replace('\r', "")), r#"200, 2 lines, Ok(b"ok")"#),
            (
                format!("HTTP/1.1 100 Continue\r\nX: {long}\r\n\r\nHTTP/1.1 201 Created\r\n{lines}{ok}"),
                r#"201, 251 lines, Ok(b"ok")"#,
            ),
            (format!("{}HTTP/1.1 200 OK\r\n{ok}", "\r\n".repeat(50_000)), r#"200, 1 lines, Ok(b"ok")"#),
            (format!("HTTP/1.1 200 OK\r\nX: {long}{long}"), r#"Network("the answer's head is too long")"#),
            (format!("HTTP/1.1 200 OK\r\nX: {long}"), "Closed"),
            (
                format!("HTTP/1.1 200 OK\r\nX: {long}\r\nX <9"),
                r#"Network("the answer is not HTTP: invalid header name")"#,
            ),
            (format!("HTTQ {long}"), r#"Network("the answer is not HTTP: invalid HTTP version")"#),
        ] {
            for step in [1, 2, 3, 7, 1_000, answer.len()] {
                assert_eq!(told(&answer, step), expected, "{} in pieces of {step}", &answer[..20]);
            }
        }
    }
}
