//! The settings of the process.
//!
//! Why figment only merges: it knows which layer wins (flag over environment over file) but not in which line of a file a value
//! stands, and its typed reading stops at the first error. So figment is asked who won, the winner's own `Node` is taken, and
//! `reader` reads the result with every finding at its place.

mod layers;
mod limits;
mod reader;
#[allow(clippy::module_inception)]
mod settings;
mod sources;

pub use layers::{NAMED_FLAGS, PREFIX};
pub use limits::Limits;
pub use reader::{check_addresses, read};
pub use settings::*;
pub use sources::{DEFAULT_FILES, Sources, root};
