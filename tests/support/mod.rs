//! What the suites share.

pub mod function;
pub mod function_stream;
pub mod http;
pub mod lambda;
pub mod sidecar;
pub mod stream;
pub mod tokens;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder of a suite's data.
pub fn data(suite: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(suite)
}

/// Every line of every `*.jsonl` file in the folder, with where it stands. A folder without cases is a failure.
pub fn json_lines(folder: &Path) -> Vec<(String, Value)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a readable file");
        for (n, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let place = format!("{}:{}", file.file_name().expect("a file").to_string_lossy(), n + 1);
            let case = serde_json::from_str(line).unwrap_or_else(|e| panic!("{place}: {e}"));
            cases.push((place, case));
        }
    }
    assert!(!cases.is_empty(), "no case in {}", folder.display());
    cases
}

/// JSON for people: what fits into a line stands in one.
pub fn outline(value: &Value, depth: usize, out: &mut String) {
    let line = value.to_string();
    let (open, close) = match value {
        Value::Array(items) if line.len() > 110 && !items.is_empty() => ('[', ']'),
        Value::Object(map) if line.len() > 110 && !map.is_empty() => ('{', '}'),
        _ => return out.push_str(&line),
    };
    let members: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(name, value)| (format!("{name:?}: "), value)).collect(),
        list => list.as_array().into_iter().flatten().map(|item| (String::new(), item)).collect(),
    };
    out.push(open);
    for (n, (name, value)) in members.iter().enumerate() {
        out.push_str(&format!("{}\n{:2$}{name}", if n == 0 { "" } else { "," }, "", 2 * depth + 2));
        outline(value, depth + 1, out);
    }
    out.push_str(&format!("\n{:1$}{close}", "", 2 * depth));
}

/// Compares with a golden; with `BLESS=1` writes it. The variable has not our prefix: it is no setting of the binary under test.
#[must_use = "it only says what differs"]
pub fn golden(file: &Path, actual: &str) -> Option<String> {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(file, actual).expect("a writable folder");
    }
    let expected = std::fs::read_to_string(file).unwrap_or_default();
    (expected != actual).then(|| {
        format!("--- {}\n{expected}+++ actual (BLESS=1 cargo test --locked writes it)\n{actual}", file.display())
    })
}
