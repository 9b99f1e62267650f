//! A fake backend: answers HTTP requests as a closure says, and remembers what it saw.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub target: String,
    /// Request line and header lines.
    pub head: String,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a JSON event")
    }
}

/// What the backend does with a request.
pub enum Reply {
    /// Answers so: status, header lines, body.
    With(u16, &'static [(&'static str, &'static str)], Vec<u8>),
    /// Writes these bytes.
    Raw(Vec<u8>),
    /// Writes these bytes in pieces of that size, and closes the connection.
    Pieces(Vec<u8>, usize),
    /// Writes these bytes, the next ones that many times, and closes the connection.
    Many(&'static str, &'static [u8], usize),
    /// Writes these bytes one by one with that pause between them.
    Trickle(&'static [u8], Duration),
    /// Writes these bytes, and resets the connection.
    Reset(&'static [u8]),
    /// Answers, and closes the connection without having said so.
    ThenClose(Box<Reply>),
    /// Closes the connection.
    Close,
    /// Waits first.
    After(Duration, Box<Reply>),
}

impl Reply {
    /// A payload of a function.
    pub fn payload(body: impl Into<Vec<u8>>) -> Reply {
        Reply::With(200, &[("Content-Type", "application/json")], body.into())
    }
    /// An error of a function.
    pub fn error(body: impl Into<Vec<u8>>) -> Reply {
        Reply::With(200, &[("X-Amz-Function-Error", "Unhandled")], body.into())
    }
}

type Handler = dyn Fn(&Seen) -> Reply + Send + Sync;

/// What a handler waits at until it is opened for all: a backend that takes as long as the test wants.
#[derive(Clone, Default)]
pub struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    pub fn wait(&self) {
        let (is_open, changed) = &*self.0;
        drop(changed.wait_while(is_open.lock().expect("a lock"), |open| !*open).expect("a lock"));
    }

    pub fn open(&self) {
        let (is_open, changed) = &*self.0;
        *is_open.lock().expect("a lock") = true;
        changed.notify_all();
    }
}

/// An address where nobody listens, and where nobody else can: it is taken while this lives.
pub struct Nobody {
    pub address: SocketAddr,
    _taken: Socket,
}

impl Nobody {
    pub fn start() -> Nobody {
        let taken = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        taken.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("a free port");
        let address = taken.local_addr().ok().and_then(|address| address.as_socket()).expect("an address");
        Nobody { address, _taken: taken }
    }
}

/// The backend. It stops accepting when it is dropped.
pub struct Backend {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    accepts: Option<std::thread::JoinHandle<()>>,
}

struct Shared {
    handler: Box<Handler>,
    seen: Mutex<Vec<Seen>>,
    connections: AtomicUsize,
    active: AtomicUsize,
    most: AtomicUsize,
    stopped: AtomicBool,
    streams: Mutex<Vec<Weak<TcpStream>>>,
}

impl Backend {
    pub fn start(handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Backend {
        Backend::at(SocketAddr::from(([127, 0, 0, 1], 0)), handler)
    }

    /// The same at that address, which may be another's that has stopped.
    pub fn at(address: SocketAddr, handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Backend {
        let listener = TcpListener::bind(address).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            handler: Box::new(handler),
            seen: Mutex::default(),
            connections: AtomicUsize::new(0),
            active: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            streams: Mutex::default(),
        });
        let accepting = shared.clone();
        let accepts = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.stopped.load(Ordering::Relaxed) {
                    return;
                }
                let shared = accepting.clone();
                shared.connections.fetch_add(1, Ordering::Relaxed);
                let stream = stream.expect("a connection");
                std::thread::spawn(move || drop(shared.serve(stream)));
            }
        });
        Backend { address, shared, accepts: Some(accepts) }
    }

    /// Stops as a process that is killed: nobody listens, and every connection is closed.
    pub fn kill(mut self) -> Vec<Seen> {
        self.shared.stopped.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
        self.accepts.take().map(std::thread::JoinHandle::join);
        for stream in self.shared.streams.lock().expect("a lock").drain(..).filter_map(|stream| stream.upgrade()) {
            // It may have ended by itself.
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
        self.seen()
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().expect("a lock").clone()
    }
    /// The last request.
    pub fn last(&self) -> Seen {
        self.seen().pop().expect("a request")
    }
    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }
    /// How many requests have no answer yet.
    pub fn active(&self) -> usize {
        self.shared.active.load(Ordering::SeqCst)
    }
    /// How many requests were there at once, at most.
    pub fn most_at_once(&self) -> usize {
        self.shared.most.load(Ordering::Relaxed)
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        // Wakes the accepting thread up.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let stream = Arc::new(stream);
        self.streams.lock().expect("a lock").push(Arc::downgrade(&stream));
        let mut reader = BufReader::new(&*stream);
        while let Some(seen) = read(&mut reader)? {
            let now = self.active.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            self.seen.lock().expect("a lock").push(seen.clone());
            let go_on = write(&stream, (self.handler)(&seen), &self.active)?;
            if !go_on {
                return Ok(());
            }
        }
        Ok(())
    }
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Option<Seen>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
    }
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|l| l.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Seen { method, target, head: head.trim_end().to_owned(), body }))
}

/// Says whether the connection goes on.
fn write(mut stream: &TcpStream, reply: Reply, active: &AtomicUsize) -> std::io::Result<bool> {
    match reply {
        Reply::With(status, headers, body) => {
            let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let head = format!("HTTP/1.1 {status} X\r\n{lines}Content-Length: {}\r\n\r\n", body.len());
            active.fetch_sub(1, Ordering::SeqCst);
            stream.write_all(&[head.as_bytes(), &body].concat())?;
            Ok(true)
        }
        Reply::Raw(bytes) => {
            active.fetch_sub(1, Ordering::SeqCst);
            stream.write_all(&bytes)?;
            Ok(true)
        }
        Reply::Pieces(bytes, size) => {
            active.fetch_sub(1, Ordering::SeqCst);
            bytes.chunks(size).try_for_each(|piece| stream.write_all(piece))?;
            Ok(false)
        }
        Reply::Many(head, piece, times) => {
            active.fetch_sub(1, Ordering::SeqCst);
            stream.write_all(head.as_bytes())?;
            (0..times).try_for_each(|_| stream.write_all(piece))?;
            Ok(false)
        }
        Reply::Trickle(bytes, pause) => {
            active.fetch_sub(1, Ordering::SeqCst);
            for byte in bytes {
                stream.write_all(&[*byte])?;
                std::thread::sleep(pause);
            }
            Ok(false)
        }
        Reply::Reset(bytes) => {
            active.fetch_sub(1, Ordering::SeqCst);
            stream.write_all(bytes)?;
            SockRef::from(stream).set_linger(Some(Duration::ZERO))?;
            Ok(false)
        }
        Reply::ThenClose(reply) => write(stream, *reply, active).map(|_| false),
        Reply::Close => {
            active.fetch_sub(1, Ordering::SeqCst);
            Ok(false)
        }
        Reply::After(time, reply) => {
            std::thread::sleep(time);
            write(stream, *reply, active)
        }
    }
}
