//! JSONPath as Jayway's json-path 2 reads it, over the values that templates hold.
//!
//! ```text
//! cursor → parser (filter_parser, element) → query ─► eval (filter, functions) ─► what is found
//! ```
//!
//! RFC 9535 is another language: Jayway's takes paths that the RFC refuses, has functions and operators of its own, and gives one value
//! for a definite path and a list for any other. Bodies are selected by its answers, so its parser is followed character by
//! character, with what it overlooks.
//!
//! What is found is the document's own list or map, not a copy: `append()` changes the document, as in Java. Nothing panics and
//! everything ends, whatever the path and even in a document that holds itself: filters and functions nest [`MAX_NESTING`] deep, a read
//! takes a bounded number of steps and goes a bounded number of levels down.
//!
//! ```
//! use stagegate::engine::jsonpath::{Path, ReadError};
//! use stagegate::engine::value::json;
//!
//! let document = json::parse(r#"{"pets": [{"name": "Ada", "age": 3}, {"name": "Bo", "age": 9}]}"#)?;
//! let old = Path::compile("$.pets[?(@.age > 5)].name")?;
//! let mut text = String::new();
//! json::print(&old.read(&document)?, &mut text);
//! assert_eq!(text, r#"["Bo"]"#);
//! assert_eq!(Path::compile("$.toys")?.read(&document).unwrap_err(), ReadError::PathNotFound);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod budget;
mod cursor;
mod element;
mod eval;
mod fault;
mod filter;
mod filter_parser;
mod functions;
mod literal;
mod number;
mod operand;
mod parser;
mod path;
mod query;
mod regex;
mod unescape;

pub use parser::MAX_NESTING;
pub use path::{InvalidPath, Path, ReadError};
