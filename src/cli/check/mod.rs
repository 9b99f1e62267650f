//! `stagegate check`: loads exactly as `run` does, and prints every problem and lint finding.

mod explain;
mod github;
mod json;
mod sarif;

use std::io::Write;

use clap::builder::BoolishValueParser;
use clap::{Args as Arguments, ValueEnum};
use serde_json::{Value, json};

use crate::cli::sources::SourceArgs;
use crate::cli::terminal::{complain, count, print_styled};
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
    /// Tell what a rule is about, why it matters and what to do; without a rule, list them all
    #[arg(long, env = "STAGEGATE_CHECK_EXPLAIN", value_name = "RULE", num_args = 0..=1, default_missing_value = "")]
    pub explain: Option<String>,
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
    /// Workflow commands of GitHub Actions: annotations of a change.
    Github,
}

/// Prints the report; the exit code is 0, or 78 with errors (with `--strict`, with warnings too).
pub fn check(args: &Args) -> u8 {
    if let Some(name) = &args.explain {
        return match explain::explain(name) {
            Ok(text) => {
                print_styled(text);
                0
            }
            Err(why) => {
                complain(why);
                78
            }
        };
    }
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
    let silenced = loaded.as_ref().map(|l| l.silenced.as_slice()).unwrap_or_default();
    let text = match format {
        Format::Text => text(problems, &summary, code),
        Format::Json => format!(
            "{:#}\n",
            json!({ "problems": json::items(problems), "silenced": json::silenced(silenced), "summary": summary.json(code) })
        ),
        Format::Sarif => format!("{:#}\n", sarif::sarif(problems, silenced)),
        Format::Github => github::github(problems) + &format!("{}\n", summary.text(code)),
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
    silenced: usize,
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
            silenced: loaded.map_or(0, |l| l.silenced.len()),
        }
    }

    /// The last line for people.
    fn text(&self, code: u8) -> String {
        let Summary { name, methods, paths, functions, errors, warnings, notes, silenced } = self;
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
        let silenced = if *silenced == 0 { String::new() } else { format!(", {silenced} silenced") };
        format!("{verdict}: {served}{errors}, {warnings}, {notes}{silenced}")
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
            "silenced": self.silenced,
        })
    }
}

fn text(problems: &[Problem], summary: &Summary, code: u8) -> String {
    let mut out: String = problems.iter().map(|problem| format!("{problem}\n")).collect();
    out.push_str(&format!("{}\n", summary.text(code)));
    out
}
