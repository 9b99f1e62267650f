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
//!
//! Whatever the pattern and the text, nothing panics and everything ends: a pattern has a longest length and a deepest nesting, the
//! machine has its own stack and a number of steps. A pattern that runs out of them counts as no match ([`Outcome::StepLimit`]).
//!
//! ```
//! use stagegate::engine::pattern::{Outcome, Pattern, PatternSet, Regex};
//!
//! let patterns = [Pattern::compile("(?s).*not found.*")?, Pattern::compile(r"(?!Ok)\w+")?];
//! let outcomes: Vec<Outcome> = PatternSet::new(&patterns).outcomes("user not found").collect();
//! assert_eq!(outcomes, [Outcome::Match, Outcome::NoMatch]);
//!
//! let date = Regex::compile(r"(?<day>\d+)\.(?<month>\d+)")?;
//! assert_eq!(date.replace_all("24.12 and 31.12", "${month}/$1"), Ok("12/24 and 12/31".to_owned()));
//! # Ok::<(), stagegate::engine::pattern::SyntaxError>(())
//! ```

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
mod reason;
mod repair;
mod replacement;
mod required;
mod selection;
mod set;
mod study;
mod text;
mod unicode;

pub use error::SyntaxError;
pub use find::{Captures, Regex};
pub(crate) use reason::Mismatch;
pub use replacement::ReplacementError;
pub use selection::{Outcome, Pattern};
pub use set::PatternSet;
