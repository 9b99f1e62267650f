//! The `stagegate` command.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use stagegate::cli::eval;

#[derive(Debug, Parser)]
#[command(name = "stagegate", version, about)]
struct Command {
    #[command(subcommand)]
    command: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Evaluate templates, JSON paths and patterns: JSON lines, or one-shot
    Eval(eval::Args),
}

fn main() -> ExitCode {
    let Action::Eval(args) = Command::parse().command;
    match eval::eval(&args) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(1)
        }
    }
}
