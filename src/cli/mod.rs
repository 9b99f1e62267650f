//! The commands: their flags and exit codes.

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

mod admin_client;
mod annotation;
pub mod check;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod eval;
pub mod explain;
pub(crate) mod export;
mod filter;
pub(crate) mod healthcheck;
pub(crate) mod init;
pub(crate) mod manual;
pub(crate) mod record;
pub(crate) mod replay;
pub(crate) mod run;
pub(crate) mod sources;
mod story;
mod terminal;
pub mod test;

/// Answers as Amazon API Gateway (REST API) would, in front of backends that return Lambda-style payloads.
#[derive(Debug, Parser)]
#[command(name = "stagegate", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do; `run` without one.
    #[command(subcommand)]
    command: Option<Command>,
    /// The flags of `run`.
    #[command(flatten)]
    run: run::Args,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the sidecar (the default)
    Run(run::Args),
    /// Start it with a built-in definition and a built-in backend, and print what to try
    Demo(demo::Args),
    /// Load the configuration and print everything that is wrong with it or will surprise
    Check(check::Args),
    /// Run cases offline, and tell what they do not cover
    Test(test::Args),
    /// Print every decision about one request and one backend answer, offline
    Explain(explain::Args),
    /// Evaluate templates, JSON paths and patterns: JSON lines, or one-shot
    Eval(eval::Args),
    /// Print the API as loaded, as one OpenAPI document or natively
    Export(export::Args),
    /// Print what differs for a client between two configurations or definitions
    Diff(diff::Args),
    /// Write live exchanges of a running sidecar as case files
    Record(record::Args),
    /// Play recorded cases against another configuration, and print what changes
    Replay(replay::Args),
    /// Print the exchanges of a running sidecar as they come
    Tap(record::Live),
    /// Write a configuration to begin with, which names every function of a definition
    Init(init::Args),
    /// Ask the admin port whether the sidecar is ready
    Healthcheck(healthcheck::Args),
    /// Print completions for a shell
    Completions(manual::Completions),
    /// Write the manual pages
    Man(manual::Man),
}

/// Parses the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = parsed();
    // Hash tables take some, and could only panic.
    if let Err(error) = getrandom::fill(&mut [0; 1]) {
        terminal::complain(format_args!(
            "no random numbers: {error}; a static binary takes them from /dev/random and /dev/urandom, unless `deploy/build` made it"
        ));
        return ExitCode::FAILURE;
    }
    match cli.command.unwrap_or(Command::Run(cli.run)) {
        Command::Run(args) => run::run(&args),
        Command::Demo(args) => demo::demo(&args),
        Command::Check(args) => ExitCode::from(check::check(&args)),
        Command::Test(args) => ExitCode::from(test::test(&args)),
        Command::Explain(args) => ExitCode::from(explain::explain(&args)),
        Command::Eval(args) => done(eval::eval(&args)),
        Command::Export(args) => ExitCode::from(export::export(&args)),
        Command::Diff(args) => ExitCode::from(diff::diff(&args)),
        Command::Record(args) => done(record::record(&args)),
        Command::Replay(args) => ExitCode::from(replay::replay(&args)),
        Command::Tap(args) => done(record::tap(&args)),
        Command::Init(args) => ExitCode::from(init::init(&args)),
        Command::Healthcheck(args) => healthcheck::healthcheck(&args),
        Command::Completions(args) => {
            manual::completions(&args, Cli::command());
            ExitCode::SUCCESS
        }
        Command::Man(args) => done(manual::man(&args, Cli::command()).map(|()| 0)),
    }
}

fn parsed() -> Cli {
    let mut command = Cli::command();
    let matches = command.get_matches_mut();
    if let Some((name, matches)) = matches.subcommand()
        && name == "check"
        && let Some(error) = command.find_subcommand_mut(name).and_then(|command| check::in_vain(matches, command))
    {
        error.exit();
    }
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

fn done(result: anyhow::Result<u8>) -> ExitCode {
    result.map_or_else(
        |error| {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        },
        ExitCode::from,
    )
}
