//! From files to a `RestApi`.

mod compile;
mod document;
mod file;
mod intrinsic;
mod json;
mod layers;
mod limit;
mod lint;
mod lint_pattern;
mod lint_template;
mod load;
mod native;
mod nearest;
mod node;
mod openapi;
pub mod problem;
mod process;
mod report;
pub mod settings;
mod spot;
mod stage;
mod toml;
mod written_integration;
mod yaml;

pub use document::{Yaml, item_lines, plain};
pub use layers::{FLAGS, NAMED_FLAGS, PREFIX};
pub use load::{DEFAULT_FILES, Loaded, Sources, admin_address, load};
