//! HTTP/2 heads that are malformed, byte by byte, as no client library would send them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::proxy;
use crate::support::lambda::{Backend, Reply};
use crate::support::sidecar::Sidecar;
use crate::support::{data, golden};

const GOOD: [(&str, &str); 4] = [(":method", "GET"), (":scheme", "http"), (":authority", "t"), (":path", "/x")];

/// A frame of up to 255 bytes.
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("a short payload");
    [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
}

/// Header lines in HPACK: literals, no index, no Huffman code.
fn block(lines: &[(&str, &str)]) -> Vec<u8> {
    let short = |text: &str| u8::try_from(text.len()).expect("a short text");
    let line =
        |(name, value): &(&str, &str)| [&[0, short(name)], name.as_bytes(), &[short(value)], value.as_bytes()].concat();
    lines.iter().flat_map(line).collect()
}

/// What comes back for one request on a connection of its own.
fn answer(sidecar: &Sidecar, lines: &[(&str, &str)]) -> String {
    let mut stream = TcpStream::connect(sidecar.data).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time");
    let preface = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &frame(4, 0, 0, &[])].concat();
    // END_STREAM and END_HEADERS.
    stream.write_all(&[preface, frame(1, 5, 1, &block(lines))].concat()).expect("a write");
    loop {
        let mut head = [0; 9];
        if stream.read_exact(&mut head).is_err() {
            return "closed".into();
        }
        let mut payload = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
        stream.read_exact(&mut payload).expect("a whole frame");
        let code =
            |at: usize| payload.get(at..at + 4).map(|code| u32::from_be_bytes(code.try_into().expect("four bytes")));
        match head[3] {
            1 => return format!("status {}", status(&payload)),
            3 => return format!("RST_STREAM {}", code(0).expect("a code")),
            7 => return format!("GOAWAY {}", code(4).expect("a code")),
            _ => {}
        }
    }
}

/// The status that a head begins with, if HPACK's static table has it; before it the size of the other table may be told.
fn status(block: &[u8]) -> String {
    let rest = match block {
        [0x3f, rest @ ..] => &rest[rest.iter().position(|byte| *byte < 0x80).map_or(0, |end| end + 1)..],
        [0x20..=0x3e, rest @ ..] => rest,
        _ => block,
    };
    let known =
        rest.first().and_then(|byte| [200, 204, 206, 304, 400, 404, 500].get(usize::from(byte.wrapping_sub(0x88))));
    known.map_or_else(|| "another".into(), ToString::to_string)
}

#[test]
fn malformed_heads_over_http2() {
    let backend = Backend::start(|_| Reply::payload(r#"{"statusCode":200}"#));
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    let with = |more: &[(&'static str, &'static str)]| [&GOOD, more].concat();
    let without = |name: &str| GOOD.into_iter().filter(|line| line.0 != name).collect::<Vec<_>>();
    let changed = |name: &str, value: &'static str| {
        GOOD.into_iter().map(|(n, v)| if n == name { (n, value) } else { (n, v) }).collect::<Vec<_>>()
    };
    let rows = [
        ("as it should be", GOOD.to_vec()),
        ("no :method", without(":method")),
        ("no :scheme", without(":scheme")),
        ("no :path", without(":path")),
        ("an empty :path", changed(":path", "")),
        ("a :path without slash", changed(":path", "x")),
        ("an unknown pseudo header", with(&[(":other", "x")])),
        ("a pseudo header of answers", with(&[(":status", "200")])),
        ("a pseudo header twice", with(&[(":path", "/y")])),
        ("a pseudo header behind a line", [&[("x", "1")][..], &GOOD].concat()),
        ("an uppercase name", with(&[("X-Upper", "1")])),
        ("a name with a space", with(&[("x y", "1")])),
        ("an empty name", with(&[("", "1")])),
        ("a value with a line feed", with(&[("x", "a\nb")])),
        ("a value with a NUL", with(&[("x", "a\0b")])),
        ("connection", with(&[("connection", "close")])),
        ("keep-alive", with(&[("keep-alive", "timeout=5")])),
        ("proxy-connection", with(&[("proxy-connection", "close")])),
        ("transfer-encoding", with(&[("transfer-encoding", "chunked")])),
        ("upgrade", with(&[("upgrade", "websocket")])),
        ("te: trailers", with(&[("te", "trailers")])),
        ("te: gzip", with(&[("te", "gzip")])),
        ("a content-length without body", with(&[("content-length", "5")])),
        ("two content-lengths", with(&[("content-length", "0"), ("content-length", "1")])),
        ("no authority, no host", without(":authority")),
        ("a host in place of the authority", [&without(":authority")[..], &[("host", "t")]].concat()),
        ("the same host", with(&[("host", "T")])),
        ("another host", with(&[("host", "other")])),
        ("two hosts", with(&[("host", "t"), ("host", "t")])),
        ("an authority with a user", changed(":authority", "u@t")),
        ("CONNECT", vec![(":method", "CONNECT"), (":authority", "t")]),
    ];
    let told: String = rows.iter().map(|(name, lines)| format!("{name}: {}\n", answer(&sidecar, lines))).collect();
    let labels = "method=\"ANY\",resource=\"/{proxy+}\",status=\"400\"";
    let refused = sidecar.metric(&format!("failures_total{{cause=\"bad_request\",{labels}}}"));
    let text = format!("{told}\ncalls: {}\ncounted as bad_request: {refused}\n", backend.seen().len());
    let wrong = golden(&data("process").join("http2_heads.txt"), &text);
    assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
}
