//! `stagegate check`: loads exactly as `run` does, and prints every problem and lint finding.

use std::io::Write;

use clap::builder::BoolishValueParser;
use clap::{Args as Arguments, ValueEnum};
use serde_json::{Value, json};

use super::sources::SourceArgs;
use super::terminal::count;
use crate::config::{Loaded, Sources, load};
use crate::config::{Problem, Severity};

/// The flags of `check`.
#[derive(Debug, Clone, Arguments)]
pub struct Args {
    /// Where the configuration is.
    #[command(flatten)]
    pub sources: SourceArgs,
    /// Fail on warnings too
    #[arg(long, env = "STAGEGATE_STRICT", value_parser = BoolishValueParser::new())]
    pub strict: bool,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t, env = "STAGEGATE_CHECK_FORMAT")]
    pub format: Format,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A line for each, and a summary.
    #[default]
    Text,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// Prints the report; the exit code is 0, or 78 with errors (with `--strict`, with warnings too).
pub fn check(args: &Args) -> u8 {
    let (text, code) = report(&args.sources.sources(), args.format, args.strict);
    // Nobody is left to tell when the output is closed.
    let _ = std::io::stdout().write_all(text.as_bytes());
    code
}

/// The report and the exit code.
pub fn report(sources: &Sources, format: Format, strict: bool) -> (String, u8) {
    let loaded = load(sources);
    let problems = match &loaded {
        Ok(loaded) => &loaded.problems,
        Err(problems) => problems,
    };
    let worst = if strict { Severity::Warning } else { Severity::Error };
    let code = if problems.iter().any(|p| p.severity >= worst) { 78 } else { 0 };
    let summary = Summary::of(loaded.as_ref().ok(), problems);
    let text = match format {
        Format::Text => text(problems, &summary, code),
        Format::Json => format!("{:#}\n", json!({ "problems": items(problems), "summary": summary.json(code) })),
        Format::Sarif => format!("{:#}\n", sarif(problems)),
    };
    (text, code)
}

/// What there is, in numbers.
struct Summary {
    name: String,
    methods: usize,
    paths: usize,
    functions: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
}

impl Summary {
    fn of(loaded: Option<&Loaded>, problems: &[Problem]) -> Summary {
        let count = |severity| problems.iter().filter(|p| p.severity == severity).count();
        Summary {
            name: loaded.map(|l| l.api.name.clone()).unwrap_or_default(),
            methods: loaded.map_or(0, |l| l.api.routes()),
            paths: loaded.map_or(0, |l| l.api.paths()),
            functions: loaded.map_or(0, |l| l.settings.functions.len()),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
        }
    }

    fn json(&self, code: u8) -> Value {
        json!({
            "ok": code == 0,
            "name": self.name,
            "methods": self.methods,
            "paths": self.paths,
            "functions": self.functions,
            "errors": self.errors,
            "warnings": self.warnings,
            "notes": self.notes,
        })
    }
}

fn text(problems: &[Problem], summary: &Summary, code: u8) -> String {
    let mut out: String = problems.iter().map(|problem| format!("{problem}\n")).collect();
    let Summary { name, methods, paths, functions, errors, warnings, notes } = summary;
    let verdict = if code == 0 { "ok" } else { "failed" };
    let served = match errors {
        0 => {
            let name = if name.is_empty() { String::new() } else { format!("`{name}` has ") };
            let methods = count(*methods, "method");
            format!("{name}{methods} on {}, {}; ", count(*paths, "path"), count(*functions, "function"))
        }
        _ => String::new(),
    };
    let (errors, warnings, notes) = (count(*errors, "error"), count(*warnings, "warning"), count(*notes, "note"));
    out.push_str(&format!("{verdict}: {served}{errors}, {warnings}, {notes}\n"));
    out
}

fn items(problems: &[Problem]) -> Vec<Value> {
    let item = |p: &Problem| {
        json!({
            "severity": p.severity.to_string(),
            "rule": p.rule,
            "file": p.file.to_string_lossy(),
            "line": p.line,
            "place": p.place,
            "message": p.message,
        })
    };
    problems.iter().map(item).collect()
}

fn sarif(problems: &[Problem]) -> Value {
    let mut rules: Vec<&str> = problems.iter().map(|p| p.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let result = |p: &Problem| {
        let mut physical = json!({ "artifactLocation": { "uri": p.file.to_string_lossy() } });
        if let Some(line) = p.line {
            physical["region"] = json!({ "startLine": line });
        }
        let mut location = json!({ "physicalLocation": physical });
        if !p.place.is_empty() {
            location["logicalLocations"] = json!([{ "fullyQualifiedName": p.place }]);
        }
        json!({
            "ruleId": p.rule,
            "level": p.severity.to_string(),
            "message": { "text": p.message },
            "locations": [location],
        })
    };
    let rules: Vec<Value> = rules.iter().map(|rule| json!({ "id": rule })).collect();
    let driver = json!({ "name": "stagegate", "version": env!("CARGO_PKG_VERSION"), "rules": rules });
    let results: Vec<Value> = problems.iter().map(result).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "results": results }],
    })
}
