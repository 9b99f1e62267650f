//! What a template's reference, a JSON document and a JSONPath result hold: Java's values, as the gateway's Java sees them.

pub mod hash;
pub mod json;
pub mod number;
pub mod print;
pub mod utf16;
pub mod work;

mod buckets;
mod entries;
mod equality;
mod exception;
mod guard;
mod object;
mod release;
mod sub_list;

pub use exception::Exception;
pub use object::*;
pub use release::let_go;
