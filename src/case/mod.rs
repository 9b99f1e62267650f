//! Test cases: a request and a canned backend answer, with the call and the response that are expected of them.

mod compare;
mod diff;
mod file;
mod play;
mod suite;

pub use compare::Miss;
pub use play::{Played, play, refusal};
pub use suite::{Suite, Unreadable, find, limits};
