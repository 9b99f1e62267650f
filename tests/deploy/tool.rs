//! The tools that the deploy files are written for: found, run, and their output kept for the failure's message.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// Longest wait for anything that is polled: other people's servers on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// A file or folder under `deploy/`.
pub fn deploy(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(path)
}

/// The text of a file under `deploy/`.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(deploy(path)).unwrap_or_else(|e| panic!("deploy/{path}: {e}"))
}

/// A fresh folder for one test, under the target folder.
pub fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("deploy").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder in the target folder");
    folder
}

/// The command, from `target/venv` (Python packages) or the path; `package` is where it comes from.
pub fn tool(name: &str, package: &str) -> Command {
    let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::iter::once(venv).chain(std::env::split_paths(&path)).map(|dir| dir.join(name));
    let program = found.into_iter().find(|program| program.is_file());
    Command::new(program.unwrap_or_else(|| panic!("`{name}` is missing: install {package} (tests/run does)")))
}

/// Runs to the end and returns the standard output; anything but success fails with both outputs.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}\n{err}", output.status);
    out
}

/// A process that must not outlive its test.
pub struct Neighbour(pub Child);

impl Drop for Neighbour {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Tries until it works, or fails with the last reason.
pub fn poll<T>(mut attempt: impl FnMut() -> Result<T, String>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        match attempt() {
            Ok(value) => return value,
            Err(why) => assert!(Instant::now() < end, "gave up: {why}"),
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Writes a file and returns its path.
pub fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(&path, text).expect("a file");
    path
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
