//! What the documented configuration, `config/reference.yaml`, says about every key: its meaning and its default. Tests hold both true.

mod effective;
mod masked;
mod schema;
mod told;

pub(crate) use effective::{Effective, effective};
pub(crate) use masked::{Masked, values};
pub(crate) use schema::schema;
