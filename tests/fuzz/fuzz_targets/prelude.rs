//! Any bytes, in pieces of any size, read as what a function streams: metadata and body are what a search in the whole finds.
//!
//! The first byte is the pieces' size; in the rest, a `~` stands for eight NUL bytes, and an `_` for one.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((step, rest)) = input.split_first() else { return };
    let whole: Vec<u8> = rest.iter().flat_map(|byte| match byte {
        b'~' => vec![0; 8],
        b'_' => vec![0],
        b'^' => vec![b' '; 1021],
        byte => vec![*byte],
    }).collect();
    let found = whole.windows(8).take(16 * 1024 - 7).position(|window| window == [0; 8]);
    let pieces = whole.chunks(usize::from(*step) + 1).map(Bytes::copy_from_slice);
    let read = stagegate::read_streamed(pieces, false);
    assert_eq!(read.is_some(), found.is_some());
    if let (Some(answer), Some(at)) = (read, found) {
        assert!(answer.metadata == whole[..at] && answer.body == whole[at + 8..] && answer.cut.is_none());
    }
});
