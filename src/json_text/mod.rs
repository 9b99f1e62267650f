//! JSON strings as bytes: what every event writes and every reply reads, and nearly all of what large ones are.
//!
//! They are gone over once, 64 bytes at a time where the processor can. Text is checked to be UTF-8 on the way: what is ASCII needs
//! no look of its own, and from the first byte that is not, the rest is checked at once.

mod escape;
mod inside;
mod outline;
mod read_ahead;
pub(crate) mod simd;
mod unescape;

pub use escape::{escape, escape_str};
pub(crate) use inside::{Inside, has_code, inside, is_short_and_plain, plain_length};
pub(crate) use outline::is_plain_decimal;
pub use outline::{HiddenNames, Kind, Outline, Place, Step};
pub use read_ahead::{Ahead, Found, ReadAhead};
pub use unescape::{Broken, Utf8, read};
pub(crate) use unescape::{lossy, skip, unescape_str, well_inside};
