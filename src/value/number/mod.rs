//! How Java prints and reads numbers.
//!
//! Rust's own printing gives the shortest digits that read back as the same number. Java before 19 does not always, and a body is
//! compared byte by byte: so the digits come from Java's own procedure ([`decimal_digits`]).

mod decimal_digits;
mod print;
mod read;

pub use print::{plain_big_decimal, print_big_decimal, print_double, print_engineering_big_decimal, print_float};
pub(crate) use read::{big_decimal_to_double, digit};
pub use read::{parse_big_decimal, parse_big_integer, parse_double, parse_float, parse_int, parse_long};
