//! From files to a `RestApi`.

mod compile;
mod definition;
mod document;
mod lint;
mod load;
pub mod settings;

pub use document::{Node, Problem, Severity, parse};
pub use load::{Loaded, load};
pub use settings::{DEFAULT_FILES, NAMED_FLAGS, PREFIX, Sources};
