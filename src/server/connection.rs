//! One client connection: which protocol it speaks, how long it may idle, how it ends.

use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::connection_service::ConnectionService;
use super::shutdown::ProcessStage;
use super::worker::Worker;
use crate::config::settings::Limits;
use crate::http1::server::{Link, Patience, Socket, Verdict};
use crate::memory::Client;

/// What an HTTP/2 connection begins with.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// What is read to learn the protocol: whole requests, mostly.
const FIRST: usize = 4096;
/// hyper's buffers hold heads at least that long, so that it is us who refuse a longer one than the limit says.
const HEADS: usize = 64 * 1024;
/// Requests at once over one HTTP/2 connection.
const STREAMS: u32 = 250;
/// An HTTP/2 client that is silent is asked whether it is still there.
const PING: Duration = Duration::from_secs(20);

/// Serves a connection until it ends.
pub(crate) async fn serve(
    worker: &Rc<Worker>,
    client: &Arc<Client>,
    mut stream: TcpStream,
    peer: SocketAddr,
    stage: watch::Receiver<ProcessStage>,
) {
    let limits = worker.process.current().settings.limits.clone();
    let Some(first) = first_bytes(&mut stream, &limits, stage.clone()).await else { return };
    let is_http2 = first.starts_with(PREFACE);
    let longest_head = HEADS.max(limits.header_bytes + limits.uri_bytes + 4096);
    let link = Rc::new(Link::new(is_http2, longest_head));
    let io = TokioIo::new(Socket::new(stream, first, link.clone(), client.clone()));
    let service = ConnectionService::new(worker, &link, client, peer.ip().to_canonical(), limits.in_flight);
    let patience = Patience { head: limits.header_timeout, idle: limits.idle_timeout, stream: limits.stream_idle };
    if is_http2 {
        let mut builder = http2::Builder::new(LocalExecutor);
        builder
            .auto_date_header(false)
            .timer(TokioTimer::new())
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING)
            .max_concurrent_streams(STREAMS)
            .max_send_buf_size(HEADS)
            .max_header_list_size(u32::try_from(longest_head).unwrap_or(u32::MAX));
        drive(pin!(builder.serve_connection(io, service)), &link, patience, stage).await;
    } else {
        let mut builder = http1::Builder::new();
        // A client that has closed its side still gets its answer, and a call that went out is always counted.
        builder.half_close(true).auto_date_header(false).max_buf_size(longest_head);
        drive(pin!(builder.serve_connection(io, service)), &link, patience, stage).await;
    }
}

/// Enough bytes to know the protocol; `None` when nothing comes.
async fn first_bytes(
    stream: &mut TcpStream,
    limits: &Limits,
    mut stage: watch::Receiver<ProcessStage>,
) -> Option<Bytes> {
    let mut first = BytesMut::with_capacity(FIRST);
    let mut deadline = Instant::now() + limits.idle_timeout;
    loop {
        let read = tokio::select! {
            read = stream.read_buf(&mut first) => read.ok()?,
            _ = stage.wait_for(|stage| *stage == ProcessStage::Close) => return None,
            () = sleep_until(deadline) => return None,
        };
        let common = first.len().min(PREFACE.len());
        if read == 0 {
            return None;
        } else if first[..common] != PREFACE[..common] || first.len() >= PREFACE.len() {
            return Some(first.freeze());
        }
        deadline = deadline.min(Instant::now() + limits.header_timeout);
    }
}

/// A connection of hyper's, whichever protocol it speaks.
trait Connection: Future {
    /// Ends it after what is in flight.
    fn end(self: Pin<&mut Self>);
}

impl Connection for http1::Connection<TokioIo<Socket>, ConnectionService> {
    fn end(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl Connection for http2::Connection<TokioIo<Socket>, ConnectionService, LocalExecutor> {
    fn end(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Polls a connection to its end, which comes early when the client is too slow or the process ends.
async fn drive<C: Connection>(
    mut connection: Pin<&mut C>,
    link: &Link,
    patience: Patience,
    mut stage: watch::Receiver<ProcessStage>,
) {
    let mut ending = false;
    let mut look = pin!(sleep_until(Instant::now() + patience.head.min(patience.idle)));
    if *stage.borrow_and_update() != ProcessStage::Run {
        link.close();
    }
    loop {
        tokio::select! {
            biased;
            // How a connection ends matters to nobody: what went wrong on it was answered or cannot be.
            _ = connection.as_mut() => return,
            () = look.as_mut() => match patience.judge(link) {
                Verdict::Keep(time) => look.as_mut().reset(Instant::now() + time),
                Verdict::Break => return,
                // A client that does not even acknowledge the end.
                Verdict::Close if ending => return,
                Verdict::Close => {
                    ending = true;
                    connection.as_mut().end();
                    look.as_mut().reset(Instant::now() + patience.head);
                }
            },
            changed = stage.changed(), if !ending => {
                link.close();
                ending = link.is_http2() || changed.is_err() || *stage.borrow_and_update() == ProcessStage::Close;
                if ending {
                    connection.as_mut().end();
                }
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
