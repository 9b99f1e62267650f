//! Tokens minted by PyJWT, with keys made for the occasion.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::data;

/// The JWKS of the keys, and the tokens wished for: `tests/authorization/tokens.py` tells what a wish is.
pub fn mint(wishes: &Value) -> (Value, Vec<String>) {
    let python = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/python");
    let mut command = Command::new(python);
    command.arg(data("authorization").join("tokens.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child =
        command.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}; `tests/run` installs what the tests need"));
    child.stdin.take().expect("a pipe").write_all(wishes.to_string().as_bytes()).expect("a reader");
    let output = child.wait_with_output().expect("an end");
    assert!(output.status.success(), "no tokens");
    let minted: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let tokens = minted["tokens"].as_array().expect("a list").iter();
    (minted["jwks"].clone(), tokens.map(|token| token.as_str().expect("a text").to_owned()).collect())
}
