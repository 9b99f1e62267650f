//! Any bytes, as what a client sends over HTTP/1.1: the same requests are understood in whatever pieces they come.
//!
//! The first byte is the pieces' size; in the rest some bytes stand for what requests are made of.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use stagegate::read_requests;

const PARTS: &[&[u8]] = &[
    b"\r\n", b"\n", b"\r\n\r\n", b"GET / HTTP/1.1\r\nHost: t\r\n", b"POST /a?b=c HTTP/1.1\r\nHost: t\r\n", b"HEAD /h HTTP/1.0\r\n", b" HTTP/1.1\r\n",
    b"Host: u\r\n", b"Content-Length: 5\r\n", b"Content-Length: 0\r\n", b"Content-Length: 70\r\n", b"Content-Length: ", b"Transfer-Encoding: chunked\r\n",
    b"transfer-encoding: ", b"Connection: close\r\n", b"Connection: keep-alive\r\n", b"Expect: 100-continue\r\n", b"X-A: b\r\n", b"5\r\nhello\r\n",
    b"0\r\n\r\n", b"0\r\nT: x\r\n\r\n", b"1;x=\"y\"\r\n", b"hello", b"ffffffffffffffff\r\n", b"chunked", b"gzip, ", b"\0", b"\xff", b"\t", b"OPTIONS * HTTP/1.1\r\n",
    b"GET http://h:80/p?q#f HTTP/1.1\r\nHost: h\r\n",
];

fuzz_target!(|input: &[u8]| {
    let Some((step, rest)) = input.split_first() else { return };
    let stream: Vec<u8> = rest.iter().flat_map(|byte| part(byte)).copied().collect();
    let whole = read_requests([Bytes::from(stream.clone())], 200, 60);
    let pieces = read_requests(stream.chunks(usize::from(*step) + 1).map(Bytes::copy_from_slice), 200, 60);
    assert_eq!(pieces, whole);
    for request in &whole {
        match &request.body {
            Ok(body) => assert!(body.len() <= 60),
            Err(why) => assert!(!why.is_empty()),
        }
    }
    // Behind one that does not persist nothing is read.
    assert!(whole.iter().rev().skip(1).all(|request| request.persists));
});

/// What a byte stands for: itself, or a part.
fn part(byte: &u8) -> &[u8] {
    PARTS.get(usize::from(*byte).wrapping_sub(0x80)).copied().unwrap_or(std::slice::from_ref(byte))
}
