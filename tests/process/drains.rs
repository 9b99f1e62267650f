//! Ends and reloads under load: no client sees a failed request, and what clients, backend and counters say is the same.
//!
//! `DRAINS=100 RELOADS=1000 cargo test --locked process::drains` does more of both.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::proxy;
use crate::support::http::{Client, PATIENCE, get};
use crate::support::lambda::{Backend, Reply};
use crate::support::sidecar::{Sidecar, folder, until, with_ports};
use crate::support::stream;

const GOOD: &str = r#"{"statusCode":200,"body":"good"}"#;
const ACCESS: &str = "log: { access: '$context.status' }\n";
const CLIENTS: usize = 24;

/// How many, unless that variable says otherwise.
fn times(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |times| times.parse().expect("a number"))
}

/// Clients that ask without a pause, some over one connection, some over a new one after a few requests.
struct Load {
    clients: Vec<JoinHandle<()>>,
    answered: Arc<AtomicUsize>,
    failed: Arc<AtomicUsize>,
    /// A connection may be refused from now on, and the client ends then.
    ends: Arc<AtomicBool>,
    /// The clients end.
    stop: Arc<AtomicBool>,
}

impl Load {
    fn start(address: SocketAddr, path: &'static str) -> Load {
        let mut load = Load {
            clients: Vec::new(),
            answered: Arc::default(),
            failed: Arc::default(),
            ends: Arc::default(),
            stop: Arc::default(),
        };
        for number in 0..CLIENTS {
            let (answered, failed) = (load.answered.clone(), load.failed.clone());
            let (ends, stop) = (load.ends.clone(), load.stop.clone());
            let requests = [1, 3, 20, usize::MAX][number % 4];
            load.clients.push(std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let before = ends.load(Ordering::SeqCst);
                    let asked = TcpStream::connect(address)
                        .map(|stream| ask(stream, requests, path, &answered, &stop).map_err(|e| e.to_string()));
                    let failure = match asked {
                        Ok(Ok(())) => continue,
                        Err(e) if e.kind() == ErrorKind::ConnectionRefused && before => return,
                        // Asked a moment before the end: whoever asks again knows.
                        Err(e) if e.kind() == ErrorKind::ConnectionRefused && ends.load(Ordering::SeqCst) => continue,
                        Err(e) => format!("no connection: {e}"),
                        Ok(Err(e)) => e,
                    };
                    eprintln!("client {number} after {}: {failure}", answered.load(Ordering::Relaxed));
                    failed.fetch_add(1, Ordering::Relaxed);
                }
            }));
        }
        until("under load", || load.answered.load(Ordering::Relaxed) > 10 * CLIENTS);
        load
    }

    /// How many requests were answered, and how many were not.
    fn end(self) -> (usize, usize) {
        self.clients.into_iter().for_each(|client| client.join().expect("a client"));
        (self.answered.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed))
    }
}

/// So many requests over a connection, or until the other side says that it closes.
fn ask(
    mut stream: TcpStream,
    requests: usize,
    path: &str,
    answered: &AtomicUsize,
    stop: &AtomicBool,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    for _ in 0..requests {
        stream.write_all(format!("POST {path} HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\n{{}}").as_bytes())?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\ngood") {
            let mut bytes = [0; 1024];
            match stream.read(&mut bytes)? {
                0 => return Err(io::Error::other(format!("closed behind {:?}", String::from_utf8_lossy(&answer)))),
                n => answer.extend_from_slice(&bytes[..n]),
            }
        }
        if !answer.starts_with(b"HTTP/1.1 200 ") {
            return Err(io::Error::other(String::from_utf8_lossy(&answer)));
        }
        answered.fetch_add(1, Ordering::Relaxed);
        if answer.windows(17).any(|bytes| bytes.eq_ignore_ascii_case(b"connection: close"))
            || stop.load(Ordering::Relaxed)
        {
            return Ok(());
        }
    }
    Ok(())
}

