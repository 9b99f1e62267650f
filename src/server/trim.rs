//! Memory that nobody needs goes back to the system: glibc keeps what lies between pieces in use, however much it is and for good,
//! and the program's own pages stay, of which most are for the start alone, and the others for requests, which a sidecar often has none of.

use std::time::Duration;

use crate::memory::BODIES;

/// From the start on.
const FIRST: Duration = Duration::from_millis(250);
/// Between two looks.
const LOOK: Duration = Duration::from_secs(2);
/// After so many looks it is tried once more, whatever it brought before: what was in use then may be free now.
const AGAIN: u64 = 3;
/// So much more than after the last time is worth the walk over the heap.
const WORTH: usize = 8 * 1024 * 1024;
/// So much more is worth letting go of code, which costs little, and little to get back.
const WORTH_OF_CODE: usize = 1024 * 1024;

/// Looks whether much is kept that bodies do not need any more, for as long as it is polled.
pub(crate) async fn watch() {
    // The documents that the API was read from; the first requests go first.
    tokio::time::sleep(FIRST).await;
    give_back();
    let beginning = beside_bodies();
    let (mut least, mut last) = (beginning, beginning);
    for look in 1_u64.. {
        tokio::time::sleep(LOOK).await;
        if look % AGAIN == 0 {
            least = beginning;
        }
        let now = beside_bodies();
        if now > least.saturating_add(WORTH) {
            give_back();
            least = beside_bodies();
        } else if now > last.saturating_add(WORTH_OF_CODE) {
            drop_program();
        }
        last = beside_bodies();
        least = least.min(last);
    }
}

/// Bytes of memory that the process has, without those of bodies.
fn beside_bodies() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<usize>().ok());
    kib.unwrap_or(0).saturating_mul(1024).saturating_sub(BODIES.used())
}

fn give_back() {
    trim_heap();
    drop_program();
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the declaration of a function of glibc's: no crate has it as a safe one")]
fn trim_heap() {
    unsafe extern "C" {
        // It may be called at any time, by any thread.
        safe fn malloc_trim(pad: usize) -> std::ffi::c_int;
    }
    // Whether there was any does not matter.
    let _ = malloc_trim(0);
}

/// Other allocators do it by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn trim_heap() {}

/// Takes the pages of the program's code out of memory: each comes back from its file when it is run, so only what serves stays.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "the declaration of a function of the system's: no crate has it as a safe one")]
fn drop_program() {
    use std::ffi::{c_int, c_void};
    const MADV_DONTNEED: c_int = 4;
    unsafe extern "C" {
        fn madvise(address: *mut c_void, length: usize, advice: c_int) -> c_int;
    }
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    for (start, end) in maps.lines().filter_map(code) {
        let address = std::ptr::with_exposed_provenance_mut(start);
        // SAFETY: the pages are a file's and are never written, so whoever reads or runs them finds what was there before.
        let _ = unsafe { madvise(address, end - start, MADV_DONTNEED) };
    }
}

#[cfg(not(target_os = "linux"))]
fn drop_program() {}

/// First address and end of a mapping whose pages are a file's and are never written: code, and the beginning of the program's file,
/// which holds its constants. What else can only be read now was written once, when the program was linked to where it is.
#[cfg(target_os = "linux")]
fn code(line: &str) -> Option<(usize, usize)> {
    let mut fields = line.split_ascii_whitespace();
    let (range, rights, offset, _, _, path) =
        (fields.next()?, fields.next()?, fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let is_first = offset.bytes().all(|digit| digit == b'0');
    if !(path.starts_with('/') && (rights == "r-xp" || (rights == "r--p" && is_first))) {
        return None;
    }
    let (start, end) = range.split_once('-')?;
    Some((usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_code_and_what_is_not() {
        let rows = [
            (
                "559abea00000-559abedb0000 r--p 00000000 fe:00 42 /usr/bin/stagegate",
                Some((0x559abea00000, 0x559abedb0000)),
            ),
            (
                "559abedb0000-559abfad5000 r-xp 003af000 fe:00 42 /usr/bin/stagegate",
                Some((0x559abedb0000, 0x559abfad5000)),
            ),
            // Written while it was linked.
            ("559abfad6000-559abfb65000 r--p 010d4000 fe:00 42 /usr/bin/stagegate", None),
            ("559abfb65000-559abfb69000 rw-p 01162000 fe:00 42 /usr/bin/stagegate", None),
            ("559ac1000000-559ac1066000 rw-p 00000000 00:00 0 [heap]", None),
            ("7ffd4a1f2000-7ffd4a1f4000 r-xp 00000000 00:00 0 [vdso]", None),
            ("7f0000000000-7f0000001000 r-xp 00000000 00:00 0", None),
            ("nonsense", None),
        ];
        for (line, expected) in rows {
            assert_eq!(code(line), expected, "{line}");
        }
    }
}
