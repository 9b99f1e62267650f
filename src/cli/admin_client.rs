//! A running sidecar's admin port, as the commands ask it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use serde_json::Value;

use crate::config::url::Url;

/// Longest wait for each step.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer that is read.
const LONGEST: u64 = 64 << 20;

/// Where the admin port is.
pub(super) struct AdminClient(Url);

/// Exchanges as they come.
pub(super) struct Events {
    lines: BufReader<TcpStream>,
    until: Option<Instant>,
}

impl AdminClient {
    /// The port under a url such as `http://127.0.0.1:9180`.
    pub(super) fn at(url: &str) -> anyhow::Result<AdminClient> {
        let url = Url::parse(url).map_err(|e| anyhow!("{url}: {e}"))?;
        if url.origin.tls {
            bail!("{}: only `http` can be asked", url.authority);
        }
        Ok(AdminClient(url))
    }

    /// The body of an answer.
    pub(super) fn get(&self, path: &str) -> anyhow::Result<String> {
        let mut answer = self.ask(path)?;
        let mut body = String::new();
        answer.by_ref().take(LONGEST).read_to_string(&mut body)?;
        Ok(body)
    }

    /// Exchanges from now on, at most until then.
    pub(super) fn events(&self, until: Option<Instant>) -> anyhow::Result<Events> {
        Ok(Events { lines: self.ask("/events")?, until })
    }

    /// Sends a request and reads the answer's head. As HTTP/1.0 the body goes on to the connection's end.
    fn ask(&self, path: &str) -> anyhow::Result<BufReader<TcpStream>> {
        let url = &self.0;
        let address = (&*url.origin.host, url.origin.port).to_socket_addrs()?.next().context("no address")?;
        let stream = TcpStream::connect_timeout(&address, PATIENCE).with_context(|| url.authority.to_string())?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        write!(&stream, "GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", url.authority)?;
        let mut lines = BufReader::new(stream);
        let mut line = String::new();
        lines.read_line(&mut line)?;
        let status = line.split(' ').nth(1).unwrap_or_default().to_owned();
        while !line.trim_end().is_empty() {
            line.clear();
            lines.read_line(&mut line)?;
        }
        match status.as_str() {
            "200" => Ok(lines),
            "403" => bail!("{}: answers only its own machine (`admin.allow_remote`)", url.authority),
            status => bail!("{}{path}: answered {status}", url.authority),
        }
    }
}

impl Iterator for Events {
    type Item = anyhow::Result<Vec<Value>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = String::new();
        loop {
            let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return None;
            }
            // The sidecar says something at least every 15 seconds.
            if let Err(error) = self.lines.get_ref().set_read_timeout(Some(left.unwrap_or(PATIENCE * 3))) {
                return Some(Err(error.into()));
            }
            match self.lines.read_line(&mut line) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(_) if self.until.is_some_and(|until| until <= Instant::now()) => return None,
                Err(error) => return Some(Err(error.into())),
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(data).context("the admin port does not speak this version's words"));
            }
            line.clear();
        }
    }
}