/// A stream that has begun goes to its end, although that is later than idle connections are closed.
fn streaming(sidecar: &Sidecar, backend: stream::Backend, ends: Arc<AtomicBool>) -> JoinHandle<()> {
    let mut client = stream::Client::get(sidecar.data);
    let mut call = backend.accept();
    stream::say(&mut call, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
    client.until("1\r\na\r\n");
    std::thread::spawn(move || {
        until("ending", || ends.load(Ordering::SeqCst));
        for _ in 0..8 {
            std::thread::sleep(Duration::from_millis(100));
            stream::say(&mut call, "1\r\nb\r\n");
        }
        stream::say(&mut call, "0\r\n\r\n");
        assert_eq!(client.rest(), "1\r\nb\r\n".repeat(8) + "0\r\n\r\n");
    })
}

#[test]
fn no_drain_at_saturation_fails_a_request() {
    let mut most = 0;
    for drain in 0..times("DRAINS", 3) {
        let backend = Backend::start(|_| Reply::payload(GOOD));
        let streams = stream::Backend::new();
        let route = format!(
            "api:\n  routes:\n    - {{ path: /s, method: GET, integration: {{ type: HTTP_PROXY, uri: 'http://{}/s', \
             httpMethod: GET, responseTransferMode: STREAM }} }}\n",
            streams.address()
        );
        let config = proxy(backend.address, ACCESS).replacen("api:\n  routes:\n", &route, 1);
        let mut sidecar = Sidecar::start(&config);
        let load = Load::start(sidecar.data, "/x");
        let stream = streaming(&sidecar, streams, load.ends.clone());
        load.ends.store(true, Ordering::SeqCst);
        let told = Instant::now();
        sidecar.signal("TERM");
        let (answered, failed) = load.end();
        stream.join().expect("a whole stream");
        assert_eq!((failed, sidecar.wait().code()), (0, Some(0)), "drain {drain}: {answered} were answered");
        // A connection that was not told that it ends holds nothing up, once its stream has ended.
        assert!(told.elapsed() < Duration::from_secs(20), "drain {drain}: {:?}", told.elapsed());
        assert_eq!(backend.seen().len(), answered, "drain {drain}: what the backend saw");
        until("all logged", || sidecar.output().lines().filter(|line| *line == "200").count() > answered);
        assert_eq!(sidecar.output().lines().count(), answered + 1, "drain {drain}: what was logged");
        most = most.max(answered);
    }
    eprintln!("at most {most} requests in one");
}

/// A ConfigMap's folders, good and bad ones in turn, and signals.
#[test]
fn no_reload_under_load_fails_a_request() {
    let backend = Backend::start(|_| Reply::payload(GOOD));
    let folder = folder();
    let good = proxy(backend.address, "");
    let swap = |number: usize, config: &str| {
        let version = format!("..{number}");
        std::fs::create_dir_all(folder.join(&version)).expect("a folder");
        std::fs::write(folder.join(&version).join("stagegate.yaml"), with_ports(config)).expect("a file");
        symlink(&version, folder.join("..data_tmp")).expect("a link");
        std::fs::rename(folder.join("..data_tmp"), folder.join("..data")).expect("a rename");
        if number > 1 {
            // Kubernetes leaves nothing of what was before.
            std::fs::remove_dir_all(folder.join(format!("..{}", number - 1))).expect("a folder");
        }
    };
    swap(1, &good);
    symlink("..data/stagegate.yaml", folder.join("stagegate.yaml")).expect("a link");
    let mut sidecar = Sidecar::start_in(folder.clone(), &[]);
    let load = Load::start(sidecar.data, "/x");
    let (mut loads, mut refused, mut version) = (1, 0, 1);
    let is_refused = |sidecar: &Sidecar, count| sidecar.log().matches("reload refused").count() >= count;
    for number in 0..times("RELOADS", 24) {
        match number % 4 {
            0 | 2 => {
                version += 1;
                let added = format!(
                    "    - {{ path: /v{version}, method: GET, integration: {{ type: AWS_PROXY, function: f }} }}\n"
                );
                swap(version, &good.replacen("functions:", &format!("{added}functions:"), 1));
            }
            1 => {
                version += 1;
                swap(version, "api: { rotues: [] }\n");
                refused += 1;
                until("refused", || is_refused(&sidecar, refused));
                continue;
            }
            _ => sidecar.signal("HUP"),
        }
        loads += 1;
        sidecar.wait_for_log(&format!("\"configuration reloaded\",\"load\":{loads}}}"));
    }
    load.stop.store(true, Ordering::Relaxed);
    let (answered, failed) = load.end();
    assert_eq!(failed, 0, "{answered} were answered");
    assert_eq!(backend.seen().len(), answered, "what the backend saw");
    let counted = |series: &str| sidecar.metric(series) as usize;
    assert_eq!(counted("invocations_total{function=\"f\",outcome=\"success\"}"), answered);
    assert_eq!(counted("responses_total{method=\"ANY\",resource=\"/{proxy+}\",status=\"200\"}"), answered);
    assert_eq!(counted("in_flight_requests"), 0);
    eprintln!("{answered} requests through {} reloads", loads - 1);
}

/// Where nothing waits for the endpoints to be told, `drain_delay` does: not ready, but everybody is served as before.
#[test]
fn in_the_drain_delay_it_serves_on() {
    let backend = Backend::start(|_| Reply::payload(GOOD));
    let mut sidecar = Sidecar::start(&proxy(backend.address, "drain_delay: 5s\n"));
    let mut kept = Client::connect(sidecar.data);
    let closing = (200, Some("close".to_owned()));
    let asked = |kept: &mut Client| {
        kept.write("GET /x HTTP/1.1\r\nHost: t\r\n\r\n");
        let answer = kept.read();
        (answer.status, answer.header("Connection").map(str::to_owned))
    };
    let started = Instant::now();
    sidecar.signal("TERM");
    until("not ready", || sidecar.ask("/readyz").status == 503);
    assert_eq!(get(sidecar.data, "/x").status, 200);
    assert_ne!(asked(&mut kept), closing, "before the drain");
    // Who asks on and on is told; only who had nothing to say for half a second finds it closed.
    let mut last = Instant::now();
    loop {
        if !kept.write_some("GET /x HTTP/1.1\r\nHost: t\r\n\r\n") {
            break;
        }
        let Some(answer) = kept.try_read(false) else {
            assert!(last.elapsed() > Duration::from_millis(400), "closed {:?} behind an answer", last.elapsed());
            break;
        };
        last = Instant::now();
        assert_eq!(answer.status, 200);
        if answer.header("Connection") == Some("close") {
            break;
        }
    }
    assert!(started.elapsed() >= Duration::from_secs(5));
    sidecar.wait_for_log("shutting down");
    assert_eq!(sidecar.wait().code(), Some(0));

    // A second signal ends that too.
    let mut sidecar = Sidecar::start(&proxy(backend.address, "drain_delay: 1m\n"));
    sidecar.signal("TERM");
    sidecar.wait_for_log("drain_delay");
    until("ended", || {
        sidecar.signal("TERM");
        sidecar.ended().is_some()
    });
    assert_eq!(sidecar.wait().code(), Some(1));
}
