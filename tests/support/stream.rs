//! Both ends of an answer that streams, byte by byte.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use super::http::PATIENCE;

/// A backend that does nothing by itself.
pub struct Backend(TcpListener);

impl Backend {
    pub fn new() -> Backend {
        Backend(TcpListener::bind("127.0.0.1:0").expect("a free port"))
    }

    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("an address")
    }

    /// The next connection, once a request has come over it.
    pub fn accept(&self) -> TcpStream {
        self.accept_with_head().0
    }

    /// The same, with the request's head.
    pub fn accept_with_head(&self) -> (TcpStream, String) {
        let stream = self.0.accept().expect("a connection").0;
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let head = take_request(&stream);
        (stream, head)
    }
}

/// Reads a message with its body, if that has a length: its head.
pub fn take_request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).expect("a message") > 0, "closed before a message");
    }
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).expect("a body");
    head
}

pub fn say(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).expect("a sidecar that takes it");
}

/// A client that has sent its request.
pub struct Client(pub TcpStream);

impl Client {
    pub fn get(address: SocketAddr) -> Client {
        Client::ask(address, "GET /s HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n")
    }

    /// One whose own buffer is small, so that it soon takes no more.
    pub fn with_little_room(address: SocketAddr) -> Client {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
        socket.set_recv_buffer_size(4096).expect("an option");
        socket.connect(&address.into()).expect("a connection");
        let mut stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        say(&mut stream, "GET /s HTTP/1.1\r\nHost: x\r\n\r\n");
        Client(stream)
    }

    pub fn ask(address: SocketAddr, request: &str) -> Client {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        say(&mut stream, request);
        Client(stream)
    }

    /// What comes, up to that text.
    pub fn until(&mut self, end: &str) -> String {
        let mut seen = Vec::new();
        while !seen.ends_with(end.as_bytes()) {
            let mut byte = [0];
            let n =
                self.0.read(&mut byte).unwrap_or_else(|e| panic!("{e} behind {:?}", String::from_utf8_lossy(&seen)));
            assert!(n > 0, "closed behind {:?}", String::from_utf8_lossy(&seen));
            seen.push(byte[0]);
        }
        String::from_utf8(seen).expect("UTF-8")
    }

    /// What comes until the connection ends, however it does.
    pub fn rest(&mut self) -> String {
        let mut seen = Vec::new();
        match self.0.read_to_end(&mut seen) {
            Ok(_) => {}
            Err(e) if e.kind() == ErrorKind::ConnectionReset => {}
            Err(e) => panic!("{e} behind {:?}", String::from_utf8_lossy(&seen)),
        }
        String::from_utf8(seen).expect("UTF-8")
    }

    /// How many bytes of a body in chunks come, up to its end.
    pub fn body_in_chunks(&mut self) -> usize {
        let mut reader = BufReader::new(&self.0);
        let mut line = String::new();
        let mut length = 0;
        loop {
            line.clear();
            reader.read_line(&mut line).expect("a size");
            let size = usize::from_str_radix(line.trim_end(), 16).unwrap_or_else(|e| panic!("{e}: {line:?}"));
            reader.read_exact(&mut vec![0; size + 2]).expect("a chunk");
            length += size;
            if size == 0 {
                return length;
            }
        }
    }
}
