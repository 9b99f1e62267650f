//! The `stagegate` command.

fn main() {}
