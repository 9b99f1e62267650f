//! `stagegate check`: loads exactly as `run` does, and prints every problem and lint finding.

mod errors;
mod explain;
mod flags;
mod format;
mod github;
mod json;
mod sarif;
mod show;
mod text;

use clap::Args as Arguments;
use clap::builder::BoolishValueParser;
use serde_json::{Value, json};

pub use self::errors::ErrorArgs;
pub(crate) use self::flags::in_vain;
pub use self::format::Format;
use crate::cli::sources::SourceArgs;
use crate::cli::terminal::{columns, complain, count, print, print_styled, wrapped};
use crate::config::{self, Effective, Examined, Loaded, Node, Problem, Severity, Sources, effective, examine};

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
    /// Show every finding: without it, warnings and notes that repeat themselves are told in a line
    #[arg(long, env = "STAGEGATE_CHECK_ALL", value_parser = BoolishValueParser::new())]
    pub all: bool,
    /// Print the configuration that counts, each value with the file and line, variable or flag that it is from; secrets are masked
    #[arg(long, env = "STAGEGATE_CHECK_SHOW", value_parser = BoolishValueParser::new())]
    pub show: bool,
    /// Print the JSON Schema of the configuration, for editors
    #[arg(long, env = "STAGEGATE_CHECK_SCHEMA", value_parser = BoolishValueParser::new())]
    pub schema: bool,
    /// Tell what a rule is about, why it matters and what to do; without a rule, list them all
    #[arg(long, env = "STAGEGATE_CHECK_EXPLAIN", value_name = "RULE", num_args = 0..=1, default_missing_value = "")]
    pub explain: Option<String>,
    /// The error map.
    #[command(flatten)]
    pub map: ErrorArgs,
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
    if args.schema {
        print(schema());
        return 0;
    }
    if args.map.errors {
        let (text, code) = errors(&args.sources.sources(), &args.map, args.format);
        match text {
            Ok(text) if args.format == Format::Json => print(text),
            Ok(text) => print_styled(columns().map_or(text.clone(), |columns| wrapped(&text, columns))),
            Err(why) => complain(why),
        }
        return code;
    }
    if args.show {
        let (text, problems, code) = show(&args.sources.sources(), args.format);
        print_styled(text);
        problems.iter().for_each(complain);
        return code;
    }
    let (text, code) = report(&args.sources.sources(), args.format, args.strict, args.all);
    if args.format == Format::Text {
        print_styled(text);
    } else {
        print(text);
    }
    code
}

/// The error map, or why there is none, and the exit code.
pub fn errors(sources: &Sources, args: &ErrorArgs, format: Format) -> (Result<String, String>, u8) {
    errors::errors(sources, args, format == Format::Json)
}

/// The JSON Schema of the configuration.
pub fn schema() -> String {
    format!("{:#}\n", config::schema())
}

/// The configuration that counts, the errors for which it does not load, and the exit code.
pub fn show(sources: &Sources, format: Format) -> (String, Vec<Problem>, u8) {
    let Effective { tree, loaded, secrets } = effective(sources);
    let told = |tree: &Node| match format {
        Format::Json | Format::Sarif => format!("{:#}\n", show::json(tree, &secrets)),
        _ => show::yaml(tree, &secrets),
    };
    let text = tree.as_ref().map(told).unwrap_or_default();
    let is_error = |problem: &Problem| problem.severity == Severity::Error;
    let errors: Vec<Problem> = loaded.err().into_iter().flatten().filter(is_error).collect();
    let code = if errors.is_empty() { 0 } else { 78 };
    (text, errors, code)
}

/// The report and the exit code. That for people has colours, and with `all` every finding.
pub fn report(sources: &Sources, format: Format, strict: bool, all: bool) -> (String, u8) {
    let Examined { loaded, secrets } = examine(sources);
    let problems = match &loaded {
        Ok(loaded) => &loaded.problems,
        Err(problems) => problems,
    };
    let worst = if strict { Severity::Warning } else { Severity::Error };
    let code = if problems.iter().any(|p| p.severity >= worst) { 78 } else { 0 };
    let summary = Summary::of(loaded.as_ref().ok(), problems);
    let silenced = loaded.as_ref().map(|l| l.silenced.as_slice()).unwrap_or_default();
    let text = match format {
        Format::Text => text::text(problems, &secrets, all) + &format!("{}\n", summary.text(code)),
        Format::Short => {
            problems.iter().map(|p| format!("{p}\n")).collect::<String>() + &format!("{}\n", summary.text(code))
        }
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
