//! Text to tokens, as the token manager does it that JavaCC generates from Velocity 1.7's grammar.
//!
//! It is kept state by state instead of being written afresh: which `#`, `$`, `"` or line end is text depends on states that the
//! grammar switches in actions, and templates rely on the outcome, oddities included.

mod rules;
mod scanner;

pub(crate) use scanner::{Lexer, Stuck};
