//! A connection's bytes: TCP, or TLS over it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::resolve::Resolver;
use super::url::Origin;

/// How long one of several addresses may take before the next is tried.
const ATTEMPT: Duration = Duration::from_secs(5);
/// How long an idle connection is believed to be open without asking.
const RECENT: Duration = Duration::from_millis(20);

/// Why there is no connection.
#[derive(Debug)]
pub enum ConnectError {
    /// The name has no address.
    UnknownHost(String),
    /// Refused, unreachable, or TLS did not come about.
    Network(String),
}

/// An open connection.
pub enum Stream {
    /// Plain.
    Tcp(TcpStream),
    /// Encrypted.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Connects, trying the host's addresses in turn.
    pub async fn connect(origin: &Origin, resolver: &Resolver) -> Result<Stream, ConnectError> {
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
            return Ok(Stream::Tcp(tcp));
        }
        let name = ServerName::try_from(origin.host.to_string())
            .map_err(|_| ConnectError::Network(format!("`{}` cannot be a certificate's name", origin.host)))?;
        let tls = TlsConnector::from(tls_config())
            .connect(name, tcp)
            .await
            .map_err(|e| ConnectError::Network(format!("TLS with {}: {e}", origin.host)))?;
        Ok(Stream::Tls(Box::new(tls)))
    }

    fn tcp(&self) -> &TcpStream {
        match self {
            Stream::Tcp(tcp) => tcp,
            Stream::Tls(tls) => tls.get_ref().0,
        }
    }

    /// Whether an idle connection can still be used: the other side has neither closed it nor said anything unasked.
    /// One that was used a moment ago is believed on the event loop's word, without asking the kernel.
    pub fn is_open(&mut self, idle: Duration) -> bool {
        let mut context = Context::from_waker(std::task::Waker::noop());
        if idle < RECENT && self.tcp().poll_read_ready(&mut context).is_pending() {
            return true;
        }
        let mut byte = [std::mem::MaybeUninit::uninit(); 1];
        match socket2::SockRef::from(self.tcp()).peek(&mut byte) {
            Err(e) => e.kind() == io::ErrorKind::WouldBlock,
            Ok(0) => false,
            // TLS has messages of its own (session tickets) between answers.
            Ok(_) => match self {
                Stream::Tcp(_) => false,
                Stream::Tls(tls) => {
                    let mut byte = [0; 1];
                    Pin::new(tls).poll_read(&mut context, &mut ReadBuf::new(&mut byte)).is_pending()
                }
            },
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

/// Mozilla's roots, and those in the file that `SSL_CERT_FILE` names.
fn tls_config() -> Arc<ClientConfig> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    let build = || {
        let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        if let Some(file) = std::env::var_os("SSL_CERT_FILE")
            && let Ok(certificates) = CertificateDer::pem_file_iter(file)
        {
            roots.add_parsable_certificates(certificates.flatten());
        }
        Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
    };
    CONFIG.get_or_init(build).clone()
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Tcp(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Stream::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Tcp(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Stream::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Tcp(tcp) => Pin::new(tcp).poll_write_vectored(cx, bufs),
            Stream::Tls(tls) => Pin::new(tls).poll_write_vectored(cx, bufs),
        }
    }
    fn is_write_vectored(&self) -> bool {
        true
    }
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Tcp(tcp) => Pin::new(tcp).poll_flush(cx),
            Stream::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Tcp(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Stream::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
