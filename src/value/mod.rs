//! What a template's reference, a JSON document and a JSONPath result hold: Java's values, as the gateway's Java sees them.

pub mod hash;
pub mod json;
pub mod number;
pub mod print;
pub mod utf16;
pub mod work;

mod entries;
mod guard;
mod object;
mod release;

pub use entries::{Entries, Key};
pub use object::*;
pub use release::let_go;
