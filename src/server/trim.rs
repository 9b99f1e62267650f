//! Memory that is free goes back to the system: glibc keeps what lies between pieces in use, however much it is and for good.

use std::time::Duration;

use crate::memory::BODIES;

/// Between two looks.
const LOOK: Duration = Duration::from_secs(2);
/// After so many looks it is tried once more, whatever it brought before: what was in use then may be free now.
const AGAIN: u64 = 3;
/// So much more than after the last time is worth the walk over the heap.
const WORTH: usize = 8 * 1024 * 1024;

/// Looks whether much is kept that bodies do not need any more, for as long as it is polled.
pub(crate) async fn watch() {
    // The documents that the API was read from.
    give_back();
    let beginning = beside_bodies();
    let mut least = beginning;
    for look in 1_u64.. {
        tokio::time::sleep(LOOK).await;
        if look % AGAIN == 0 {
            least = beginning;
        }
        if beside_bodies() > least.saturating_add(WORTH) {
            give_back();
            least = beside_bodies();
        }
        least = least.min(beside_bodies());
    }
}

/// Bytes of memory that the process has, without those of bodies.
fn beside_bodies() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<usize>().ok());
    kib.unwrap_or(0).saturating_mul(1024).saturating_sub(BODIES.used())
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the declaration of a function of glibc's: no crate has it as a safe one")]
fn give_back() {
    unsafe extern "C" {
        // It may be called at any time, by any thread.
        safe fn malloc_trim(pad: usize) -> std::ffi::c_int;
    }
    // Whether there was any does not matter.
    let _ = malloc_trim(0);
}

/// Other allocators do it by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn give_back() {}
