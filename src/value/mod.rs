//! What a template's reference, a JSON document and a JSONPath result hold: Java's values, as the gateway's Java sees them.

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
mod object;
mod release;
mod sub_list;

pub use exception::Exception;
pub(crate) use object::StrKey;
pub use object::{Entries, List, ListKind, Map, MapKind, Object, Value};
pub(crate) use release::let_go;
