//! JSON text 64 bytes at a time: the one place with `unsafe`, for vector instructions and the pointers they read and write by.
//!
//! Four loops (`scan`, `skip`, `unescape`, `escape`) are written once over `Block`, 64 bytes in registers, and compiled for each set of
//! instructions. They go over what is simple and stop at the first byte that is not; their callers, in safe code, look at it.

#![allow(
    unsafe_code,
    reason = "vector instructions; every loop is compared with plain code, at every length and place"
)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod block;
mod level;
mod loops;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon;
mod portable;
#[cfg(target_arch = "x86_64")]
mod sse2;

pub use block::{Progress, Stops};
pub use level::Level;
