//! AVX-512 with VBMI2, which compresses by itself: Intel since 2019, AMD since 2022.

use std::arch::x86_64::*;

use super::block::{Block, LETTERS, ODD, Progress, Stops, WIDTH, below, meaning};
use super::loops::loops;

loops!(Avx512, "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi1,bmi2,popcnt,lzcnt");

#[derive(Clone, Copy)]
struct Avx512(__m512i);

/// [`meaning`] of every ASCII character.
static MEANINGS: [u8; 128] = {
    let mut table = [0; 128];
    let mut letter = 0;
    while letter < 128 {
        table[letter] = meaning(letter as u8);
        letter += 1;
    }
    table
};

impl Block for Avx512 {
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Avx512 {
        unsafe { Avx512(_mm512_loadu_si512(from.cast())) }
    }
    #[inline(always)]
    unsafe fn load_last(from: *const u8, length: usize) -> Avx512 {
        // What is masked out is not touched.
        unsafe { Avx512(_mm512_mask_loadu_epi8(_mm512_set1_epi8(b' ' as i8), below(length), from.cast())) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        unsafe { _mm512_storeu_si512(to.cast(), self.0) }
    }
    #[inline(always)]
    unsafe fn equal(self, byte: u8) -> u64 {
        unsafe { _mm512_cmpeq_epi8_mask(self.0, _mm512_set1_epi8(byte as i8)) }
    }
    #[inline(always)]
    unsafe fn control(self) -> u64 {
        unsafe { _mm512_cmplt_epu8_mask(self.0, _mm512_set1_epi8(0x20)) }
    }
    #[inline(always)]
    unsafe fn high(self) -> u64 {
        unsafe { _mm512_movepi8_mask(self.0) }
    }
    #[inline(always)]
    unsafe fn unescaped(self, escaped: u64) -> (Avx512, u64) {
        unsafe {
            let low = _mm512_loadu_si512(MEANINGS.as_ptr().cast());
            let high = _mm512_loadu_si512(MEANINGS.as_ptr().add(WIDTH).cast());
            let meanings = _mm512_permutex2var_epi8(low, self.0, high);
            let unknown = _mm512_testn_epi8_mask(meanings, meanings) | self.high();
            (Avx512(_mm512_mask_mov_epi8(self.0, escaped, meanings)), escaped & unknown)
        }
    }
    #[inline(always)]
    unsafe fn lettered(self, control: u64) -> (Avx512, u64) {
        unsafe {
            // The lower 6 bits find the place; the table's upper 48 bytes are 0.
            let table = _mm512_zextsi128_si512(_mm_loadu_si128(LETTERS.as_ptr().cast()));
            let letters = _mm512_permutexvar_epi8(self.0, table);
            let unnamed = _mm512_testn_epi8_mask(letters, letters);
            (Avx512(_mm512_mask_mov_epi8(self.0, control & !unnamed, letters)), control & unnamed)
        }
    }
    #[inline(always)]
    unsafe fn compress(self, keep: u64, to: *mut u8) {
        unsafe { Avx512(_mm512_maskz_compress_epi8(keep, self.0)).store(to) }
    }
    #[inline(always)]
    unsafe fn expand(self, special: u64, to: *mut u8) {
        unsafe {
            let halves = [_mm512_castsi512_si256(self.0), _mm512_extracti64x4_epi64::<1>(self.0)];
            let mut to = to;
            for (n, half) in halves.into_iter().enumerate() {
                let special = special >> (32 * n) & 0xffff_ffff;
                let pairs = _mm512_slli_epi16::<8>(_mm512_cvtepu8_epi16(half));
                let pairs = Avx512(_mm512_or_si512(pairs, _mm512_set1_epi16(i16::from(b'\\'))));
                pairs.compress(ODD | _pdep_u64(special, !ODD), to);
                to = to.add(32 + special.count_ones() as usize);
            }
        }
    }
}
