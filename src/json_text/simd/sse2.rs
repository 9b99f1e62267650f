//! SSE2, which every x86-64 processor has.

use std::arch::x86_64::*;

use super::block::{Block, LETTERS, Progress, Stops, WIDTH, compress_bytes, expand_bytes, meaning};
use super::loops::loops;

loops!(Sse2, "sse2");

#[derive(Clone, Copy)]
struct Sse2([__m128i; 4]);

impl Sse2 {
    #[inline(always)]
    unsafe fn mask(self, f: impl Fn(__m128i) -> __m128i) -> u64 {
        let mut mask = 0;
        for (n, quarter) in self.0.into_iter().enumerate() {
            mask |= u64::from(unsafe { _mm_movemask_epi8(f(quarter)) } as u16) << (16 * n);
        }
        mask
    }
    #[inline(always)]
    unsafe fn bytes(self) -> [u8; WIDTH] {
        unsafe { std::mem::transmute(self.0) }
    }
    /// With `with` of each byte of `at`; and those of which it is 0.
    #[inline(always)]
    unsafe fn replaced(self, at: u64, with: impl Fn(u8) -> u8) -> (Sse2, u64) {
        if at == 0 {
            return (self, 0);
        }
        let (mut bytes, mut left, mut unknown) = (unsafe { self.bytes() }, at, 0);
        while left != 0 {
            let n = left.trailing_zeros();
            match with(bytes[n as usize]) {
                0 => unknown |= 1 << n,
                other => bytes[n as usize] = other,
            }
            left &= left - 1;
        }
        (unsafe { Sse2::load(bytes.as_ptr()) }, unknown)
    }
}

impl Block for Sse2 {
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Sse2 {
        let from = from.cast::<__m128i>();
        unsafe {
            Sse2([
                _mm_loadu_si128(from),
                _mm_loadu_si128(from.add(1)),
                _mm_loadu_si128(from.add(2)),
                _mm_loadu_si128(from.add(3)),
            ])
        }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        for (n, quarter) in self.0.into_iter().enumerate() {
            unsafe { _mm_storeu_si128(to.cast::<__m128i>().add(n), quarter) }
        }
    }
    #[inline(always)]
    unsafe fn equal(self, byte: u8) -> u64 {
        unsafe { self.mask(|quarter| _mm_cmpeq_epi8(quarter, _mm_set1_epi8(byte as i8))) }
    }
    #[inline(always)]
    unsafe fn control(self) -> u64 {
        unsafe { self.mask(|quarter| _mm_cmpeq_epi8(_mm_min_epu8(quarter, _mm_set1_epi8(0x1f)), quarter)) }
    }
    #[inline(always)]
    unsafe fn high(self) -> u64 {
        unsafe { self.mask(|quarter| quarter) }
    }
    #[inline(always)]
    unsafe fn unescaped(self, escaped: u64) -> (Sse2, u64) {
        unsafe { self.replaced(escaped, meaning) }
    }
    #[inline(always)]
    unsafe fn lettered(self, control: u64) -> (Sse2, u64) {
        unsafe { self.replaced(control, |byte| LETTERS.get(usize::from(byte)).copied().unwrap_or(0)) }
    }
    #[inline(always)]
    unsafe fn compress(self, keep: u64, to: *mut u8) {
        unsafe { if keep == u64::MAX { self.store(to) } else { compress_bytes(&self.bytes(), keep, to) } }
    }
    #[inline(always)]
    unsafe fn expand(self, special: u64, to: *mut u8) {
        unsafe { expand_bytes(&self.bytes(), special, to) }
    }
}
