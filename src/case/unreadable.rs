//! Why a file of cases cannot be read.

use std::fmt;

/// Why a file of cases cannot be read, a line each.
#[derive(Debug)]
pub struct Unreadable(pub Vec<String>);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}
