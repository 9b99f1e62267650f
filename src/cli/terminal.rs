//! Printing that does not mind when nobody reads any more, and numbers in words.

use std::fmt::Display;
use std::io::Write;

/// Prints to standard output.
pub(crate) fn print(text: impl Display) {
    // Nobody is left to tell.
    let _ = write!(std::io::stdout(), "{text}");
    let _ = std::io::stdout().flush();
}

/// Prints a line to standard error.
pub(crate) fn complain(line: impl Display) {
    // Nobody is left to tell.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// `1 error`, `2 errors`
pub(crate) fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}
