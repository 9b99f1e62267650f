//! Buffers that a thread uses again: each request needs some that are too large for what the allocator hands out at once.

use std::cell::RefCell;

use bytes::Bytes;

/// Bytes of a buffer that is kept: those of most events, and not more than of a few.
const LEAST: usize = 6 * 1024;
const LARGEST: usize = 8 * 1024;
/// So many are kept.
const MOST: usize = 16;

thread_local! {
    static SPARE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// An empty buffer with room for that much.
pub(crate) fn take(room: usize) -> Vec<u8> {
    let mut buffer = if room > LARGEST { None } else { SPARE.with_borrow_mut(Vec::pop) }.unwrap_or_default();
    buffer.reserve(room.max(LEAST));
    buffer
}

/// Gives a buffer back.
pub(crate) fn give(mut buffer: Vec<u8>) {
    if (LEAST..=LARGEST).contains(&buffer.capacity()) {
        buffer.clear();
        SPARE.with_borrow_mut(|spare| {
            if spare.len() < MOST {
                spare.push(buffer);
            }
        });
    }
}

/// Gives back what nobody else has.
pub(crate) fn give_bytes(bytes: Bytes) {
    if let Ok(bytes) = bytes.try_into_mut() {
        give(bytes.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_is_used_again_and_what_is_large_or_shared_is_not() {
        let mut buffer = take(1_000);
        buffer.extend_from_slice(b"used");
        let place = buffer.as_ptr();
        give(buffer);
        let again = take(10);
        assert_eq!((again.len(), again.as_ptr()), (0, place));
        give_bytes(Bytes::from(again));
        let bytes = Bytes::from(take(0));
        assert_eq!(SPARE.with_borrow(Vec::len), 0);
        give_bytes(bytes.clone());
        give(Vec::with_capacity(LARGEST + 1));
        assert_eq!(SPARE.with_borrow(Vec::len), 0);
    }
}
