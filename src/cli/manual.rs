//! `stagegate completions` and `stagegate man`: what a package installs beside the binary, told by the command line itself.

use std::path::PathBuf;

use anyhow::Context;
use clap::Command;
use clap_complete::Shell;

/// The flags of `completions`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Completions {
    /// The shell that reads them
    pub shell: Shell,
}

/// The flags of `man`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Man {
    /// Where the pages go, such as /usr/local/share/man/man1
    pub folder: PathBuf,
}

/// Prints the completions for a shell.
pub(crate) fn completions(args: &Completions, mut command: Command) {
    clap_complete::generate(args.shell, &mut command, "stagegate", &mut std::io::stdout());
}

/// Writes one manual page per command into the folder.
pub(crate) fn man(args: &Man, command: Command) -> anyhow::Result<()> {
    std::fs::create_dir_all(&args.folder)
        .and_then(|()| clap_mangen::generate_to(command, &args.folder))
        .with_context(|| format!("`{}`", args.folder.display()))
}
