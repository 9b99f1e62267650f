//! The settings of the process.
//!
//! Why figment only merges: it knows which layer wins (flag over environment over file) but not in which line of a file a value
//! stands, and its typed reading stops at the first error. So figment is asked who won, the winner's own `Node` is taken, and
//! `reader` reads the result with every finding at its place.

mod access_format;
mod faults;
mod layers;
mod limits;
mod reader;
#[allow(clippy::module_inception)]
mod settings;
mod sources;
mod telemetry;

pub(crate) use access_format::{AccessFormat, Escape, Piece};
pub(crate) use faults::{FAULT_HEADER, FaultRule, Requests, possible, possible_of_route};
pub use layers::{FLAGS, NAMED_FLAGS, PREFIX};
pub(crate) use limits::Limits;
pub(crate) use reader::{check_addresses, read};
pub(crate) use settings::*;
pub use sources::Sources;
pub(crate) use sources::{DEFAULT_FILES, admin_address, root};
