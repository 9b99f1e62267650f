//! `stagegate healthcheck`: asks the admin port's `/readyz`, for images without a shell.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};

use super::sources::SourceArgs;
use super::terminal::complain;
use crate::config::admin_address;
use crate::config::url::Url;

/// Longest wait for each step.
const PATIENCE: Duration = Duration::from_secs(3);

/// The flags of `healthcheck`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    /// Where the configuration is, and so the admin port.
    #[command(flatten)]
    pub sources: SourceArgs,
    /// What to ask [default: `/readyz` on the admin port of the configuration]
    #[arg(long, env = "STAGEGATE_URL")]
    pub url: Option<String>,
}

/// Asks once: 0 when ready, 1 when not or when nobody answers.
pub(crate) fn healthcheck(args: &Args) -> ExitCode {
    let url = args.url.clone().unwrap_or_else(|| readyz(admin_address(&args.sources.sources())));
    match ask(&url) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            complain(format_args!("{url}: {e:#}"));
            ExitCode::FAILURE
        }
    }
}

fn readyz(mut admin: SocketAddr) -> String {
    if admin.ip().is_unspecified() {
        admin.set_ip(if admin.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    format!("http://{admin}/readyz")
}

fn ask(url: &str) -> anyhow::Result<()> {
    let url = Url::parse(url).map_err(|e| anyhow!(e))?;
    if url.origin.tls {
        bail!("only `http` can be asked");
    }
    let address = (&*url.origin.host, url.origin.port).to_socket_addrs()?.next().context("no address")?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", url.target, url.authority)?;
    let mut answer = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut answer)?;
    let line = answer.split(|b| *b == b'\r').next().unwrap_or_default();
    match line.get(9..12) {
        Some([b'2', _, _]) => Ok(()),
        _ => bail!("not ready: {}", String::from_utf8_lossy(line)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_for_everybody_is_asked_on_this_machine() {
        let url = |address: &str| readyz(address.parse().expect("an address"));
        assert_eq!(url("0.0.0.0:9999"), "http://127.0.0.1:9999/readyz");
        assert_eq!(url("[::]:1"), "http://[::1]:1/readyz");
        assert_eq!(url("10.0.0.1:9180"), "http://10.0.0.1:9180/readyz");
    }
}
