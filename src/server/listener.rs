//! Listening: one socket per thread on the same port, so that the kernel spreads connections and no thread waits for another.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::in_flight::Counted;
use super::shutdown::ProcessStage;
use super::worker::Worker;
use super::{connection, handshakes};
use crate::http1::accept;
use crate::log::Seldom;
use crate::memory::Client;

/// Connections that the kernel holds until they are accepted.
const BACKLOG: i32 = 4096;

/// How long a connection that has begun may take until it is complete.
const HANDSHAKES: Duration = Duration::from_millis(100);

/// They come by the thousand, when they come.
static CLOSED: Seldom = Seldom::new();
static NOT_ACCEPTED: Seldom = Seldom::new();

/// Binds the port `count` times.
pub(crate) fn bind(address: SocketAddr, count: usize) -> io::Result<Vec<TcpListener>> {
    // Another process of ours could share the port unnoticed: it is asked for alone first.
    let alone = socket(address, false)?;
    let address = SocketAddr::new(address.ip(), alone.local_addr()?.port());
    drop(alone);
    (0..count.max(1)).map(|_| socket(address, true)).collect()
}

fn socket(address: SocketAddr, shared: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(shared)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Accepts connections until the process is about to end, and then those that the kernel has or is about to have: closing the
/// socket resets what waits in its queue, although its client was told that it is connected.
pub(crate) async fn serve(
    worker: &Rc<Worker>,
    listener: tokio::net::TcpListener,
    mut stage: watch::Receiver<ProcessStage>,
) {
    let troubled = |e: &io::Error| NOT_ACCEPTED.warn("cannot accept a connection", &[("error", e)]);
    while *stage.borrow_and_update() == ProcessStage::Run {
        tokio::select! {
            (stream, peer) = accept::next(&listener, troubled) => open(worker, stream, peer, stage.clone()),
            changed = stage.changed() => if changed.is_err() { return },
        }
    }
    if *stage.borrow() == ProcessStage::Drain && handshakes::stop(&listener).is_ok() {
        let begun = async {
            loop {
                let (stream, peer) = accept::next(&listener, troubled).await;
                // As with `TCP_NODELAY`: one that refuses the option may work all the same.
                let _ = handshakes::hear(&stream);
                open(worker, stream, peer, stage.clone());
            }
        };
        // It has no end of its own.
        let _ = tokio::time::timeout(HANDSHAKES, begun).await;
    }
    let Ok(listener) = listener.into_std() else { return };
    while let Ok((stream, peer)) = listener.accept() {
        // As for those that were accepted in time.
        let _ = stream.set_nodelay(true);
        let _ = handshakes::hear(&stream);
        if stream.set_nonblocking(true).is_ok()
            && let Ok(stream) = TcpStream::from_std(stream)
        {
            open(worker, stream, peer, stage.clone());
        }
    }
}

/// One too many is closed before the next is accepted, so that a rush of them takes no descriptors.
fn open(worker: &Rc<Worker>, stream: TcpStream, peer: SocketAddr, stage: watch::Receiver<ProcessStage>) {
    let most = worker.process.current().settings.limits.connections.min(worker.process.room);
    let counted = Counted::new(worker.process.connections.clone());
    if counted.before >= most {
        worker.process.metrics.connections_refused.inc();
        CLOSED.warn("too many connections: one is closed", &[("peer", &peer), ("limit", &most)]);
        return;
    }
    let worker = worker.clone();
    let open = worker.open();
    let client = Arc::new(Client::default());
    let served = client.clone();
    let task = tokio::task::spawn_local(async move {
        connection::serve(&worker, &served, stream, peer, stage).await;
        drop((counted, open));
    });
    client.served_by(task.abort_handle());
}
