//! Printing that does not mind when nobody reads any more, in colours where they are seen; and numbers in words.

use std::fmt::Display;
use std::io::Write;

use anstyle::{AnsiColor, Style};

/// What is wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// What is right.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// What the eye shall find.
pub(crate) const BOLD: Style = Style::new().bold();

/// Prints to standard output.
pub(crate) fn print(text: impl Display) {
    // Nobody is left to tell.
    let _ = write!(std::io::stdout(), "{text}");
    let _ = std::io::stdout().flush();
}

/// Prints text with colours; they are left out where nobody sees them, and with `NO_COLOR`.
pub(crate) fn print_styled(text: impl Display) {
    let mut out = anstream::stdout();
    // Nobody is left to tell.
    let _ = write!(out, "{text}");
    let _ = out.flush();
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
