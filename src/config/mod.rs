//! From files, environment and flags to a `RestApi` and the settings of the process.
//!
//! ```text
//! document    a text with places: YAML, JSON, TOML as one tree, and the findings about it
//! settings    file ◄ environment ◄ flags, merged, read as the settings of the process
//! definition  the `api` section and the document that it names, whatever kind it is → API and stage as written
//! compile     as written → `api::RestApi`
//! lint        what loads but will surprise
//! outline     what a definition calls: the functions and services that a configuration places
//! places      where each part of an API stands: what coverage points to, and the page shows
//! export      as written → one document that gives the same API
//! reference   what every key means: its JSON Schema, its default, and the configuration that counts
//! ```
//!
//! As written and as compiled are two sets of types, because most of what people want to know of a configuration (where it
//! stands, what was meant, what API Gateway would say to it) is of no use to a request. No request sees a `Node` or a place.
//!
//! Every room reports into one `Report` and goes on: an operator who mends a file wants all findings at once, not the next one.

mod compile;
mod definition;
mod document;
mod export;
mod lint;
mod load;
mod outline;
mod places;
mod reference;
pub(crate) mod settings;
mod silence;

pub(crate) use compile::mapping_template;
pub(crate) use document::{Data, Edit, Excerpt, Excerpts, contents, duration, edited, hint, join, nearest, url};
pub use document::{Node, Problem, Severity, parse};
pub use export::Format;
pub use lint::{Rule, rule, rules};
pub(crate) use load::outline;
pub(crate) use load::{Examined, examine};
pub use load::{Loaded, export, load};
pub(crate) use outline::Outline;
pub(crate) use places::{Line, Places, TemplateLine};
pub(crate) use reference::{Effective, Masked, effective, schema, values};
pub(crate) use settings::admin_address;
pub use settings::{FLAGS, NAMED_FLAGS, PREFIX, Sources};
pub use silence::Silenced;
