//! One client connection: which protocol it speaks, how long it may idle, how it ends.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::BytesMut;
use hyper::server::conn::http2;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::unconstrained;
use tokio::time::{Instant, sleep, sleep_until};

use super::http1_service;
use super::http2_link::{Link, Socket};
use super::http2_service::Http2Service;
use super::shutdown::{LINGER, ProcessStage};
use super::worker::Worker;
use crate::config::settings::Limits;
use crate::http1::progress::{Patience, Phase, Verdict};
use crate::http1::server::Connection;
use crate::memory::Client;

/// What an HTTP/2 connection begins with.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// What is read to learn the protocol: whole requests, mostly.
const FIRST: usize = 4096;
/// A head may be that long, so that it is the gateway that refuses one that is longer than the limits say.
const HEADS: usize = 64 * 1024;
/// Requests at once over one HTTP/2 connection.
const STREAMS: u32 = 250;
/// An idle connection is closed after that time only, so that what the kernel already has of a request is read.
const LAST_LOOK: Duration = Duration::from_millis(10);
/// An HTTP/2 client that is silent is asked whether it is still there.
const PING: Duration = Duration::from_secs(20);

/// The settings at a connection's beginning, as far as they are for it.
#[derive(Clone, Copy)]
struct Terms {
    patience: Patience,
    longest_head: usize,
    in_flight: usize,
}

impl Terms {
    fn new(limits: &Limits) -> Terms {
        Terms {
            patience: Patience { head: limits.header_timeout, idle: limits.idle_timeout, stream: limits.stream_idle },
            longest_head: HEADS.max(limits.header_bytes + limits.uri_bytes + 4096),
            in_flight: limits.in_flight,
        }
    }
}

/// Serves a connection until it ends.
pub(crate) async fn serve(
    worker: &Rc<Worker>,
    client: &Arc<Client>,
    mut stream: TcpStream,
    peer: SocketAddr,
    stage: watch::Receiver<ProcessStage>,
) {
    let terms = Terms::new(&worker.process.current().settings.limits);
    let Some(first) = first_bytes(&mut stream, terms.patience, stage.clone()).await else { return };
    // What HTTP/2 needs is much, and few connections speak it.
    if first.starts_with(PREFACE) {
        Box::pin(serve_http2(worker, client, stream, first, peer, terms, stage)).await;
    } else {
        serve_http1(worker, client, stream, first, peer, terms, stage).await;
    }
}

/// Enough bytes to know the protocol; `None` when nothing comes.
async fn first_bytes(
    stream: &mut TcpStream,
    patience: Patience,
    mut stage: watch::Receiver<ProcessStage>,
) -> Option<BytesMut> {
    let mut first = BytesMut::new();
    let mut deadline = Instant::now() + patience.idle;
    loop {
        // A connection that waits keeps no buffer.
        tokio::select! {
            biased;
            ready = stream.readable() => ready.ok()?,
            () = closed(&mut stage), if first.is_empty() => return None,
            () = sleep_until(deadline) => return None,
        }
        first.reserve(FIRST);
        let read = match stream.try_read_buf(&mut first) {
            Ok(read) => read,
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => continue,
            Err(_) => return None,
        };
        let common = first.len().min(PREFACE.len());
        if read == 0 {
            return None;
        } else if first[..common] != PREFACE[..common] || first.len() >= PREFACE.len() {
            return Some(first);
        }
        deadline = deadline.min(Instant::now() + patience.head);
    }
}

/// Idle connections are closed, and this one had time for a request that has arrived.
async fn closed(stage: &mut watch::Receiver<ProcessStage>) {
    // An error tells that the process has ended.
    let _ = stage.wait_for(|stage| *stage == ProcessStage::Close).await;
    sleep(LAST_LOOK).await;
}

