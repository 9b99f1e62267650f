//! The four loops, for any set of instructions.

use super::block::{Block, ESCAPED_WIDTH, ODD, Progress, Stops, WIDTH, below};

#[inline(always)]
pub(super) unsafe fn scan<B: Block>(bytes: &[u8], stops: Stops) -> usize {
    // A loop for each, not one that decides in each turn.
    unsafe {
        match stops {
            Stops::Json => scan_for::<B, JSON>(bytes),
            Stops::JsonAndNonAscii => scan_for::<B, JSON_AND_NON_ASCII>(bytes),
            Stops::JsonSmart => scan_for::<B, JSON_SMART>(bytes),
        }
    }
}

const JSON: u8 = Stops::Json as u8;
const JSON_AND_NON_ASCII: u8 = Stops::JsonAndNonAscii as u8;
const JSON_SMART: u8 = Stops::JsonSmart as u8;

/// Where bytes stop that JSON itself lets pass.
#[inline(always)]
unsafe fn beyond<B: Block, const STOPS: u8>(block: B) -> u64 {
    unsafe {
        match STOPS {
            JSON_AND_NON_ASCII => block.high(),
            JSON_SMART => block.equal(0x7f) | block.equal(0xc2) | block.equal(0xe2),
            _ => 0,
        }
    }
}

#[inline(always)]
unsafe fn stopping<B: Block, const STOPS: u8>(block: B) -> u64 {
    unsafe { block.equal(b'"') | block.equal(b'\\') | block.control() | beyond::<B, STOPS>(block) }
}

#[inline(always)]
unsafe fn scan_for<B: Block, const STOPS: u8>(bytes: &[u8]) -> usize {
    let (start, length) = (bytes.as_ptr(), bytes.len());
    let mut at = 0;
    while length - at >= WIDTH {
        let stop = unsafe { stopping::<B, STOPS>(B::load(start.add(at))) };
        if stop != 0 {
            return at + stop.trailing_zeros() as usize;
        }
        at += WIDTH;
    }
    if at == length {
        return at;
    }
    // The last bytes, with some before that are known if there are.
    let stop = if length >= WIDTH {
        at = length - WIDTH;
        unsafe { stopping::<B, STOPS>(B::load(start.add(at))) }
    } else {
        unsafe { stopping::<B, STOPS>(B::load_last(start, length)) }
    };
    at + (stop.trailing_zeros() as usize).min(length - at)
}

/// Which bytes stand behind a backslash that is none itself, which backslashes those are, and whether the next block's first byte
/// is escaped: the runs of backslashes begin at an even or an odd place, and end after an even or an odd count (as simdjson has it).
#[inline(always)]
fn escapes(backslash: u64, carry: u64) -> (u64, u64, u64) {
    let potential = backslash & !carry;
    let ends = ((potential << 1) | ODD).wrapping_sub(potential) ^ ODD;
    let starts = ends & backslash;
    (ends ^ (backslash | carry), starts, starts >> 63)
}

/// As `unescape` of bytes that are not written anywhere; for json-smart it stops at an escaped `/`, too, which that prints plain.
#[inline(always)]
pub(super) unsafe fn skip<B: Block>(bytes: &[u8], stops: Stops, escaped: bool) -> (usize, bool) {
    unsafe {
        match stops {
            Stops::Json => skip_for::<B, JSON>(bytes, escaped),
            Stops::JsonAndNonAscii => skip_for::<B, JSON_AND_NON_ASCII>(bytes, escaped),
            Stops::JsonSmart => skip_for::<B, JSON_SMART>(bytes, escaped),
        }
    }
}

#[inline(always)]
unsafe fn skip_for<B: Block, const STOPS: u8>(bytes: &[u8], escaped: bool) -> (usize, bool) {
    let (from, length) = (bytes.as_ptr(), bytes.len());
    let mut carry = u64::from(escaped);
    let mut read = 0;
    loop {
        let left = length - read;
        let whole = left >= WIDTH;
        let (escaped, next, stop) = unsafe {
            let block = if whole { B::load(from.add(read)) } else { B::load_last(from.add(read), left) };
            let backslash = block.equal(b'\\');
            let stop = block.control() | beyond::<B, STOPS>(block);
            if backslash | carry == 0 {
                (0, 0, stop | block.equal(b'"'))
            } else {
                let (escaped, _, next) = escapes(backslash, carry);
                let unprinted = if STOPS == JSON_SMART { block.equal(b'/') & escaped } else { 0 };
                (escaped, next, stop | block.equal(b'"') & !escaped | block.unescaped(escaped).1 | unprinted)
            }
        };
        if whole && stop == 0 {
            read += WIDTH;
            carry = next;
            continue;
        }
        let stop = if whole { stop } else { stop | !below(left) };
        let before = stop.trailing_zeros() as usize;
        return (read + before, escaped >> before & 1 == 1);
    }
}

