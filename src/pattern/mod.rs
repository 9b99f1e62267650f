//! Java's regular expressions, as java.util.regex of Java 17 has them: selection patterns, which must match the whole
//! text, and the searching, replacing and splitting that templates do.
//!
//! ```text
//! reader → parser (escape, class, family) → ast ─► linear   the `regex` crate, whenever it can say the same
//!                                              └► program → machine   backtracking, with a limit on its steps
//! ```
//!
//! Java's grammar, character tables and oddities are in the parser, so both ways share them. Look-around, back
//! references, possessive and atomic parts go to the machine: it walks the pattern as Java's own matcher does, where an
//! engine for another dialect would differ in look-behind bounds, in `\b`, `\X` and `\G`, and in what groups hold after a
//! failed try; and it bounds the work, not only the number of returns.

mod ast;
mod charset;
mod class;
mod error;
mod escape;
mod family;
mod find;
mod linear;
mod machine;
mod parser;
mod program;
mod reader;
mod replacement;
mod selection;
mod set;
mod study;
mod text;
mod unicode;

pub use error::SyntaxError;
pub use find::{Captures, Regex};
pub use replacement::ReplacementError;
pub use selection::{Outcome, Pattern};
pub use set::PatternSet;
