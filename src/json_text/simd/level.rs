//! Which instructions this processor has, and the loops compiled for them, as safe functions.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use super::block::{Progress, Stops};

/// A set of instructions that this processor has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
enum Kind {
    Portable,
    Sse2,
    Avx2,
    Avx512,
    Neon,
}

impl Level {
    /// The widest one.
    pub fn best() -> Level {
        static BEST: AtomicU8 = AtomicU8::new(u8::MAX);
        match BEST.load(Relaxed) {
            0 => Level(Kind::Portable),
            1 => Level(Kind::Sse2),
            2 => Level(Kind::Avx2),
            3 => Level(Kind::Avx512),
            4 => Level(Kind::Neon),
            _ => {
                let best = Level::all().last().copied().unwrap_or(Level(Kind::Portable));
                BEST.store(best.0 as u8, Relaxed);
                best
            }
        }
    }

    /// All that this processor has, the widest last.
    pub fn all() -> Vec<Level> {
        let mut all = vec![Level(Kind::Portable)];
        #[cfg(target_arch = "x86_64")]
        {
            all.push(Level(Kind::Sse2));
            // All that the loops are compiled for.
            let bits = is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("popcnt")
                && is_x86_feature_detected!("lzcnt");
            if bits && is_x86_feature_detected!("avx2") {
                all.push(Level(Kind::Avx2));
            }
            if bits
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vbmi")
                && is_x86_feature_detected!("avx512vbmi2")
            {
                all.push(Level(Kind::Avx512));
            }
        }
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        all.push(Level(Kind::Neon));
        all
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Portable => "portable",
            Kind::Sse2 => "sse2",
            Kind::Avx2 => "avx2",
            Kind::Avx512 => "avx512",
            Kind::Neon => "neon",
        }
    }
}

macro_rules! dispatch {
    ($level:expr, $loop:ident($($argument:expr),*)) => {
        match $level.0 {
            // SAFETY: a level is only made where the processor has its instructions; the rest is the caller's.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => unsafe { super::avx512::$loop($($argument),*) },
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => unsafe { super::avx2::$loop($($argument),*) },
            #[cfg(target_arch = "x86_64")]
            Kind::Sse2 => unsafe { super::sse2::$loop($($argument),*) },
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Kind::Neon => unsafe { super::loops::$loop::<super::neon::Neon>($($argument),*) },
            _ => unsafe { super::loops::$loop::<super::portable::Portable>($($argument),*) },
        }
    };
}

impl Level {
    /// How many bytes stand before the first that stops.
    pub fn scan(self, bytes: &[u8], stops: Stops) -> usize {
        dispatch!(self, scan(bytes, stops))
    }

    /// How many bytes of the inside of a JSON string are text, or escapes of a single letter: up to its `"`, a control character, the
    /// letter of another escape, or what `stops` says beyond. `escaped` says whether a backslash came before, and is given for what
    /// stands there.
    pub fn skip(self, bytes: &[u8], stops: Stops, escaped: bool) -> (usize, bool) {
        dispatch!(self, skip(bytes, stops, escaped))
    }

    /// Unescapes what is simple at the start of `source` into `out`, and stops at a `"`, a control character, an escape that is
    /// no single letter's, at what is not ASCII if `ascii`, and at the end. `escaped` says whether a backslash came before.
    pub fn unescape(self, source: &[u8], out: &mut Vec<u8>, escaped: bool, ascii: bool) -> (usize, bool) {
        out.reserve(source.len());
        let room = out.spare_capacity_mut().as_mut_ptr().cast::<u8>();
        // SAFETY: the room is as long as the source, and another allocation.
        let progress = dispatch!(self, unescape(source.as_ptr(), source.len(), room, escaped, ascii));
        // SAFETY: so many bytes were written, into the reserved room.
        unsafe { out.set_len(out.len() + progress.written) };
        (progress.read, progress.escaped)
    }

    /// As [`Level::unescape`].
    pub fn unescape_str(self, source: &str, out: &mut String) -> (usize, bool) {
        // SAFETY: it stops at no byte but a character's first, and writes what it read, or ASCII in place of ASCII.
        self.unescape(source.as_bytes(), unsafe { out.as_mut_vec() }, false, false)
    }

    /// As [`Level::unescape`], of `buffer[from..]` to `buffer[to..]`, further left or the same place. What is not yet read is left as it
    /// is; what lies between the written and the read has any value.
    pub fn unescape_within(self, buffer: &mut [u8], from: usize, to: usize, escaped: bool, ascii: bool) -> Progress {
        assert!(to <= from && from <= buffer.len());
        let (start, length) = (buffer.as_mut_ptr(), buffer.len() - from);
        let (source, target) = (start.wrapping_add(from).cast_const(), start.wrapping_add(to));
        // Both places lie in the buffer, and what is written is not right of what is read.
        dispatch!(self, unescape(source, length, target, escaped, ascii))
    }

    /// Appends the text as the inside of a JSON string, with Jackson's escapes; stops where `stops` says beyond what JSON escapes
    /// anyway, and at the end.
    pub fn escape(self, text: &[u8], out: &mut Vec<u8>, stops: Stops) -> usize {
        dispatch!(self, escape(text, out, stops))
    }

    /// As [`Level::escape`].
    pub fn escape_str(self, text: &str, out: &mut String, stops: Stops) -> usize {
        // SAFETY: it stops at no byte but a character's first, and writes what it read and ASCII.
        self.escape(text.as_bytes(), unsafe { out.as_mut_vec() }, stops)
    }
}
