//! A connection's bytes: TCP, or TLS over it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::resolve::Resolver;
use crate::config::url::Origin;

/// How long one of several addresses may take before the next is tried.
const ATTEMPT: Duration = Duration::from_secs(5);
/// How long to wait for a reset that is on its way, and how often to look.
const RESET: Duration = Duration::from_millis(50);
const LOOK: Duration = Duration::from_millis(1);

/// Why there is no connection.
#[derive(Debug)]
pub enum ConnectError {
    /// The name has no address.
    UnknownHost(String),
    /// Refused, unreachable, or TLS did not come about.
    Network(String),
}

/// An open connection.
pub(crate) enum Stream {
    /// Plain, with what goes out at once, in bytes.
    Tcp(TcpStream, usize),
    /// Encrypted.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Connects, trying the host's addresses in turn.
    pub(crate) async fn connect(origin: &Origin, resolver: &Resolver) -> Result<Stream, ConnectError> {
        let addresses = resolver
            .lookup(&origin.host, origin.port)
            .await
            .map_err(|e| ConnectError::UnknownHost(format!("`{}`: {e}", origin.host)))?;
        let tcp = connect_any(&addresses)
            .await
            .map_err(|e| ConnectError::Network(format!("{}:{}: {e}", origin.host, origin.port)))?;
        // Without it small requests wait for acknowledgements; a connection that refuses the option still works.
        let _ = tcp.set_nodelay(true);
        if !origin.tls {
            return Ok(Stream::plain(tcp));
        }
        let name = ServerName::try_from(origin.host.to_string())
            .map_err(|_| ConnectError::Network(format!("`{}` cannot be a certificate's name", origin.host)))?;
        let tls = TlsConnector::from(tls_config())
            .connect(name, tcp)
            .await
            .map_err(|e| ConnectError::Network(format!("TLS with {}: {e}", origin.host)))?;
        Ok(Stream::Tls(Box::new(tls)))
    }

    fn plain(tcp: TcpStream) -> Stream {
        let segment = socket2::SockRef::from(&tcp).tcp_mss().unwrap_or_default();
        Stream::Tcp(tcp, segment as usize)
    }

    fn tcp(&self) -> &TcpStream {
        match self {
            Stream::Tcp(tcp, _) => tcp,
            Stream::Tls(tls) => tls.get_ref().0,
        }
    }

    /// Whether an idle connection can still be used: the other side has neither closed it nor said anything unasked. The kernel
    /// is asked: the event loop learns of an end only when it is polled, which is after the next request.
    pub(crate) fn is_open(&mut self) -> bool {
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut byte = [std::mem::MaybeUninit::uninit(); 1];
        match socket2::SockRef::from(self.tcp()).peek(&mut byte) {
            Err(e) => e.kind() == io::ErrorKind::WouldBlock,
            Ok(0) => false,
            // TLS has messages of its own (session tickets) between answers.
            Ok(_) => match self {
                Stream::Tcp(..) => false,
                Stream::Tls(tls) => {
                    let mut byte = [0; 1];
                    Pin::new(tls).poll_read(&mut context, &mut ReadBuf::new(&mut byte)).is_pending()
                }
            },
        }
    }

    /// The same of a connection that is idle for a moment only, for a request of that length, as far as the event loop knows: asking
    /// the kernel costs as much as half a read. If it is wrong, [`Stream::threw_away`] tells that the request can be sent again;
    /// where that could not tell, the kernel is asked.
    pub(crate) fn seems_open(&mut self, length: usize) -> bool {
        match self {
            Stream::Tcp(tcp, segment) if length <= *segment => {
                let mut byte = [std::mem::MaybeUninit::uninit(); 1];
                let looked = tcp.try_io(Interest::READABLE, || socket2::SockRef::from(&*tcp).peek(&mut byte));
                looked.is_err_and(|e| e.kind() == io::ErrorKind::WouldBlock)
            }
            _ => self.is_open(),
        }
    }
}

impl Stream {
    /// Waits so long for the other side to close, or to say something unasked.
    pub(crate) async fn rest(&self, time: Duration) {
        // What it is, `is_open` tells.
        let _ = tokio::time::timeout(time, self.tcp().peek(&mut [0])).await;
    }

    /// Whether the other side threw away, unread, a request of that length, which one write took and after which it closed.
    ///
    /// What can be known without asking it: its end of the stream came in order, so it had read all that had arrived when it
    /// closed (one that had not would reset the connection instead). The request went out as one segment, so it had arrived as a
    /// whole or not at all. A reset followed: something arrived after the close. That can only be the request.
    ///
    /// Of the time until the deadline at most half is taken: waiting longer would make a time-out of what is a closed connection.
    pub(crate) async fn threw_away(&self, length: usize, deadline: Instant) -> bool {
        // Over TLS the length of what was sent is not known.
        let Stream::Tcp(tcp, _) = self else { return false };
        if !socket2::SockRef::from(tcp).tcp_mss().is_ok_and(|segment| length <= segment as usize) {
            return false;
        }
        let begin = Instant::now();
        let end = begin + RESET.min(deadline.saturating_duration_since(begin) / 2);
        loop {
            match tcp.take_error() {
                Ok(None) if Instant::now() + LOOK < end => tokio::time::sleep(LOOK).await,
                Ok(error) => return error.is_some(),
                Err(_) => return false,
            }
        }
    }
}

