//! The commands: their flags and exit codes.

pub mod check;
pub mod eval;
pub mod sources;
