//! A text with places: YAML, JSON or TOML as one tree, whose every value knows its file and line, and the findings about it.
//!
//! Why not serde: a finding must name the line and the path of the value that it is about, also where a key is unknown, stands
//! twice or has the wrong type; and one load must bring every finding, not the first. Serde's readers stop at the first and keep
//! no places. So each format is read into a `Node`, and everything above reads typed values out of a `Spot`.

mod asked;
mod comment;
pub(crate) mod contents;
mod edit;
mod excerpt;
mod fault;
mod file;
mod json;
mod language;
mod limit;
mod located;
mod named;
mod nearest;
mod node;
mod plain_yaml;
mod problem;
mod report;
mod scalar;
mod spot;
mod toml;
mod trail;
mod unit;
pub(crate) mod url;
mod yaml;

pub(crate) use asked::Asked;
pub(crate) use comment::Comment;
pub(crate) use edit::{Edit, edited};
pub(crate) use excerpt::{Excerpt, Excerpts};
pub(crate) use file::read;
pub use language::parse;
pub(crate) use language::{Language, tree};
pub(crate) use limit::DEPTH;
pub(crate) use nearest::{hint, nearest};
pub use node::Node;
pub(crate) use node::{Block, Data, Entries, Mark, Origin};
pub(crate) use problem::Inner;
pub use problem::{Problem, Severity};
pub(crate) use report::{Place, Report};
pub(crate) use spot::{Fields, Spot};
pub(crate) use trail::join;
pub(crate) use unit::duration;
