//! Event streams: any bytes, and frames of which some are bent, in pieces of any size. None panics; frames that are whole carry
//! what was put into them.
//!
//! The first byte is the pieces' size, the second says which byte is bent, if any; the rest is the payload, a frame for each line.

#![no_main]

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let [step, bent, payload @ ..] = input else { return };
    let pieces = |bytes: &[u8]| bytes.chunks(usize::from(*step) + 1).map(Bytes::copy_from_slice).collect::<Vec<_>>();
    // As they are.
    stagegate::read_streamed(pieces(payload), true);
    let mut frames = frame("PayloadChunk", b"{}\0\0\0\0\0\0\0\0");
    payload.split(|byte| *byte == b'\n').for_each(|line| frames.extend(frame("PayloadChunk", line)));
    frames.extend(frame("InvokeComplete", b"{}"));
    if *bent > 0 {
        let at = usize::from(*bent) * 7 % frames.len();
        frames[at] ^= bent;
        // The checksums find it, wherever it is.
        let read = stagegate::read_streamed(pieces(&frames), true);
        assert!(read.is_none_or(|answer| answer.cut.is_some()));
        return;
    }
    let answer = stagegate::read_streamed(pieces(&frames), true).expect("metadata with its delimiter");
    let lines: Vec<u8> = payload.iter().copied().filter(|byte| *byte != b'\n').collect();
    assert!(answer.metadata == b"{}"[..] && answer.body == lines && answer.cut.is_none());
});

fn frame(event: &'static str, payload: &[u8]) -> Vec<u8> {
    let header = |name, value: &'static str| Header::new(name, HeaderValue::String(value.into()));
    let headers = vec![header(":message-type", "event"), header(":event-type", event)];
    let mut frame = Vec::new();
    write_message_to(&Message::new_from_parts(headers, payload.to_vec()), &mut frame).expect("a frame");
    frame
}
