//! The commands: their flags and exit codes.
