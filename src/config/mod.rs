//! From files to a `RestApi`.

pub mod problem;
pub mod settings;
