//! AVX2: Intel since 2013, AMD since 2015.

use std::arch::x86_64::*;

use super::block::{Block, COMPRESS, ESCAPE_LETTERS, ESCAPE_MEANINGS, EXPAND, LETTERS, Progress, Stops};
use super::loops::loops;

loops!(Avx2, "avx2,bmi1,bmi2,popcnt,lzcnt");

#[derive(Clone, Copy)]
struct Avx2(__m256i, __m256i);

#[inline(always)]
unsafe fn both(low: __m256i, high: __m256i) -> u64 {
    unsafe { u64::from(_mm256_movemask_epi8(low) as u32) | u64::from(_mm256_movemask_epi8(high) as u32) << 32 }
}

#[inline(always)]
unsafe fn control(half: __m256i) -> __m256i {
    unsafe { _mm256_cmpeq_epi8(_mm256_min_epu8(half, _mm256_set1_epi8(0x1f)), half) }
}

/// The table's byte for each index below 16, 0 for those from 128 on.
#[inline(always)]
unsafe fn look_up(table: [u8; 16], index: __m256i) -> __m256i {
    unsafe {
        let table = _mm_loadu_si128(table.as_ptr().cast());
        _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(table), index)
    }
}

/// 0xff for each bit that is set.
#[inline(always)]
unsafe fn spread(mask: u32) -> __m256i {
    unsafe {
        let bytes = _mm256_shuffle_epi8(
            _mm256_set1_epi32(mask as i32),
            _mm256_setr_epi64x(0, 0x0101_0101_0101_0101, 0x0202_0202_0202_0202, 0x0303_0303_0303_0303),
        );
        let bits = _mm256_set1_epi64x(0x8040_2010_0804_0201_u64 as i64);
        _mm256_cmpeq_epi8(_mm256_and_si256(bytes, bits), bits)
    }
}

/// What each byte of `half` stands for if it is the letter of an escape, and where one is.
#[inline(always)]
unsafe fn letters(half: __m256i) -> (__m256i, __m256i) {
    unsafe {
        let index = _mm256_and_si256(_mm256_srli_epi16::<1>(half), _mm256_set1_epi8(15));
        let known = _mm256_cmpeq_epi8(look_up(ESCAPE_LETTERS, index), half);
        (look_up(ESCAPE_MEANINGS, index), known)
    }
}

#[inline(always)]
unsafe fn named(half: __m256i) -> (__m256i, __m256i) {
    unsafe {
        let letter = look_up(LETTERS, _mm256_adds_epu8(half, _mm256_set1_epi8(0x70)));
        let unnamed = _mm256_cmpeq_epi8(letter, _mm256_setzero_si256());
        (_mm256_blendv_epi8(letter, half, unnamed), unnamed)
    }
}

impl Avx2 {
    #[inline(always)]
    unsafe fn words(self) -> [u64; 8] {
        unsafe { std::mem::transmute([self.0, self.1]) }
    }
}

impl Block for Avx2 {
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Avx2 {
        let from = from.cast::<__m256i>();
        unsafe { Avx2(_mm256_loadu_si256(from), _mm256_loadu_si256(from.add(1))) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        let to = to.cast::<__m256i>();
        unsafe {
            _mm256_storeu_si256(to, self.0);
            _mm256_storeu_si256(to.add(1), self.1);
        }
    }
    #[inline(always)]
    unsafe fn equal(self, byte: u8) -> u64 {
        unsafe {
            let all = _mm256_set1_epi8(byte as i8);
            both(_mm256_cmpeq_epi8(self.0, all), _mm256_cmpeq_epi8(self.1, all))
        }
    }
    #[inline(always)]
    unsafe fn control(self) -> u64 {
        unsafe { both(control(self.0), control(self.1)) }
    }
    #[inline(always)]
    unsafe fn high(self) -> u64 {
        unsafe { both(self.0, self.1) }
    }
    #[inline(always)]
    unsafe fn unescaped(self, escaped: u64) -> (Avx2, u64) {
        unsafe {
            let others = escaped & !(self.equal(b'"') | self.equal(b'\\') | self.equal(b'/'));
            if others == 0 {
                return (self, 0);
            }
            let ((low, known_low), (high, known_high)) = (letters(self.0), letters(self.1));
            let unknown = others & !both(known_low, known_high);
            let low_at = _mm256_and_si256(known_low, spread(escaped as u32));
            let high_at = _mm256_and_si256(known_high, spread((escaped >> 32) as u32));
            let text = Avx2(_mm256_blendv_epi8(self.0, low, low_at), _mm256_blendv_epi8(self.1, high, high_at));
            (text, unknown)
        }
    }
    #[inline(always)]
    unsafe fn lettered(self, control: u64) -> (Avx2, u64) {
        if control == 0 {
            return (self, 0);
        }
        unsafe {
            let ((low, unnamed_low), (high, unnamed_high)) = (named(self.0), named(self.1));
            (Avx2(low, high), control & both(unnamed_low, unnamed_high))
        }
    }
    #[inline(always)]
    unsafe fn compress(self, keep: u64, to: *mut u8) {
        unsafe {
            if keep == u64::MAX {
                return self.store(to);
            }
            let mut to = to;
            for (n, word) in self.words().into_iter().enumerate() {
                let keep = keep >> (8 * n) & 0xff;
                let places = _mm_loadl_epi64(COMPRESS[keep as usize].as_ptr().cast());
                let kept = _mm_shuffle_epi8(_mm_cvtsi64_si128(word as i64), places);
                _mm_storel_epi64(to.cast(), kept);
                to = to.add(keep.count_ones() as usize);
            }
        }
    }
    #[inline(always)]
    unsafe fn expand(self, special: u64, to: *mut u8) {
        unsafe {
            let mut to = to;
            for (n, word) in self.words().into_iter().enumerate() {
                let special = special >> (8 * n) & 0xff;
                let places = _mm_loadu_si128(EXPAND[special as usize].as_ptr().cast());
                let bytes = _mm_set_epi64x(i64::from(b'\\'), word as i64);
                _mm_storeu_si128(to.cast(), _mm_shuffle_epi8(bytes, places));
                to = to.add(8 + special.count_ones() as usize);
            }
        }
    }
}
