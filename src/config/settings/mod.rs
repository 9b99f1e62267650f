//! The settings of the process.

mod layers;
pub mod reader;
mod settings;

pub use layers::{Layer, NAMED_FLAGS, PREFIX, merge};
pub use settings::*;
