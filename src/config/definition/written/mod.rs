//! The API as written, and what every source of it reads in the same way.

mod api;
pub mod integration;
pub mod intrinsic;

pub use api::*;
