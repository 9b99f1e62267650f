//! What a set of instructions must do with 64 bytes, and the tables and plain loops that help it.

/// The bytes of a block.
pub(super) const WIDTH: usize = 64;
/// The most that one block writes when it is escaped: each byte doubled.
pub(super) const ESCAPED_WIDTH: usize = 2 * WIDTH;
/// Every other bit: where a letter stands when each byte of a block is preceded by a backslash.
pub(super) const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;

/// Which bytes stop a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stops {
    /// `"`, `\` and control characters: what no JSON string holds as it is.
    Json,
    /// These, and what is not ASCII.
    JsonAndNonAscii,
    /// These of JSON, DEL, and the first bytes of what json-smart may escape.
    JsonSmart,
}

/// How far an unescape came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The source bytes that are done with.
    pub read: usize,
    /// The bytes written.
    pub written: usize,
    /// Whether the next source byte stands behind a backslash (which is done with).
    pub escaped: bool,
}

/// 64 bytes in registers. Bit `n` of a mask stands for byte `n`.
pub(super) trait Block: Copy {
    /// The next [`WIDTH`] bytes.
    unsafe fn load(from: *const u8) -> Self;
    /// The last bytes of a source, fewer than [`WIDTH`], filled up with spaces.
    #[inline(always)]
    unsafe fn load_last(from: *const u8, length: usize) -> Self {
        let mut bytes = [b' '; WIDTH];
        unsafe {
            std::ptr::copy_nonoverlapping(from, bytes.as_mut_ptr(), length);
            Self::load(bytes.as_ptr())
        }
    }
    /// All bytes, to [`WIDTH`] bytes of room.
    unsafe fn store(self, to: *mut u8);
    /// Where the byte is.
    unsafe fn equal(self, byte: u8) -> u64;
    /// Where the bytes are below 0x20.
    unsafe fn control(self) -> u64;
    /// Where the bytes are not ASCII.
    unsafe fn high(self) -> u64;
    /// With what they stand for in place of the letters of single-letter escapes at `escaped`; and those of `escaped` that are none.
    unsafe fn unescaped(self, escaped: u64) -> (Self, u64);
    /// With its letter in place of each control character that has one, at `control`; and those of `control` that have none.
    unsafe fn lettered(self, control: u64) -> (Self, u64);
    /// The bytes at `keep`, without gaps, to [`WIDTH`] bytes of room; the rest of it gets any value.
    unsafe fn compress(self, keep: u64, to: *mut u8);
    /// All bytes, those at `special` behind a backslash, to [`ESCAPED_WIDTH`] bytes of room; the rest of it gets any value.
    unsafe fn expand(self, special: u64, to: *mut u8);
}

/// The lowest `n` bits, of fewer than 64.
#[inline(always)]
pub(super) fn below(n: usize) -> u64 {
    (1 << n) - 1
}

/// What the letter of an escape stands for; 0 if it is none.
pub(super) const fn meaning(letter: u8) -> u8 {
    match letter {
        b'"' | b'\\' | b'/' => letter,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => 0,
    }
}

/// The letter of each control character that has one, 0 for the others: 16 of them, as only these do.
pub(super) const LETTERS: [u8; 16] = *b"\0\0\0\0\0\0\0\0btn\0fr\0\0";

/// [`Block::compress`] and [`Block::expand`] without a shuffle: no branches, a byte at a time.
#[inline(always)]
pub(super) unsafe fn compress_bytes(bytes: &[u8; WIDTH], keep: u64, to: *mut u8) {
    let mut written = 0;
    for (n, byte) in bytes.iter().enumerate() {
        unsafe { *to.add(written) = *byte };
        written += (keep >> n & 1) as usize;
    }
}

#[inline(always)]
pub(super) unsafe fn expand_bytes(bytes: &[u8; WIDTH], special: u64, to: *mut u8) {
    let mut written = 0;
    for (n, byte) in bytes.iter().enumerate() {
        unsafe {
            *to.add(written) = b'\\';
            written += (special >> n & 1) as usize;
            *to.add(written) = *byte;
        }
        written += 1;
    }
}

/// For each mask of 8 bytes, the places of those to keep.
pub(super) static COMPRESS: [[u8; 8]; 256] = {
    let mut table = [[0; 8]; 256];
    let mut mask = 0;
    while mask < 256 {
        let (mut n, mut kept) = (0, 0);
        while n < 8 {
            if mask >> n & 1 == 1 {
                table[mask][kept] = n as u8;
                kept += 1;
            }
            n += 1;
        }
        mask += 1;
    }
    table
};

/// For each mask of 8 bytes, the places of all, with 8 (where a backslash stands) before those in the mask.
pub(super) static EXPAND: [[u8; 16]; 256] = {
    let mut table = [[0; 16]; 256];
    let mut mask = 0;
    while mask < 256 {
        let (mut n, mut length) = (0, 0);
        while n < 8 {
            if mask >> n & 1 == 1 {
                table[mask][length] = 8;
                length += 1;
            }
            table[mask][length] = n as u8;
            length += 1;
            n += 1;
        }
        mask += 1;
    }
    table
};

/// By the byte's bits 1 to 4: the letter of an escape, where those of `"`, `\` and `/` are left out. A letter finds itself.
pub(super) const ESCAPE_LETTERS: [u8; 16] = by_bits(false);
/// By the same: what it stands for.
pub(super) const ESCAPE_MEANINGS: [u8; 16] = by_bits(true);

const fn by_bits(meanings: bool) -> [u8; 16] {
    // What finds no letter must not find itself.
    let mut table = [0xff; 16];
    table[15] = 0;
    let letters = *b"bfnrt";
    let mut n = 0;
    while n < letters.len() {
        let letter = letters[n];
        table[(letter >> 1 & 15) as usize] = if meanings { meaning(letter) } else { letter };
        n += 1;
    }
    table
}