async fn connect_any(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let (last, others) = addresses.split_last().ok_or(io::ErrorKind::NotFound)?;
    for address in others {
        if let Ok(Ok(tcp)) = tokio::time::timeout(ATTEMPT, TcpStream::connect(address)).await {
            return Ok(tcp);
        }
    }
    TcpStream::connect(last).await
}

/// Mozilla's roots, which an image without files has too, and the system's: a company's own authority is in its store, or where
/// `SSL_CERT_FILE` and `SSL_CERT_DIR` say. A certificate of them that cannot be read is left out, as by every other client.
fn tls_config() -> Arc<ClientConfig> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    let build = || {
        let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
    };
    CONFIG.get_or_init(build).clone()
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Tcp(tcp, _) => Pin::new(tcp).poll_read(cx, buf),
            Stream::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Tcp(tcp, _) => Pin::new(tcp).poll_write(cx, buf),
            Stream::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Tcp(tcp, _) => Pin::new(tcp).poll_write_vectored(cx, bufs),
            Stream::Tls(tls) => Pin::new(tls).poll_write_vectored(cx, bufs),
        }
    }
    fn is_write_vectored(&self) -> bool {
        true
    }
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Tcp(tcp, _) => Pin::new(tcp).poll_flush(cx),
            Stream::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Tcp(tcp, _) => Pin::new(tcp).poll_shutdown(cx),
            Stream::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    async fn pair() -> io::Result<(Stream, TcpStream)> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let ours = TcpStream::connect(listener.local_addr()?).await?;
        Ok((Stream::plain(ours), listener.accept().await?.0))
    }

    fn run<T>(test: impl Future<Output = io::Result<T>>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.and_then(|runtime| runtime.block_on(test)).unwrap_or_else(|e| unreachable!("{e}"))
    }

    /// What comes back when a request meets the other side's end, and whether it was thrown away.
    async fn sent_after_the_end(length: usize) -> io::Result<(usize, bool)> {
        let (mut ours, theirs) = pair().await?;
        drop(theirs);
        ours.write_all(REQUEST).await?;
        let read = ours.read(&mut [0; 16]).await?;
        Ok((read, ours.threw_away(length, Instant::now() + Duration::from_secs(60)).await))
    }

    #[test]
    fn a_request_that_met_the_end_was_thrown_away() {
        assert_eq!(run(sent_after_the_end(REQUEST.len())), (0, true));
    }

    /// Its first segment may have been read before the end.
    #[test]
    fn of_a_request_in_several_segments_nobody_knows() {
        assert_eq!(run(sent_after_the_end(1_000_000)), (0, false));
    }

    #[test]
    fn a_request_that_was_read_was_not_thrown_away() {
        let read_and_closed = async {
            let (mut ours, mut theirs) = pair().await?;
            ours.write_all(REQUEST).await?;
            theirs.read_exact(&mut [0; REQUEST.len()]).await?;
            drop(theirs);
            let deadline = Instant::now() + Duration::from_secs(60);
            Ok((ours.read(&mut [0; 16]).await?, ours.threw_away(REQUEST.len(), deadline).await))
        };
        assert_eq!(run(read_and_closed), (0, false));
    }

    /// Else the time-out would be told, and not the closed connection.
    #[test]
    fn nobody_waits_for_a_reset_beyond_the_deadline() {
        let closed_late = async {
            let (mut ours, mut theirs) = pair().await?;
            ours.write_all(REQUEST).await?;
            theirs.read_exact(&mut [0; REQUEST.len()]).await?;
            drop(theirs);
            let mut answers = Vec::new();
            for left in [Duration::ZERO, LOOK, Duration::from_millis(20)] {
                let deadline = Instant::now() + left;
                let looked = ours.threw_away(REQUEST.len(), deadline);
                answers.push(tokio::time::timeout_at(deadline, looked).await.ok());
            }
            Ok(answers)
        };
        assert_eq!(run(closed_late), [Some(false); 3]);
    }

    #[test]
    fn an_idle_connection_is_open_until_it_ends_or_speaks() {
        let looked = async {
            let (mut quiet, kept) = pair().await?;
            let (mut closed, theirs) = pair().await?;
            drop(theirs);
            let (mut chatty, mut theirs) = pair().await?;
            theirs.write_all(b"x").await?;
            for stream in [&closed, &chatty] {
                stream.rest(Duration::from_secs(60)).await;
            }
            let open = [quiet.is_open(), closed.is_open(), chatty.is_open()];
            drop(kept);
            Ok(open)
        };
        assert_eq!(run(looked), [true, false, false]);
    }
}