/// The destination must not lie right of the source where the two overlap: each block is read before it is written.
#[inline(always)]
pub(super) unsafe fn unescape<B: Block>(
    from: *const u8,
    length: usize,
    to: *mut u8,
    escaped: bool,
    ascii: bool,
) -> Progress {
    let unwanted = if ascii { u64::MAX } else { 0 };
    let mut carry = u64::from(escaped);
    let (mut read, mut written) = (0, 0);
    loop {
        let left = length - read;
        let whole = left >= WIDTH;
        let block = unsafe { if whole { B::load(from.add(read)) } else { B::load_last(from.add(read), left) } };
        let (block, escaped, starts, next, stop) = unsafe {
            let (escaped, starts, next) = escapes(block.equal(b'\\'), carry);
            let (text, unknown) = block.unescaped(escaped);
            let stop = block.equal(b'"') & !escaped | block.control() | block.high() & unwanted | unknown;
            (text, escaped, starts, next, stop)
        };
        if whole && stop == 0 {
            unsafe { block.compress(!starts, to.add(written)) };
            read += WIDTH;
            written += WIDTH - starts.count_ones() as usize;
            carry = next;
            continue;
        }
        let stop = if whole { stop } else { stop | !below(left) };
        let before = stop.trailing_zeros() as usize;
        let keep = !starts & below(before);
        let kept = keep.count_ones() as usize;
        let mut bytes = [0; WIDTH];
        unsafe {
            block.compress(keep, bytes.as_mut_ptr());
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), to.add(written), kept);
        }
        return Progress { read: read + before, written: written + kept, escaped: escaped >> before & 1 == 1 };
    }
}

#[inline(always)]
pub(super) unsafe fn escape<B: Block>(text: &[u8], out: &mut Vec<u8>, stops: Stops) -> usize {
    unsafe {
        match stops {
            Stops::Json => escape_for::<B, JSON>(text, out),
            Stops::JsonAndNonAscii => escape_for::<B, JSON_AND_NON_ASCII>(text, out),
            Stops::JsonSmart => escape_for::<B, JSON_SMART>(text, out),
        }
    }
}

#[inline(always)]
unsafe fn escape_for<B: Block, const STOPS: u8>(text: &[u8], out: &mut Vec<u8>) -> usize {
    let (from, length) = (text.as_ptr(), text.len());
    let (mut read, mut written) = (0, out.len());
    loop {
        let left = length - read;
        if out.capacity() - written < ESCAPED_WIDTH {
            // SAFETY: all before is written.
            unsafe { out.set_len(written) };
            out.reserve(left + left / 8 + ESCAPED_WIDTH);
        }
        let to = unsafe { out.as_mut_ptr().add(written) };
        let whole = left >= WIDTH;
        let block = unsafe { if whole { B::load(from.add(read)) } else { B::load_last(from.add(read), left) } };
        let (block, special, stop, unwanted) = unsafe {
            let control = block.control();
            let special = block.equal(b'"') | block.equal(b'\\') | control;
            let unwanted = beyond::<B, STOPS>(block);
            let (text, unnamed) = block.lettered(control);
            (text, special, unnamed | unwanted, unwanted)
        };
        if whole && stop == 0 {
            unsafe { if special == 0 { block.store(to) } else { block.expand(special, to) } };
            read += WIDTH;
            written += WIDTH + special.count_ones() as usize;
            continue;
        }
        let stop = if whole { stop } else { stop | !below(left) };
        let before = stop.trailing_zeros() as usize;
        let special = special & below(before);
        unsafe { block.expand(special, to) };
        read += before;
        written += before + special.count_ones() as usize;
        unsafe { out.set_len(written) };
        if read == length || unwanted >> before & 1 == 1 {
            return read;
        }
        escape_by_code(text[read], out);
        read += 1;
        written = out.len();
    }
}

/// A control character that has no letter.
fn escape_by_code(byte: u8, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.extend_from_slice(&[b'\\', b'u', b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
}

/// The three of them for a block, compiled for its set of instructions.
#[cfg(target_arch = "x86_64")]
macro_rules! loops {
    ($block:ty, $features:literal) => {
        #[target_feature(enable = $features)]
        pub(super) unsafe fn scan(bytes: &[u8], stops: Stops) -> usize {
            unsafe { super::loops::scan::<$block>(bytes, stops) }
        }
        #[target_feature(enable = $features)]
        pub(super) unsafe fn skip(bytes: &[u8], stops: Stops, escaped: bool) -> (usize, bool) {
            unsafe { super::loops::skip::<$block>(bytes, stops, escaped) }
        }
        #[target_feature(enable = $features)]
        pub(super) unsafe fn unescape(
            from: *const u8,
            length: usize,
            to: *mut u8,
            escaped: bool,
            ascii: bool,
        ) -> Progress {
            unsafe { super::loops::unescape::<$block>(from, length, to, escaped, ascii) }
        }
        #[target_feature(enable = $features)]
        pub(super) unsafe fn escape(text: &[u8], out: &mut Vec<u8>, stops: Stops) -> usize {
            unsafe { super::loops::escape::<$block>(text, out, stops) }
        }
    };
}

#[cfg(target_arch = "x86_64")]
pub(super) use loops;
