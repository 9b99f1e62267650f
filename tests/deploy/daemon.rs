//! A stagegate process, its logged addresses, and a plain HTTP client for it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longest wait for anything that a test polls.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A running stagegate; it is killed when dropped.
pub struct Daemon {
    /// The process.
    pub child: Child,
    /// The data port.
    pub data: SocketAddr,
    /// The admin port.
    pub admin: SocketAddr,
    /// Where the function's runtime connects, if the configuration has such a function.
    pub runtime: Option<SocketAddr>,
    lines: mpsc::Receiver<String>,
}

impl Daemon {
    /// Starts the binary of this build on a configuration that names port 0, with those variables.
    pub fn start(config: &Path, variables: &[(&str, &str)]) -> Daemon {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stagegate"));
        command.args(["run", "--config"]).arg(config).envs(variables.iter().copied());
        let text = std::fs::read_to_string(config).expect("a configuration");
        Daemon::spawn(&mut command, text.contains("runtime_api"))
    }

    /// Starts a command that runs stagegate and lets its log through; `runtime` says whether it opens a Runtime API.
    pub fn spawn(command: &mut Command, has_runtime: bool) -> Daemon {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a process");
        let (send, lines) = mpsc::channel();
        for stream in [
            Box::new(child.stdout.take().expect("a pipe")) as Box<dyn Read + Send>,
            Box::new(child.stderr.take().expect("a pipe")),
        ] {
            let send = send.clone();
            // Reads on to the end, so that the process never waits for its log to be read.
            std::thread::spawn(move || {
                BufReader::new(stream).lines().map_while(Result::ok).for_each(|l| drop(send.send(l)))
            });
        }
        drop(send);
        let mut seen = Vec::new();
        let (mut data, mut admin, mut runtime) = (None, None, None);
        let deadline = Instant::now() + PATIENCE;
        while data.is_none() || (has_runtime && runtime.is_none()) {
            let wait = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = lines.recv_timeout(wait) else { break };
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            let address = |key: &str| entry[key].as_str().and_then(|a| a.parse::<SocketAddr>().ok());
            data = data.or(address("data"));
            admin = admin.or(address("admin"));
            runtime = runtime.or(address("address"));
            seen.push(line);
        }
        let (Some(data), Some(admin)) = (data, admin) else {
            let _ = child.kill();
            panic!("stagegate did not start: {seen:#?}");
        };
        Daemon { child, data, admin, runtime, lines }
    }

    /// What it has logged since it started, or since it was asked.
    pub fn log(&self) -> Vec<String> {
        self.lines.try_iter().collect()
    }

    /// Asks the data port.
    pub fn get(&self, path: &str) -> (u16, String) {
        get(self.data, path)
    }

    /// Asks until the answer is as wanted.
    pub fn wait_for(&self, path: &str, wanted: u16) {
        poll(|| {
            let (status, body) = self.get(path);
            if status == wanted { Ok(()) } else { Err(format!("{path}: {status} {body}")) }
        });
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Any other process that must not outlive its test.
pub struct Neighbour(pub Child);

impl Drop for Neighbour {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One request over its own connection.
pub fn get(address: SocketAddr, target: &str) -> (u16, String) {
    let answer = try_get(address, target);
    answer.unwrap_or_else(|e| panic!("http://{address}{target}: {e}"))
}

/// The same, for an address at which nobody may be listening yet.
pub fn try_get(address: SocketAddr, target: &str) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.get(9..12).and_then(|s| s.parse().ok()).unwrap_or_default();
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    Ok((status, if chunked { unchunked(body) } else { body.to_owned() }))
}

fn unchunked(mut body: &str) -> String {
    let mut out = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or_default();
        let Some(chunk) = rest.get(..size).filter(|c| !c.is_empty()) else { break };
        out.push_str(chunk);
        body = rest.get(size + 2..).unwrap_or_default();
    }
    out
}

/// Tries until it works, or fails with the last reason.
pub fn poll<T>(mut attempt: impl FnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match attempt() {
            Ok(value) => return value,
            Err(why) => assert!(Instant::now() < deadline, "gave up: {why}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// Writes a file and returns its path.
pub fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(&path, text).expect("a file");
    path
}
