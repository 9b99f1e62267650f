//! NEON, which every 64-bit Arm processor has.

use std::arch::aarch64::*;

use super::block::{Block, COMPRESS, ESCAPE_LETTERS, ESCAPE_MEANINGS, EXPAND, LETTERS};

#[derive(Clone, Copy)]
pub(super) struct Neon([uint8x16_t; 4]);

impl Neon {
    /// The mask of the bytes that are 0xff.
    #[inline(always)]
    unsafe fn mask([a, b, c, d]: [uint8x16_t; 4]) -> u64 {
        unsafe {
            let bits = vreinterpretq_u8_u64(vdupq_n_u64(0x8040_2010_0804_0201));
            let low = vpaddq_u8(vandq_u8(a, bits), vandq_u8(b, bits));
            let high = vpaddq_u8(vandq_u8(c, bits), vandq_u8(d, bits));
            let sums = vpaddq_u8(low, high);
            vgetq_lane_u64::<0>(vreinterpretq_u64_u8(vpaddq_u8(sums, sums)))
        }
    }
    #[inline(always)]
    unsafe fn words(self) -> [u64; 8] {
        unsafe { std::mem::transmute(self.0) }
    }
}

/// 0xff for each bit that is set.
#[inline(always)]
unsafe fn spread(mask: u16) -> uint8x16_t {
    unsafe {
        let bits = vreinterpretq_u8_u64(vdupq_n_u64(0x8040_2010_0804_0201));
        vtstq_u8(vcombine_u8(vdup_n_u8(mask as u8), vdup_n_u8((mask >> 8) as u8)), bits)
    }
}

impl Block for Neon {
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Neon {
        unsafe { Neon([vld1q_u8(from), vld1q_u8(from.add(16)), vld1q_u8(from.add(32)), vld1q_u8(from.add(48))]) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        for (n, quarter) in self.0.into_iter().enumerate() {
            unsafe { vst1q_u8(to.add(16 * n), quarter) }
        }
    }
    #[inline(always)]
    unsafe fn equal(self, byte: u8) -> u64 {
        unsafe { Neon::mask(self.0.map(|quarter| vceqq_u8(quarter, vdupq_n_u8(byte)))) }
    }
    #[inline(always)]
    unsafe fn control(self) -> u64 {
        unsafe { Neon::mask(self.0.map(|quarter| vcltq_u8(quarter, vdupq_n_u8(0x20)))) }
    }
    #[inline(always)]
    unsafe fn high(self) -> u64 {
        unsafe { Neon::mask(self.0.map(|quarter| vcgeq_u8(quarter, vdupq_n_u8(0x80)))) }
    }
    #[inline(always)]
    unsafe fn unescaped(self, escaped: u64) -> (Neon, u64) {
        unsafe {
            let others = escaped & !(self.equal(b'"') | self.equal(b'\\') | self.equal(b'/'));
            if others == 0 {
                return (self, 0);
            }
            let (mut text, mut known) = (self.0, self.0);
            for (n, quarter) in self.0.into_iter().enumerate() {
                let index = vandq_u8(vshrq_n_u8::<1>(quarter), vdupq_n_u8(15));
                known[n] = vceqq_u8(vqtbl1q_u8(vld1q_u8(ESCAPE_LETTERS.as_ptr()), index), quarter);
                let meanings = vqtbl1q_u8(vld1q_u8(ESCAPE_MEANINGS.as_ptr()), index);
                let at = vandq_u8(known[n], spread((escaped >> (16 * n)) as u16));
                text[n] = vbslq_u8(at, meanings, quarter);
            }
            (Neon(text), others & !Neon::mask(known))
        }
    }
    #[inline(always)]
    unsafe fn lettered(self, control: u64) -> (Neon, u64) {
        if control == 0 {
            return (self, 0);
        }
        unsafe {
            let (mut text, mut unnamed) = (self.0, self.0);
            for (n, quarter) in self.0.into_iter().enumerate() {
                // An index over 15 finds 0.
                let letters = vqtbl1q_u8(vld1q_u8(LETTERS.as_ptr()), quarter);
                unnamed[n] = vceqzq_u8(letters);
                text[n] = vbslq_u8(unnamed[n], quarter, letters);
            }
            (Neon(text), control & Neon::mask(unnamed))
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
                let places = vld1_u8(COMPRESS[keep as usize].as_ptr());
                vst1_u8(to, vtbl1_u8(vcreate_u8(word), places));
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
                let places = vld1q_u8(EXPAND[special as usize].as_ptr());
                let bytes = vcombine_u8(vcreate_u8(word), vcreate_u8(u64::from(b'\\')));
                vst1q_u8(to, vqtbl1q_u8(bytes, places));
                to = to.add(8 + special.count_ones() as usize);
            }
        }
    }
}
