//! Answers what `stagegate eval` does not: searching, replacing and splitting, in `Regex.java`'s protocol.

use std::io::{BufRead, Write};

use serde_json::{Value, json};
use stagegate::engine::pattern::{Outcome, Pattern, Regex, SyntaxError};

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let case = serde_json::from_str(&line?)?;
        writeln!(out, "{}", answer(&case))?;
    }
    out.flush()
}

fn answer(case: &Value) -> Value {
    let part = |key: &str| case[key].as_str().unwrap_or_default();
    let (pattern, text) = (part("pattern"), part("text"));
    if part("op") == "regex" {
        return match Pattern::compile(pattern) {
            Ok(pattern) => json!({ "out": pattern.matches(text) == Outcome::Match }),
            Err(error) => refused(&error),
        };
    }
    let regex = match Regex::compile(pattern) {
        Ok(regex) => regex,
        Err(error) => return refused(&error),
    };
    let replaced = match part("op") {
        "find" => return json!({ "out": found(&regex, text) }),
        "split" => return json!({ "out": regex.split(text, case["limit"].as_i64().unwrap_or(0) as i32) }),
        "replaceAll" => regex.replace_all(text, part("replacement")),
        _ => regex.replace_first(text, part("replacement")),
    };
    match replaced {
        Ok(out) => json!({ "out": out }),
        Err(error) => json!({ "error": "Replacement", "message": error.message }),
    }
}

fn refused(error: &SyntaxError) -> Value {
    json!({ "error": "PatternSyntax", "message": error.description, "index": error.index })
}

fn found(regex: &Regex, text: &str) -> Value {
    let units = |at: usize| text[..at].encode_utf16().count();
    let group = |group: Option<(usize, usize)>| group.map(|(start, end)| [units(start), units(end)]);
    regex.find_all(text).map(|found| (0..=regex.group_count()).map(|n| group(found.group(n))).collect::<Vec<_>>()).collect()
}
