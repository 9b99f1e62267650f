//! The requests of one HTTP/1 connection, one after the other: each is received, answered by the gateway, and its answer written.

use std::future::poll_fn;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::SystemTime;

use bytes::Bytes;
use tokio::net::TcpStream;
use tower::{Layer, Service};

use super::departure::{Departing, Departure, End, settle};
use super::service::{Arrived, GatewayService, failure};
use super::worker::Worker;
use crate::http1::body_stream::Body;
use crate::http1::message::Request;
use crate::http1::request_body::RequestBody;
use crate::http1::request_head::Told;
use crate::http1::response_head::{Follows, render};
use crate::http1::server::{Connection, Form, Received};
use crate::http1::spare;
use crate::http1::turn::Busy;
use crate::memory::Client;

/// Serves a connection until either side ends it.
pub(crate) async fn serve(
    worker: &Rc<Worker>,
    client: &Arc<Client>,
    connection: Rc<Connection<TcpStream>>,
    source_ip: IpAddr,
    in_flight: usize,
) {
    let mut layered = worker.in_flight_layer(in_flight).layer(GatewayService::new(worker.clone(), client.clone()));
    while let Some(Received { told, fault, form, at }) = connection.receive().await {
        let _busy = Busy::begin();
        let Told { method, path, query, headers } = told;
        let (body, time, received) = (Bytes::new(), SystemTime::now(), at);
        let request = Request { method, path, query, headers, body, source_ip, http2: false, time, received };
        let body = RequestBody::Http1(connection.clone());
        let Ok(departure) = layered.call(Arrived { request, body, fault: fault.map(failure) }).await;
        if !depart(&connection, departure, form).await {
            return;
        }
    }
}

/// Writes an answer. Says whether another request may follow.
async fn depart(connection: &Connection<TcpStream>, departure: Departure, form: Form) -> bool {
    let Departure { mut response, end } = departure;
    settle(&mut response);
    let is_body_read = connection.skip_body();
    let close = !form.persists
        || !is_body_read
        || connection.progress.is_closing()
        || response.headers.last("Connection") == Some("close");
    let (mut head, follows) = render(&response, form, close);
    let written = match response.body {
        Body::Stream(stream) if matches!(follows, Follows::Chunks | Follows::All) => {
            Box::pin(write_stream(connection, &head, Departing::new(stream, end), follows)).await
        }
        body => write_whole(connection, &mut head, &body, follows, end).await,
    };
    spare::give(head);
    if written && !is_body_read {
        connection.leave().await;
    }
    written && !close && follows != Follows::All
}

/// An answer counts once all of it is on its way: that the kernel has it too tells nothing more. A body that has room behind the head
/// is copied there: the kernel takes one piece faster than two.
async fn write_whole(
    connection: &Connection<TcpStream>,
    head: &mut Vec<u8>,
    body: &Body,
    follows: Follows,
    end: End,
) -> bool {
    drop(end);
    let mut body: &[u8] = if follows == Follows::Bytes { body.whole() } else { b"" };
    if body.len() <= head.capacity() - head.len() {
        head.extend_from_slice(body);
        body = b"";
    }
    connection.write([head, body, b""]).await.is_ok()
}

/// Writes a stream piece by piece, each when the one before has left: who takes slowly slows the source.
async fn write_stream(
    connection: &Connection<TcpStream>,
    head: &[u8],
    mut departing: Departing,
    follows: Follows,
) -> bool {
    // The head goes with the first piece, if that is there.
    let mut head = Some(head);
    loop {
        let next = poll_fn(|cx| match departing.poll_next(cx) {
            Poll::Pending if head.is_some() => Poll::Ready(None),
            next => next.map(Some),
        });
        let Some(next) = next.await else {
            if connection.write([head.take().unwrap_or_default(), b"", b""]).await.is_err() {
                return false;
            }
            continue;
        };
        let head = head.take().unwrap_or_default();
        let written = match next {
            Some(Ok(piece)) if piece.is_empty() => connection.write([head, b"", b""]).await,
            Some(Ok(piece)) if follows == Follows::Chunks => {
                let size = format!("{:X}\r\n", piece.len());
                connection.write([&[head, size.as_bytes()].concat(), &piece, b"\r\n"]).await
            }
            Some(Ok(piece)) => connection.write([head, &piece, b""]).await,
            // Only the missing end tells the client.
            Some(Err(_)) => {
                let _ = connection.write([head, b"", b""]).await;
                return false;
            }
            None => {
                drop(departing);
                let end: &[u8] = if follows == Follows::Chunks { b"0\r\n\r\n" } else { b"" };
                return connection.write([head, end, b""]).await.is_ok();
            }
        };
        if written.is_err() {
            return false;
        }
    }
}
