//! The real binary, on free ports.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::http::{self, Answer, PATIENCE};

/// A running sidecar; killed when it is dropped.
pub struct Sidecar {
    child: Child,
    pub data: SocketAddr,
    pub admin: SocketAddr,
    /// Its folder, with `stagegate.yaml`.
    pub folder: PathBuf,
    log: Arc<Mutex<String>>,
    output: Arc<Mutex<String>>,
}

/// A folder of its own for a test.
pub fn folder() -> PathBuf {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("stagegate-test-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}

/// The binary.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stagegate"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("STAGEGATE_") {
            command.env_remove(name);
        }
    }
    command
}

/// A configuration with free ports and two threads.
pub fn with_ports(config: &str) -> String {
    format!("listen: 127.0.0.1:0\nthreads: 2\nadmin: {{ listen: 127.0.0.1:0 }}\n{config}")
}

impl Sidecar {
    /// Starts with that configuration, ports and threads added.
    pub fn start(config: &str) -> Sidecar {
        let folder = folder();
        std::fs::write(folder.join("stagegate.yaml"), with_ports(config)).expect("a file");
        Sidecar::start_in(folder, &[])
    }

    /// The same, with environment variables.
    pub fn start_with(config: &str, variables: &[(&str, &str)]) -> Sidecar {
        let folder = folder();
        std::fs::write(folder.join("stagegate.yaml"), with_ports(config)).expect("a file");
        Sidecar::start_in_with(folder, &[], variables)
    }

    /// Starts in a folder that has a `stagegate.yaml`.
    pub fn start_in(folder: PathBuf, arguments: &[&str]) -> Sidecar {
        Sidecar::start_in_with(folder, arguments, &[])
    }

    /// The same, with environment variables.
    pub fn start_in_with(folder: PathBuf, arguments: &[&str], variables: &[(&str, &str)]) -> Sidecar {
        let mut command = command();
        command.current_dir(&folder).arg("run").args(["--log-format", "json"]).args(arguments);
        command.envs(variables.iter().copied());
        Sidecar::spawn(command, folder)
    }

    /// Starts a command that runs the binary, and lets its log through, in JSON.
    pub fn spawn(mut command: Command, folder: PathBuf) -> Sidecar {
        let mut child = command.spawn().expect("the binary");
        let log = collect(child.stderr.take().expect("a pipe"));
        let output = collect(child.stdout.take().expect("a pipe"));
        let unknown = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut sidecar = Sidecar { child, data: unknown, admin: unknown, folder, log, output };
        let line = sidecar.wait_for_log("\"listening\"");
        let line: Value = serde_json::from_str(&line).expect("a JSON line");
        let address = |name: &str| line[name].as_str().and_then(|a| a.parse().ok()).expect("an address");
        (sidecar.data, sidecar.admin) = (address("data"), address("admin"));
        until("ready", || http::get(sidecar.admin, "/readyz").status == 200);
        sidecar
    }

    /// TCP sockets that are open now. The runtime of each thread has one of another kind, sooner or later.
    pub fn sockets(&self) -> usize {
        let id = self.child.id();
        let table = |name| std::fs::read_to_string(format!("/proc/{id}/net/{name}")).unwrap_or_default();
        let connections = table("tcp") + &table("tcp6");
        let known: HashSet<&str> = connections.lines().filter_map(|line| line.split_whitespace().nth(9)).collect();
        let files = std::fs::read_dir(format!("/proc/{id}/fd")).expect("a process");
        let targets = files.flatten().filter_map(|file| std::fs::read_link(file.path()).ok());
        targets.filter(|target| known.contains(inode(&target.to_string_lossy()))).count()
    }

    /// Bytes of memory that it has now (`VmRSS`), or had at most (`VmHWM`).
    pub fn memory(&self, what: &str) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<usize>().ok());
        kib.expect("a line of the process's status") * 1024
    }

    /// Everything logged so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("a lock").clone()
    }

    /// Everything on standard output so far.
    pub fn output(&self) -> String {
        self.output.lock().expect("a lock").clone()
    }

    /// The first log line with that text, once it is there.
    pub fn wait_for_log(&mut self, text: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(line) = self.log().lines().find(|line| line.contains(text)) {
                return line.to_owned();
            }
            if let Some(status) = self.ended() {
                panic!("it ended with {status}: {}", self.log());
            }
            assert!(Instant::now() < end, "no {text} in the log: {}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn get(&self, path: &str) -> Answer {
        http::get(self.data, path)
    }

    pub fn post(&self, path: &str, body: impl AsRef<[u8]>) -> Answer {
        http::post(self.data, path, body)
    }

    /// What the admin port says.
    pub fn ask(&self, path: &str) -> Answer {
        http::get(self.admin, path)
    }

    /// A sample of the metrics, by name and labels as they are printed, without the prefix.
    pub fn metric(&self, series: &str) -> f64 {
        let text = self.ask("/metrics");
        let value = text
            .text()
            .lines()
            .find_map(|line| line.strip_prefix("stagegate_")?.strip_prefix(series)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("no {series} in\n{}", text.text())).parse().expect("a number")
    }

    /// Where a function's runtime connects.
    pub fn runtime_api(&mut self, function: &str) -> SocketAddr {
        let line = self.wait_for_log(&format!("\"runtime api\",\"function\":\"{function}\""));
        let line: Value = serde_json::from_str(&line).expect("a JSON line");
        line["address"].as_str().and_then(|a| a.parse().ok()).expect("an address")
    }

    /// Replaces its configuration, as an editor does.
    pub fn rewrite(&self, config: &str) {
        let new = self.folder.join("stagegate.yaml.new");
        std::fs::write(&new, with_ports(config)).expect("a file");
        std::fs::rename(new, self.folder.join("stagegate.yaml")).expect("a rename");
    }

    /// The process's.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, name: &str) {
        signal(name, self.child.id());
    }

    /// Sends signals right after each other.
    pub fn signals(&self, names: &[&str]) {
        signals(names, self.child.id());
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child")
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.ended() {
                return status;
            }
            assert!(Instant::now() < end, "it does not end: {}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the sidecar's log:\n{}", self.log());
        }
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Sends a signal by the shell's own `kill`: the program of that name is not everywhere.
pub fn signal(name: &str, process: u32) {
    signals(&[name], process);
}

fn signals(names: &[&str], process: u32) {
    let each: Vec<String> = names.iter().map(|name| format!("kill -s {name} {process}")).collect();
    let status = Command::new("sh").args(["-c", &each.join(" && ")]).status();
    assert!(status.expect("a shell").success());
}

/// That of `socket:[12345]`; of anything else nothing.
fn inode(target: &str) -> &str {
    target.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']')).unwrap_or_default()
}

/// Waits until something holds.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "never {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn collect(pipe: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let into = text.clone();
    std::thread::spawn(move || {
        let mut reader = BufReader::new(pipe);
        let mut line = String::new();
        while matches!(reader.read_line(&mut line), Ok(n) if n > 0) {
            into.lock().expect("a lock").push_str(&std::mem::take(&mut line));
        }
    });
    text
}
