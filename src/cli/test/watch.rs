//! The same cases again whenever a file changes: of cases, of a configuration, of a definition.

use std::cell::RefCell;
use std::io::IsTerminal;
use std::path::PathBuf;

use crate::case;
use crate::cli::terminal::{self, complain, count};
use crate::server::{Read, again};

/// Clears a terminal, and what has scrolled off it.
const CLEAR: &str = "\x1b[2J\x1b[3J\x1b[H";

/// Runs the cases until Ctrl-C; then the exit code is 0. `once` runs and tells them, and says which files count.
pub(super) fn watch(cases: &[PathBuf], once: impl Fn() -> Vec<PathBuf>) -> u8 {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(error);
            return 1;
        }
    };
    let there = || (case::find(cases).unwrap_or_default(), folders(cases));
    let found = RefCell::default();
    let run = || {
        // Before they are read: what comes later is new.
        *found.borrow_mut() = there();
        let mut files = seen(&once);
        // Folders are watched through their files; one without cases through the first that it may get.
        files.extend(found.borrow().1.iter().map(|folder| folder.join("cases.yaml")));
        Read { files, contents: None }
    };
    let moved = || there() != *found.borrow();
    runtime.block_on(async {
        let ended = tokio::signal::ctrl_c();
        let mut ended = std::pin::pin!(ended);
        // Asked once, it is caught from now on.
        if std::future::poll_fn(|context| std::task::Poll::Ready(ended.as_mut().poll(context))).await.is_ready() {
            return;
        }
        tokio::select! {
            _ = ended => {}
            () = again(run(), moved, run) => {}
        }
    });
    0
}

/// Runs them once, on a terminal that shows nothing else.
fn seen(once: &impl Fn() -> Vec<PathBuf>) -> Vec<PathBuf> {
    if std::io::stdout().is_terminal() {
        terminal::print(CLEAR);
    }
    let files = once();
    match files.len() {
        0 => terminal::print("watching for case files, Ctrl-C ends\n"),
        files => terminal::print(format_args!("watching {}, Ctrl-C ends\n", count(files, "file"))),
    }
    files
}

/// The folders among the paths, and all below them; links are not followed.
fn folders(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = paths.iter().filter(|path| path.is_dir()).cloned().collect();
    let mut next = 0;
    while let Some(folder) = found.get(next) {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut below: Vec<PathBuf> = entries
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| entry.path())
            .collect();
        below.sort();
        found.append(&mut below);
        next += 1;
    }
    found
}
