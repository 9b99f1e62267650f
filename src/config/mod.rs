//! From files to a `RestApi`.

mod compile;
mod definition;
mod document;
mod lint;
mod load;
pub mod settings;

pub use document::{Problem, Severity, Yaml, plain};
pub use load::{DEFAULT_FILES, Loaded, Sources, load};
pub use settings::{NAMED_FLAGS, PREFIX};
