//! Any bytes, as what a backend sends over HTTP/1.1: the same answer is understood in whatever pieces it comes, as a whole or
//! streamed.
//!
//! The first byte is the pieces' size, the second whether a HEAD request is answered; in the rest some bytes stand for what answers
//! are made of.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use stagegate::read_answer;

const PARTS: &[&[u8]] = &[
    b"\r\n", b"\n", b"\r\n\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 200\r\n", b"HTTP/1.1 204 No\r\n", b"HTTP/1.1 304 \r\n", b"HTTP/1.1 100 C\r\n\r\n",
    b"HTTP/1.1 101 S\r\n\r\n", b"Content-Length: 5\r\n", b"Content-Length: 0\r\n", b"Content-Length: 70\r\n", b"Content-Length: ", b"Transfer-Encoding: chunked\r\n",
    b"transfer-encoding: ", b"Connection: close\r\n", b"Connection: keep-alive\r\n", b"Keep-Alive: timeout=5, max=1\r\n", b"X-A: b\r\n", b"5\r\nhello\r\n",
    b"0\r\n\r\n", b"0\r\nT: x\r\n\r\n", b"1;x=\"y\"\r\n", b"hello", b"ffffffffffffffff\r\n", b"chunked", b"gzip, ", b"\0", b"\xff", b"\t", b"5\nhello\n",
    b"Keep-Alive: timeout=",
];

fuzz_target!(|input: &[u8]| {
    let [step, is_head, rest @ ..] = input else { return };
    let stream: Vec<u8> = rest.iter().flat_map(|byte| part(byte)).copied().collect();
    let pieces = || stream.chunks(usize::from(*step) + 1).map(Bytes::copy_from_slice);
    let is_head = is_head % 4 == 0;
    let whole = read_answer([Bytes::from(stream.clone())], is_head, 60, false);
    let cut = read_answer(pieces(), is_head, 60, false);
    match (&whole, &cut) {
        (Ok(whole), Ok(cut)) => {
            assert_eq!((whole.status, &whole.headers, &whole.body), (cut.status, &cut.headers, &cut.body));
            // What follows too early is seen only when it comes along.
            assert!(!whole.persists || cut.persists);
            assert!(whole.body.as_ref().map_or(true, |body| body.len() <= 60));
        }
        (whole, cut) => assert_eq!(whole, cut),
    }
    // A stream has no bound; else it is the same as with one that nothing here reaches. Memory for a length that is told is taken at once.
    let (all, streamed) = (read_answer(pieces(), is_head, 1 << 20, false), read_answer(pieces(), is_head, 0, true));
    match (all, streamed) {
        (Ok(all), Ok(streamed)) => {
            assert_eq!((all.status, all.headers), (streamed.status, streamed.headers));
            match (all.body, streamed.body) {
                (Ok(all), Ok(streamed)) => assert_eq!(all, streamed),
                // Which of two faults is met first is no matter.
                (all, streamed) => assert!(all.is_err() && streamed.is_err()),
            }
        }
        (all, streamed) => assert_eq!(all, streamed),
    }
});

/// What a byte stands for: itself, or a part.
fn part(byte: &u8) -> &[u8] {
    PARTS.get(usize::from(*byte).wrapping_sub(0x80)).copied().unwrap_or(std::slice::from_ref(byte))
}
