//! The outcome as workflow commands of GitHub Actions: each failed case stands at its line in the change.

use std::fmt::Write as _;

use super::ran::Ran;
use crate::cli::annotation::{data, property};

/// A command for each failed case, and the summary.
pub(super) fn github(ran: &[Ran], summary: &str) -> String {
    let mut out = String::new();
    for case in ran.iter().filter(|case| !case.misses.is_empty()) {
        let what: Vec<&str> = case.misses.iter().map(|miss| miss.what.as_str()).collect();
        let mut message = format!("not as expected: {}\n- expected\n+ actual\n", what.join(", "));
        case.misses.iter().for_each(|miss| message.push_str(&format!("\n{miss}")));
        let (file, name) = (property(&case.file.display().to_string()), property(&case.name));
        // Writing to a string cannot fail.
        let _ = writeln!(out, "::error file={file},line={},title={name}::{}", case.line, data(message.trim_end()));
    }
    out + summary + "\n"
}
