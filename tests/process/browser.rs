//! A real browser, driven line by line through `page.py`.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::sidecar::Sidecar;

/// A browser that is told what to do line by line.
pub(super) struct Browser {
    process: Child,
    /// Nothing once it is to end.
    steps: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Browser {
    pub(super) fn start() -> Browser {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut process = Command::new(root.join("target/venv/bin/python"))
            .arg(root.join("tests/process/page.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the interpreter that tests/run sets up");
        let steps = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("a pipe"));
        Browser { process, steps, answers }
    }

    pub(super) fn ask(&mut self, step: &Value) -> Value {
        let steps = self.steps.as_mut().expect("it has not ended");
        writeln!(steps, "{step}").expect("the browser listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("an answer");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{step} failed"))
    }

    pub(super) fn open(&mut self, sidecar: &Sidecar, address: &str) {
        self.ask(&json!({ "open": format!("http://{}/#{address}", sidecar.admin) }));
        self.wait("document.querySelector('#live').textContent === 'live'");
    }

    pub(super) fn wait(&mut self, script: &str) {
        self.ask(&json!({ "wait": format!("!!({script})") }));
    }

    pub(super) fn keys(&mut self, keys: &str) {
        self.ask(&json!({ "keys": keys }));
    }

    /// The text of what a selector finds, its white space as single blanks, as it is now.
    pub(super) fn text(&mut self, selector: &str) -> String {
        self.ask(&json!({ "run": text_of(selector) })).as_str().unwrap_or_default().to_owned()
    }

    /// Waits for what a selector finds to have this text. A page is filled by several answers: the first that came says
    /// nothing of the others.
    #[track_caller]
    pub(super) fn shows(&mut self, selector: &str, text: &str) {
        self.comes(&text_of(selector), &json!(text));
    }

    /// Waits for a script to have this value.
    #[track_caller]
    pub(super) fn comes(&mut self, script: &str, value: &Value) {
        assert_eq!(self.ask(&json!({ "until": [script, value] })), *value, "{script}");
    }
}

fn text_of(selector: &str) -> String {
    format!(
        r"[...document.querySelectorAll({selector:?})].filter(e => e.offsetParent).map(e => e.innerText).join(' | ').replace(/\s+/g, ' ').trim()"
    )
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Without more steps it closes the browser; killed it would leave it behind.
        drop(self.steps.take());
        let _ = self.process.wait();
    }
}
