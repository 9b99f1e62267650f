//! The settings of the process.

mod layers;
mod limits;
mod reader;
mod settings;
mod sources;

pub use layers::{NAMED_FLAGS, PREFIX};
pub use limits::Limits;
pub use reader::{check_addresses, read};
pub use settings::*;
pub use sources::{DEFAULT_FILES, Sources, root};
