//! `stagegate export`: the API as loaded, as one document that gives the same API when it is loaded.

use std::io::Write;

use clap::{Args as Arguments, ValueEnum};

use super::sources::SourceArgs;
use crate::config::{self, Problem, Severity};

/// The flags of `export`.
#[derive(Debug, Clone, Arguments)]
pub(crate) struct Args {
    /// Where the configuration is.
    #[command(flatten)]
    pub sources: SourceArgs,
    /// What the document is
    #[arg(long, value_enum, default_value_t, env = "STAGEGATE_EXPORT_FORMAT")]
    pub format: Format,
}

/// What the document is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// OpenAPI 3.0 with API Gateway's extensions, as JSON.
    #[default]
    Openapi,
    /// The `api` section of a configuration, as YAML.
    Native,
}

/// Prints the document; the exit code is 0, or 78 with the findings on standard error.
pub(crate) fn export(args: &Args) -> u8 {
    let format = match args.format {
        Format::Openapi => config::Format::OpenApi,
        Format::Native => config::Format::Native,
    };
    let (text, problems, code) = match config::export(&args.sources.sources(), format) {
        Ok((text, problems)) => (text, problems, 0),
        Err(problems) => (String::new(), problems, 78),
    };
    for problem in problems.iter().filter(|problem| is_told(problem)) {
        eprintln!("{problem}");
    }
    // Nobody is left to tell when the output is closed.
    let _ = std::io::stdout().write_all(text.as_bytes());
    code
}

/// Notes, and what concerns the running of the API, are `check`'s.
fn is_told(problem: &Problem) -> bool {
    problem.severity == Severity::Error
}
