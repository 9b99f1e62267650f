//! The `stagegate` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    stagegate::main()
}
