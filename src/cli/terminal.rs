//! Printing that does not mind when nobody reads any more.

use std::fmt::Display;
use std::io::Write;

/// Prints to standard output.
pub fn print(text: impl Display) {
    // Nobody is left to tell.
    let _ = write!(std::io::stdout(), "{text}");
    let _ = std::io::stdout().flush();
}

/// Prints a line to standard error.
pub fn complain(line: impl Display) {
    // Nobody is left to tell.
    let _ = writeln!(std::io::stderr(), "{line}");
}
