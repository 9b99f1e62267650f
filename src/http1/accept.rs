//! Accepting connections: the one loop of every server of ours.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Pause when no connection can be accepted: out of file descriptors, most likely, and some may be free soon.
const PAUSE: Duration = Duration::from_millis(50);

/// The next connection; `troubled` is told why none can be accepted.
pub(crate) async fn next(listener: &TcpListener, troubled: impl Fn(&io::Error)) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Without it small answers wait for acknowledgements; a connection that refuses the option still works.
                let _ = stream.set_nodelay(true);
                return (stream, peer);
            }
            Err(e) if is_of_one_connection(&e) => {}
            Err(e) => {
                troubled(&e);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Serves at most `most` connections at once for as long as it is polled; one more is closed.
pub(crate) async fn serve<F>(listener: TcpListener, most: usize, mut connection: impl FnMut(TcpStream, SocketAddr) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            (stream, peer) = next(&listener, |_| {}) => if connections.len() < most {
                connections.spawn(connection(stream, peer));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Errors that say something about the connection that was to be accepted only.
fn is_of_one_connection(e: &io::Error) -> bool {
    use io::ErrorKind as K;
    matches!(e.kind(), K::ConnectionRefused | K::ConnectionAborted | K::ConnectionReset | K::Interrupted)
}
