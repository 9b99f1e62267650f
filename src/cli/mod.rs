//! The commands: their flags and exit codes.

pub mod check;
pub mod explain;
pub mod sources;
pub mod test;