/// Polls the connection to its end, which comes early when the client is too slow or the process ends.
async fn serve_http1(
    worker: &Rc<Worker>,
    client: &Arc<Client>,
    stream: TcpStream,
    first: BytesMut,
    peer: SocketAddr,
    terms: Terms,
    mut stage: watch::Receiver<ProcessStage>,
) {
    let Terms { patience, longest_head, in_flight } = terms;
    let connection = Rc::new(Connection::new(stream, first, longest_head, client.clone()));
    let progress = &connection.progress;
    let mut served =
        pin!(http1_service::serve(worker, client, connection.clone(), peer.ip().to_canonical(), in_flight));
    let mut look = pin!(sleep_until(Instant::now() + patience.head.min(patience.idle)));
    let mut now = *stage.borrow_and_update();
    let mut seen = stage.clone();
    // How long the client may still ask once idle connections are closed: one whose answer could not say so has not been told.
    let (mut last_look, mut leaving) = (LINGER, false);
    loop {
        if now != ProcessStage::Run {
            progress.close();
        }
        let next = {
            let mut changed = pin!(stage.changed());
            let mut asked = false;
            poll_fn(|cx| {
                if served.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Next::Served);
                }
                if now == ProcessStage::Close && !leaving && progress.phase().0 == Phase::Idle {
                    (leaving, asked) = (true, false);
                    look.as_mut().reset(Instant::now() + last_look);
                }
                // Once asked, both wake this task by themselves: most of its polls are for the sockets, and cost no look at them.
                if asked && !look.is_elapsed() && seen.has_changed().is_ok_and(|changed| !changed) {
                    return Poll::Pending;
                }
                asked = true;
                // Even when the task's turn is used up: what is not asked now is not asked again.
                pin!(unconstrained(poll_fn(|cx| {
                    if look.as_mut().poll(cx).is_ready() {
                        return Poll::Ready(Next::Look);
                    }
                    match now {
                        ProcessStage::Close => Poll::Pending,
                        _ => changed.as_mut().poll(cx).map(|changed| Next::Stage(changed.is_ok())),
                    }
                })))
                .poll(cx)
            })
            .await
        };
        match next {
            Next::Served => return,
            Next::Look if now == ProcessStage::Close && progress.phase().0 == Phase::Idle => return,
            Next::Look => match patience.judge(progress.phase()) {
                Verdict::Keep(time) => look.as_mut().reset(Instant::now() + time),
                Verdict::Break | Verdict::Close => return,
            },
            Next::Stage(is_known) => {
                now = if is_known { *seen.borrow_and_update() } else { ProcessStage::Close };
                if now == ProcessStage::Close && progress.phase().0 == Phase::Idle {
                    last_look = LAST_LOOK;
                }
            }
        }
    }
}

/// What a connection comes to next.
enum Next {
    /// Its end.
    Served,
    /// The time to look whether its client is too slow.
    Look,
    /// Another stage of the process, if that is still told.
    Stage(bool),
}

/// The same, as hyper serves HTTP/2.
async fn serve_http2(
    worker: &Rc<Worker>,
    client: &Arc<Client>,
    stream: TcpStream,
    first: BytesMut,
    peer: SocketAddr,
    terms: Terms,
    mut stage: watch::Receiver<ProcessStage>,
) {
    let Terms { patience, longest_head, in_flight } = terms;
    let link = Rc::new(Link::new());
    let io = TokioIo::new(Socket::new(stream, first, link.clone(), client.clone()));
    let service = Http2Service::new(worker, client, &link, peer.ip().to_canonical(), in_flight);
    let mut builder = http2::Builder::new(LocalExecutor);
    builder
        .auto_date_header(false)
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING)
        .max_concurrent_streams(STREAMS)
        .max_send_buf_size(HEADS)
        .max_header_list_size(u32::try_from(longest_head).unwrap_or(u32::MAX));
    let mut connection = pin!(builder.serve_connection(io, service));
    let mut look = pin!(sleep_until(Instant::now() + patience.head.min(patience.idle)));
    let mut ending = false;
    stage.mark_unchanged();
    loop {
        tokio::select! {
            biased;
            // How a connection ends matters to nobody: what went wrong on it was answered or cannot be.
            _ = connection.as_mut() => return,
            () = look.as_mut() => match patience.judge(link.phase()) {
                Verdict::Keep(time) => look.as_mut().reset(Instant::now() + time),
                Verdict::Break => return,
                // A client that does not even acknowledge the end.
                Verdict::Close if ending => return,
                Verdict::Close => {
                    ending = true;
                    connection.as_mut().graceful_shutdown();
                    look.as_mut().reset(Instant::now() + patience.head);
                }
            },
            _ = stage.changed(), if !ending => {
                ending = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// Runs what HTTP/2 needs on this thread.
#[derive(Clone)]
struct LocalExecutor;

impl<F: Future + 'static> hyper::rt::Executor<F> for LocalExecutor {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async move {
            future.await;
        });
    }
}
