//! HTTP/1.1 by hand: what is sent and what comes back is seen byte by byte.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longest wait for anything.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// An answer as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Status line and header lines.
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header line, the name spelled like that.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body in UTF-8")
    }
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {:?}", String::from_utf8_lossy(&self.body)))
    }
}

/// One connection.
pub struct Client {
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).unwrap_or_else(|e| panic!("{address}: {e}"));
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_write_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_nodelay(true).expect("an option");
        Client { stream, buffer: Vec::new() }
    }

    pub fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).expect("a connection that takes what is sent");
    }

    /// The same on a connection that may be closed already.
    pub fn write_some(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    /// Reads an answer; `None` when the connection is closed before it begins.
    pub fn try_read(&mut self, bodiless: bool) -> Option<Answer> {
        let head = loop {
            if let Some(at) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                let rest = self.buffer.split_off(at + 4);
                break String::from_utf8(std::mem::replace(&mut self.buffer, rest)).expect("a head in UTF-8");
            }
            if !self.fill() {
                assert!(self.buffer.is_empty(), "closed within a head: {:?}", String::from_utf8_lossy(&self.buffer));
                return None;
            }
        };
        let mut answer = Answer {
            status: head[9..12].parse().expect("a status"),
            head: head.trim_end().to_owned(),
            body: Vec::new(),
        };
        let lower = answer.head.to_ascii_lowercase();
        let length = lower.lines().find_map(|l| l.strip_prefix("content-length: ")?.parse::<usize>().ok());
        let length = if bodiless || answer.status < 200 { 0 } else { length.unwrap_or(0) };
        while self.buffer.len() < length {
            assert!(self.fill(), "closed within a body");
        }
        let rest = self.buffer.split_off(length);
        answer.body = std::mem::replace(&mut self.buffer, rest);
        Some(answer)
    }

    pub fn read(&mut self) -> Answer {
        self.try_read(false).expect("an answer, not the connection's end")
    }

    /// Reads on until what was read ends so.
    pub fn read_until(&mut self, seen: &mut Vec<u8>, end: &[u8]) {
        loop {
            seen.append(&mut self.buffer);
            if seen.ends_with(end) {
                return;
            }
            assert!(self.fill(), "closed behind {:?}", String::from_utf8_lossy(seen));
        }
    }

    /// Whether the other side closes without another word.
    pub fn is_closed(&mut self) -> bool {
        self.buffer.is_empty() && !self.fill()
    }

    fn fill(&mut self) -> bool {
        let mut bytes = [0; 16 * 1024];
        match self.stream.read(&mut bytes) {
            Ok(0) => false,
            Ok(n) => {
                self.buffer.extend_from_slice(&bytes[..n]);
                true
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => self.fill(),
            Err(e) if matches!(e.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => false,
            Err(e) => panic!("nothing to read: {e}"),
        }
    }
}

/// One request over a connection of its own.
pub fn send(address: SocketAddr, request: impl AsRef<[u8]>) -> Answer {
    let mut client = Client::connect(address);
    client.write(request);
    client.read()
}

/// A GET over a connection of its own.
pub fn get(address: SocketAddr, path: &str) -> Answer {
    send(address, format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
}

/// A POST over a connection of its own.
pub fn post(address: SocketAddr, path: &str, body: impl AsRef<[u8]>) -> Answer {
    let body = body.as_ref();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    send(address, [head.as_bytes(), body].concat())
}
