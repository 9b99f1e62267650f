//! What a template's reference, a JSON document and a JSONPath result hold: Java's values, as the gateway's Java sees them.
//!
//! `serde_json::Value` would not do: `1`, `1L` and `1.0` are of three classes that differ in what they equal and how they print, a list
//! from a body prints as JSON and one from a template does not, and lists and maps are shared, so that changing one shows
//! everywhere. They are reference-counted and belong to one thread.
//!
//! A template can nest values deeper than a stack is, and put a list into itself. So every walk over values, be it to print, compare or
//! hash, is bounded in depth and length ([`guard`]), and letting go of them does not recurse ([`release`]). What is beyond the bounds
//! fails as Java's stack or memory would, with an [`Exception`]; nothing panics.
//!
//! ```
//! use stagegate::engine::value::{Map, Value, json};
//!
//! let body = json::parse_document("{name: 'Ada', tags: [1, 2,]}")?;
//! assert!(!body.canonical);
//! let Value::Map(map) = &body.value else { unreachable!("it is an object") };
//! map.put("more", Value::Map(Map::linked([("n", Value::Long(3))])));
//! let mut text = String::new();
//! assert!(json::print(&body.value, &mut text));
//! assert_eq!(text, r#"{"name":"Ada","tags":[1,2],"more":{"n":3}}"#);
//! # Ok::<(), json::InvalidJson>(())
//! ```

pub(crate) mod hash;
pub(crate) mod json;
pub(crate) mod number;
pub(crate) mod print;
pub(crate) mod utf16;
pub(crate) mod work;

mod buckets;
mod entries;
mod equality;
mod exception;
mod guard;
mod member;
mod object;
mod release;
mod sub_list;
mod tape;
mod text;

pub use exception::Exception;
pub(crate) use member::Member;
pub(crate) use object::StrKey;
pub use object::{Entries, List, ListKind, Map, MapKind, Object, Value};
pub(crate) use release::let_go;
pub use text::Text;
