//! Eight bytes in a word: for processors without vectors, and as the twin of those with.

use super::block::{Block, LETTERS, WIDTH, compress_bytes, expand_bytes, meaning};

const ONES: u64 = 0x0101_0101_0101_0101;
const LOWS: u64 = 0x7f7f_7f7f_7f7f_7f7f;

#[derive(Clone, Copy)]
pub(super) struct Portable([u8; WIDTH]);

impl Portable {
    /// The mask of the bytes whose highest bit `f` sets.
    #[inline(always)]
    fn mask(self, f: impl Fn(u64) -> u64) -> u64 {
        let (words, _) = self.0.as_chunks::<8>();
        words.iter().rev().fold(0, |mask, word| {
            let highs = (f(u64::from_le_bytes(*word)) & !LOWS) >> 7;
            // Each of the eight bits is moved to the top byte, to a place of its own.
            mask << 8 | highs.wrapping_mul(0x0102_0408_1020_4080) >> 56
        })
    }

    #[inline(always)]
    fn replaced(mut self, at: u64, with: impl Fn(u8) -> u8) -> (Portable, u64) {
        let (mut left, mut unknown) = (at, 0);
        while left != 0 {
            let n = left.trailing_zeros();
            let byte = &mut self.0[n as usize];
            match with(*byte) {
                0 => unknown |= 1 << n,
                other => *byte = other,
            }
            left &= left - 1;
        }
        (self, unknown)
    }
}

impl Block for Portable {
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Portable {
        Portable(unsafe { from.cast::<[u8; WIDTH]>().read() })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        unsafe { to.cast::<[u8; WIDTH]>().write(self.0) }
    }
    #[inline(always)]
    unsafe fn equal(self, byte: u8) -> u64 {
        let all = ONES * u64::from(byte);
        self.mask(|word| {
            let other = word ^ all;
            !(((other & LOWS) + LOWS) | other)
        })
    }
    #[inline(always)]
    unsafe fn control(self) -> u64 {
        self.mask(|word| !(((word & LOWS) + ONES * 0x60) | word))
    }
    #[inline(always)]
    unsafe fn high(self) -> u64 {
        self.mask(|word| word)
    }
    #[inline(always)]
    unsafe fn unescaped(self, escaped: u64) -> (Portable, u64) {
        self.replaced(escaped, meaning)
    }
    #[inline(always)]
    unsafe fn lettered(self, control: u64) -> (Portable, u64) {
        self.replaced(control, |byte| LETTERS.get(usize::from(byte)).copied().unwrap_or(0))
    }
    #[inline(always)]
    unsafe fn compress(self, keep: u64, to: *mut u8) {
        unsafe { if keep == u64::MAX { self.store(to) } else { compress_bytes(&self.0, keep, to) } }
    }
    #[inline(always)]
    unsafe fn expand(self, special: u64, to: *mut u8) {
        unsafe { expand_bytes(&self.0, special, to) }
    }
}
