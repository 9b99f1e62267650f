//! A function that streams, as each kind of backend brings its answer: by hand, piece by piece.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};

use super::http::PATIENCE;
use super::sidecar::Sidecar;
use super::stream::{Backend, take_request};

/// How a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    InvokeApi,
    Http,
    RuntimeApi,
}

pub const WAYS: [Way; 3] = [Way::InvokeApi, Way::Http, Way::RuntimeApi];

/// Where a function's calls arrive.
pub struct Function {
    way: Way,
    backend: Backend,
    runtime_api: SocketAddr,
}

impl Function {
    /// A sidecar with one route `/s` to the function `f`, with more of the integration, of the function and of the configuration.
    pub fn start(way: Way, integration: &str, function: &str, more: &str) -> (Sidecar, Function) {
        let backend = Backend::new();
        let address = backend.address();
        let place = match way {
            Way::InvokeApi => format!("invoke_api: 'http://{address}'"),
            Way::Http => format!("http: 'http://{address}/f'"),
            Way::RuntimeApi => "runtime_api: '127.0.0.1:0'".to_owned(),
        };
        let mut sidecar = Sidecar::start(&format!(
            "api:\n  minimum_compression_size: 0\n  routes:\n    - path: /s\n      method: ANY\n      integration: {{ \
             type: AWS_PROXY, function: 'f:live'{integration} }}\nfunctions:\n  f: {{ {place}{function} }}\n{more}"
        ));
        let runtime_api = if way == Way::RuntimeApi { sidecar.runtime_api("f") } else { address };
        (sidecar, Function { way, backend, runtime_api })
    }

    /// The same function, under another sidecar.
    pub fn moved_to(mut self, sidecar: &mut Sidecar) -> Function {
        self.runtime_api = sidecar.runtime_api("f");
        self
    }

    /// The next call.
    pub fn accept(&self) -> Call {
        if self.way != Way::RuntimeApi {
            let (stream, head) = self.backend.accept_with_head();
            return Call { way: self.way, stream, head, id: String::new() };
        }
        let mut stream = TcpStream::connect(self.runtime_api).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.write_all(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: r\r\n\r\n").expect("a request");
        let head = take_request(&stream);
        let id = head.lines().find_map(|line| line.strip_prefix("Lambda-Runtime-Aws-Request-Id: "));
        let id = id.expect("an id").to_owned();
        Call { way: self.way, stream, head, id }
    }
}

/// A call that waits for its answer.
pub struct Call {
    way: Way,
    pub stream: TcpStream,
    /// Of the call's request, or of the Runtime API's answer.
    pub head: String,
    id: String,
}

impl Call {
    /// A header of the invocation.
    pub fn header(&self, name: &str) -> String {
        let value = self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        value.expect("a header").to_owned()
    }

    /// Begins a streamed answer.
    pub fn begin(&mut self) {
        self.begin_as("application/vnd.awslambda.http-integration-response");
    }

    /// The same; a runtime says that it is of this type.
    pub fn begin_as(&mut self, content_type: &str) {
        self.begin_with_header(&format!("Content-Type: {content_type}\r\n"));
    }

    /// The same, with that header of a runtime's.
    pub fn begin_with_header(&mut self, header: &str) {
        let head = match self.way {
            Way::InvokeApi => {
                "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\nTransfer-Encoding: chunked\r\n\r\n"
                    .to_owned()
            }
            Way::Http => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
            Way::RuntimeApi => format!(
                "POST /2018-06-01/runtime/invocation/{}/response HTTP/1.1\r\nHost: r\r\nTransfer-Encoding: chunked\r\n\
                 Lambda-Runtime-Function-Response-Mode: streaming\r\nTrailer: Lambda-Runtime-Function-Error-Type\r\n\
                 Trailer: Lambda-Runtime-Function-Error-Body\r\n{header}\r\n",
                self.id
            ),
        };
        self.stream.write_all(head.as_bytes()).expect("a sidecar that takes it");
    }

    /// Whether the other side is gone, once it is.
    pub fn is_over(&mut self) -> bool {
        match self.stream.read(&mut [0; 1024]) {
            Ok(count) => count == 0,
            Err(e) => matches!(e.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe),
        }
    }

    /// Sends more of it; says whether it was taken.
    pub fn try_send(&mut self, data: &[u8]) -> bool {
        let data = if self.way == Way::InvokeApi { frame("PayloadChunk", data) } else { data.to_vec() };
        self.chunk(&data)
    }

    /// Sends that piece again and again until nothing more is taken for now; `left` is what is left of one. Says how much was taken.
    pub fn fill(&mut self, data: &[u8], left: &mut Vec<u8>) -> usize {
        self.stream.set_nonblocking(true).expect("an option");
        let mut taken = 0;
        loop {
            if left.is_empty() {
                let data = if self.way == Way::InvokeApi { frame("PayloadChunk", data) } else { data.to_vec() };
                *left = [format!("{:x}\r\n", data.len()).as_bytes(), &data, b"\r\n"].concat();
            }
            match self.stream.write(left) {
                Ok(count) => {
                    left.drain(..count);
                    taken += count;
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => return taken,
                Err(e) => panic!("{e}"),
            }
        }
    }

    pub fn send(&mut self, data: impl AsRef<[u8]>) {
        assert!(self.try_send(data.as_ref()), "a sidecar that takes it");
    }

    /// Begins, with this metadata.
    pub fn begin_with(&mut self, metadata: &str) {
        self.begin();
        self.send([metadata.as_bytes(), &[0; 8]].concat());
    }

    fn chunk(&mut self, data: &[u8]) -> bool {
        let chunk = [format!("{:x}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat();
        self.stream.write_all(&chunk).is_ok()
    }

    /// The answer is complete: what the Runtime API says to that.
    pub fn end(&mut self) -> String {
        if self.way == Way::InvokeApi {
            assert!(self.chunk(&frame("InvokeComplete", b"{}")), "a sidecar that takes it");
        }
        self.stream.write_all(b"0\r\n\r\n").expect("a sidecar that takes it");
        if self.way == Way::RuntimeApi { take_request(&self.stream) } else { String::new() }
    }

    /// The function fails: plain HTTP has no word for that but to break off.
    pub fn fail(mut self) {
        let end = match self.way {
            Way::InvokeApi => {
                let details = br#"{"ErrorCode":"Unhandled","ErrorDetails":"boom"}"#;
                assert!(self.chunk(&frame("InvokeComplete", details)), "a sidecar that takes it");
                "0\r\n\r\n"
            }
            Way::Http => return,
            // base64 of `{"errorMessage":"boom"}`
            Way::RuntimeApi => {
                "0\r\nLambda-Runtime-Function-Error-Type: E\r\n\
                 Lambda-Runtime-Function-Error-Body: eyJlcnJvck1lc3NhZ2UiOiJib29tIn0=\r\n\r\n"
            }
        };
        self.stream.write_all(end.as_bytes()).expect("a sidecar that takes it");
        if self.way == Way::RuntimeApi {
            take_request(&self.stream);
        }
    }
}

/// A frame of the Invoke API's event stream.
pub fn frame(event: &'static str, payload: &[u8]) -> Vec<u8> {
    let header = |name, value: &'static str| Header::new(name, HeaderValue::String(value.into()));
    let headers = vec![header(":message-type", "event"), header(":event-type", event)];
    let message = Message::new_from_parts(headers, payload.to_vec());
    let mut frame = Vec::new();
    write_message_to(&message, &mut frame).expect("a frame");
    frame
}
