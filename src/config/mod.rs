//! From files to a `RestApi`.

mod compile;
mod definition;
mod document;
mod export;
mod lint;
mod load;
pub mod settings;

pub use document::{Node, Problem, Severity, parse};
pub use export::Format;
pub use load::{Loaded, export, load};
pub use settings::{DEFAULT_FILES, NAMED_FLAGS, PREFIX, Sources};
