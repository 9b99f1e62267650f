//! The formats of what `check` prints.

use clap::ValueEnum;

/// How findings are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: the source of each, errors first, and a summary.
    #[default]
    Text,
    /// A line for each, and a summary.
    Short,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions: annotations of a change.
    Github,
}
