//! `stagegate run`: starts the sidecar.

use std::process::ExitCode;

use super::sources::SourceArgs;
use super::terminal::{complain, count};
use crate::config::{Severity, Sources, load};
use crate::server::{self, Addresses, Failed};

/// The flags of `run`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Args {
    /// Where the configuration is.
    #[command(flatten)]
    pub sources: SourceArgs,
}

/// Serves until a signal. The exit code: 0 after a drain, 1 for a run-time failure, 69 when an address is taken, 78 for a bad
/// configuration.
pub(crate) fn run(args: &Args) -> ExitCode {
    serve(args.sources.sources(), |_| {})
}

/// Serves what the sources say; `started` is told where.
pub(crate) fn serve(sources: Sources, started: impl FnOnce(&Addresses)) -> ExitCode {
    let first = match load(&sources) {
        Ok(loaded) => loaded,
        Err(problems) => {
            problems.iter().for_each(complain);
            let errors = problems.iter().filter(|p| p.severity == Severity::Error).count();
            complain(format_args!("the configuration is not usable: {}", count(errors, "error")));
            return ExitCode::from(78);
        }
    };
    match server::run(first, sources, started) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            complain(&failed);
            match failed {
                Failed::Bind(_) => ExitCode::from(69),
                Failed::Run(_) => ExitCode::FAILURE,
            }
        }
    }
}
