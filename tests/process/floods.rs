//! Clients that ask for more than there is: floods over HTTP/2, thousands of idle connections, what is broken off, what unpacks to
//! more than it looks. Memory stays bounded, the others are served, and every request counts once.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use socket2::SockRef;

use super::proxy;
use crate::support::http::{Client, PATIENCE, send};
use crate::support::lambda::{Backend, Gate, Reply};
use crate::support::sidecar::{Sidecar, until};

const MIB: usize = 1024 * 1024;
const GOOD: &str = r#"{"statusCode":200,"body":"good"}"#;
/// Longer than a machine stalls.
const LIMITS: &str = "limits: { header_timeout: 4s, body_timeout: 4s, idle_timeout: 6s }\n";
/// So soon everybody else is answered, whatever is flooded; mostly it is a matter of milliseconds.
const UNDISTURBED: Duration = Duration::from_secs(10);

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short payload").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// `GET http://t/` from HPACK's static table.
const GET: &[u8] = b"\x82\x86\x84\x41\x01t";
/// `POST http://t/`.
const POST: &[u8] = b"\x83\x86\x84\x41\x01t";

/// How a connection is flooded: what it begins with, and then a part for each number.
type Flood = (&'static str, Vec<u8>, Box<dyn Fn(u32) -> Vec<u8> + Send + Sync>);

fn floods() -> Vec<Flood> {
    let odd = |number: u32| 2 * number + 1;
    // A line of 4,000 bytes for the table, and then each byte of a block is that line again.
    let line = [&[0x40, 1, b'a', 0x7f, 0xa1, 0x1e][..], &[b'x'; 4000]].concat();
    let bomb = [GET, &line, &[0xbe; 12_000]].concat();
    let begun = |block: &[u8]| frame(HEADERS, END_HEADERS, 1, block);
    vec![
        (
            "streams that are reset at once",
            vec![],
            Box::new(move |n| {
                let stream = odd(n);
                [frame(HEADERS, END_STREAM | END_HEADERS, stream, GET), frame(3, 0, stream, &[0, 0, 0, 8])].concat()
            }),
        ),
        ("streams that never end", vec![], Box::new(move |n| frame(HEADERS, END_HEADERS, odd(n), POST))),
        (
            "a head without an end",
            frame(HEADERS, 0, 1, GET),
            Box::new(|_| frame(9, 0, 1, &[&[0, 1, b'a', 127, 129, 7][..], &[b'x'; 1024]].concat())),
        ),
        ("an empty head without an end", frame(HEADERS, 0, 1, GET), Box::new(|_| frame(9, 0, 1, &[]))),
        (
            "a small head that is large",
            vec![],
            Box::new(move |n| {
                let (stream, block) = (odd(n), if n == 0 { &bomb[..] } else { &bomb[bomb.len() - 12_000..] });
                frame(HEADERS, END_STREAM | END_HEADERS, stream, block)
            }),
        ),
        ("an empty body without an end", begun(POST), Box::new(|_| frame(0, 0, 1, &[]))),
        ("a body of padding", begun(POST), Box::new(|_| frame(0, 8, 1, &[&[255][..], &[0; 255]].concat()))),
        ("pings", vec![], Box::new(|n| frame(6, 0, 0, &u64::from(n).to_be_bytes()))),
        ("settings", vec![], Box::new(|n| frame(4, 0, 0, &[&[0, 4][..], &(n % 65_536).to_be_bytes()].concat()))),
        ("windows that are opened by a byte", begun(POST), Box::new(|_| frame(8, 0, 1, &[0, 0, 0, 1]))),
        ("a window that overflows", begun(POST), Box::new(|_| frame(8, 0, 1, &[0x7f, 0xff, 0xff, 0xff]))),
        ("priorities", vec![], Box::new(move |n| frame(2, 0, odd(n), &[0, 0, 0, 0, 1]))),
        ("frames that nobody knows", vec![], Box::new(|_| frame(0xee, 0, 0, &[0; 1000]))),
    ]
}

/// What is said of a flood: to the connection (GOAWAY), to streams (RST_STREAM), by code.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    connection: BTreeSet<u32>,
    streams: BTreeSet<u32>,
}

/// Everything that the server says until it closes, or says nothing more for a while.
fn listen(mut stream: TcpStream) -> Said {
    stream.set_read_timeout(Some(PATIENCE)).expect("a time");
    let (mut said, mut bytes, mut part) = (Said::default(), Vec::new(), [0; 16 * 1024]);
    while let Ok(length @ 1..) = stream.read(&mut part) {
        bytes.extend_from_slice(&part[..length]);
        while let Some(length) =
            bytes.get(..3).map(|three| usize::from(three[0]) << 16 | usize::from(three[1]) << 8 | usize::from(three[2]))
            && bytes.len() >= 9 + length
        {
            let frame: Vec<u8> = bytes.drain(..9 + length).collect();
            let code = |at: usize| {
                frame.get(at..at + 4).map_or(0, |four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
            };
            match frame[3] {
                RST_STREAM => drop(said.streams.insert(code(9))),
                GOAWAY => drop(said.connection.insert(code(13))),
                _ => {}
            }
        }
    }
    said
}

/// Sends so many bytes at least, or as much as is taken, and reads nothing.
fn flood(address: SocketAddr, flood: &Flood, bytes: usize) -> TcpStream {
    flood_over(TcpStream::connect(address).expect("a connection"), flood, bytes)
}

fn flood_over(mut stream: TcpStream, flood: &Flood, bytes: usize) -> TcpStream {
    let (_, beginning, part) = flood;
    stream.set_write_timeout(Some(Duration::from_secs(5))).expect("a time");
    let preface = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &frame(4, 0, 0, &[]), beginning].concat();
    let mut sent = stream.write_all(&preface).map(|()| 0);
    let mut numbers = 0..;
    while let Ok(length) = sent
        && length < bytes
    {
        let some: Vec<u8> = numbers.by_ref().take(100).flat_map(part).collect();
        sent = stream.write_all(&some).map(|()| length + some.len());
    }
    stream
}

fn answered(client: &mut Client) -> (u16, String) {
    client.write("GET /beside HTTP/1.1\r\nHost: t\r\n\r\n");
    let answer = client.read();
    (answer.status, answer.text().to_owned())
}

/// Nothing is under way any more, and each call that the backend saw is counted.
fn check_counts(sidecar: &Sidecar, backend: &Backend) {
    until("idle", || sidecar.metric("in_flight_requests") == 0.0 && sidecar.metric("buffered_bytes") == 0.0);
    let invoked = || {
        ["success", "network_error", "timeout"]
            .map(|o| sidecar.metric(&format!("invocations_total{{function=\"f\",outcome=\"{o}\"}}")))
    };
    until("each call counted", || invoked().iter().sum::<f64>() as usize == backend.seen().len());
}

#[test]
fn floods_over_http2_disturb_nobody() {
    let backend = Backend::start(|_| Reply::payload(GOOD));
    let sidecar = Sidecar::start_with(&proxy(backend.address, LIMITS), &[("STAGEGATE_ADMIN__INSPECTOR", "false")]);
    assert_eq!(sidecar.get("/warm").status, 200);
    let (before, open) = (sidecar.memory("VmRSS"), sidecar.sockets());
    let mut flooded = Vec::new();
    for one in floods() {
        std::thread::scope(|scope| {
            let flooding: Vec<_> = (0..2).map(|_| scope.spawn(|| flood(sidecar.data, &one, 2 * MIB))).collect();
            let mut beside = Client::connect(sidecar.data);
            for _ in 0..20 {
                let asked = Instant::now();
                assert_eq!(answered(&mut beside), (200, "good".into()), "beside {}", one.0);
                assert!(asked.elapsed() < UNDISTURBED, "{:?} beside {}", asked.elapsed(), one.0);
            }
            flooded.extend(flooding.into_iter().map(|thread| thread.join().expect("a flood")));
        });
        let most = sidecar.memory("VmHWM");
        assert!(most < before + 64 * MIB, "{}: {} MiB, {} before", one.0, most / MIB, before / MIB);
    }
    // Whoever floods loses its connection, if not for that then for being idle.
    until("all let go", || sidecar.sockets() <= open + 4);
    drop(flooded);
    check_counts(&sidecar, &backend);
}

/// By the codes of RFC 9113, 7: what the connection is ended with, and what its streams are. 3 FLOW_CONTROL_ERROR (6.9.1), 7
/// REFUSED_STREAM (5.1.2), 11 ENHANCE_YOUR_CALM, which is how a flood is told that it is one; 0 lets go of what is idle, or was
/// answered before its end. Frames of unknown types, priorities and settings are no errors.
const TOLD: [(&str, &[u32], &[u32]); 13] = [
    ("streams that are reset at once", &[11], &[]),
    ("streams that never end", &[11], &[7]),
    ("a head without an end", &[11], &[]),
    ("an empty head without an end", &[11], &[]),
    ("a small head that is large", &[11], &[]),
    ("an empty body without an end", &[11], &[]),
    ("a body of padding", &[11], &[]),
    ("pings", &[0], &[]),
    ("settings", &[0], &[]),
    ("windows that are opened by a byte", &[0], &[0]),
    ("a window that overflows", &[0], &[3]),
    ("priorities", &[0], &[]),
    ("frames that nobody knows", &[0], &[]),
];

#[test]
fn floods_over_http2_are_told_by_their_codes() {
    let backend = Backend::start(|_| Reply::payload(GOOD));
    let sidecar = Sidecar::start_with(&proxy(backend.address, LIMITS), &[("STAGEGATE_ADMIN__INSPECTOR", "false")]);
    assert_eq!(sidecar.get("/warm").status, 200);
    let (address, open) = (sidecar.data, sidecar.sockets() + 4);
    let said: Vec<(&str, Said)> = std::thread::scope(|scope| {
        let all: Vec<_> = floods()
            .into_iter()
            .map(|one| {
                scope.spawn(move || {
                    let stream = TcpStream::connect(address).expect("a connection");
                    let heard = stream.try_clone().expect("a second handle");
                    let listening = std::thread::spawn(move || listen(heard));
                    flood_over(stream, &one, MIB / 2);
                    (one.0, listening.join().expect("what was said"))
                })
            })
            .collect();
        all.into_iter().map(|thread| thread.join().expect("a flood")).collect()
    });
    let set = |codes: &[u32]| codes.iter().copied().collect();
    let expected =
        TOLD.map(|(name, connection, streams)| (name, Said { connection: set(connection), streams: set(streams) }));
    assert_eq!(said, expected);
    until("all let go", || sidecar.sockets() <= open);
    check_counts(&sidecar, &backend);
}

/// So many as there are descriptors for, and ten thousand at most.
#[test]
fn ten_thousand_idle_clients_cost_little() {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("a process");
    let files = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next()?.parse::<usize>().ok());
    let count = files.expect("a number").saturating_sub(600).clamp(200, 10_000);
    let backend = Backend::start(|_| Reply::payload(GOOD));
    let sidecar = Sidecar::start(&proxy(
        backend.address,
        "limits: { connections: 12000, header_timeout: 10m, idle_timeout: 10m }\n",
    ));
    let mut beside = Client::connect(sidecar.data);
    assert_eq!(answered(&mut beside), (200, "good".into()));
    let (before, open) = (sidecar.memory("VmRSS"), sidecar.sockets());
    // Half of them have asked once.
    let idle: Vec<TcpStream> = (0..count)
        .map(|number| {
            let mut stream = TcpStream::connect(sidecar.data).expect("a connection");
            if number % 2 == 0 {
                stream.set_read_timeout(Some(PATIENCE)).expect("a time");
                stream.write_all(b"GET /idle HTTP/1.1\r\nHost: t\r\n\r\n").expect("a request");
                let mut answer = Vec::new();
                while !answer.ends_with(b"good") {
                    let mut bytes = [0; 512];
                    let n = stream.read(&mut bytes).expect("an answer");
                    assert!(n > 0, "closed");
                    answer.extend_from_slice(&bytes[..n]);
                }
            }
            stream
        })
        .collect();
    until("all there", || sidecar.sockets() >= open + count);
    let each = sidecar.memory("VmRSS").saturating_sub(before) / count;
    eprintln!("{count} idle connections, {each} bytes each");
    assert!(each < 6 * 1024, "{each} bytes for each of {count}");
    assert_eq!(answered(&mut beside), (200, "good".into()));
    assert_eq!(sidecar.ask("/readyz").status, 200);
    drop(idle);
    until("closed", || sidecar.sockets() <= open + 4);
    assert_eq!(answered(&mut beside), (200, "good".into()));
    check_counts(&sidecar, &backend);
}

/// Whatever is broken off is counted, by what it would have been answered, and nothing of it stays.
#[test]
fn what_clients_break_off_is_counted_once() {
    let large = json!({ "statusCode": 200, "body": "x".repeat(5_000_000) }).to_string();
    let backend = Backend::start(move |seen| match seen.json()["path"].as_str() {
        Some("/large") => Reply::payload(large.clone()),
        _ => Reply::payload(GOOD),
    });
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    let part = "x".repeat(100_000);
    let rows = [
        ("a body", format!("POST /up HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000\r\n\r\n{part}"), 400),
        ("a chunk", format!("POST /up HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n{part}"), 400),
        (
            "chunks",
            format!("POST /up HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n{part}\r\n"),
            400,
        ),
        ("an answer", "GET /large HTTP/1.1\r\nHost: t\r\n\r\n".to_owned(), 200),
        (
            "the second of two answers",
            "GET /good HTTP/1.1\r\nHost: t\r\n\r\nGET /large HTTP/1.1\r\nHost: t\r\n\r\n".to_owned(),
            200,
        ),
    ];
    let (mut sent, mut called) = (std::collections::BTreeMap::new(), 0);
    for (name, request, status) in &rows {
        for abruptly in [false, true] {
            let mut client = Client::connect(sidecar.data);
            client.write(request);
            if *status == 200 {
                called += request.matches("GET").count();
                client.stream.read_exact(&mut [0; 12]).expect("the beginning of an answer");
            }
            if abruptly {
                SockRef::from(&client.stream).set_linger(Some(Duration::ZERO)).expect("an option");
            }
            drop(client);
            *sent.entry(*status).or_insert(0) += if *status == 200 { request.matches("GET").count() } else { 1 };
            until(name, || sidecar.metric("in_flight_requests") == 0.0 && backend.seen().len() == called);
        }
    }
    for (status, count) in sent {
        let series = format!("responses_total{{method=\"ANY\",resource=\"/{{proxy+}}\",status=\"{status}\"}}");
        until(&series, || sidecar.metric(&series) as usize == count);
    }
    check_counts(&sidecar, &backend);
}

/// A hundred kilobytes that are a hundred megabytes, and ten that are almost the limit, many at once.
#[test]
fn what_unpacks_to_much_is_bounded() {
    let packed = |megabytes: usize| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        (0..megabytes).try_for_each(|_| encoder.write_all(&[b'x'; 1_000_000])).expect("memory");
        encoder.finish().expect("memory")
    };
    let request = |body: &[u8]| {
        let head = format!(
            "POST /x HTTP/1.1\r\nHost: t\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    };
    let gate = Gate::default();
    let behind = gate.clone();
    let backend = Backend::start(move |_| {
        behind.wait();
        Reply::payload(GOOD)
    });
    let config = proxy(backend.address, "limits: { memory: 32MiB }\n").replacen(
        "api:\n",
        "api:\n  minimum_compression_size: 1000\n",
        1,
    );
    let sidecar = Sidecar::start_with(&config, &[("STAGEGATE_ADMIN__INSPECTOR", "false")]);
    let before = sidecar.memory("VmRSS");
    assert_eq!(send(sidecar.data, request(&packed(100))).status, 413);
    let almost = request(&packed(5));
    let clients: Vec<_> = (0..60)
        .map(|_| {
            let (address, almost) = (sidecar.data, almost.clone());
            std::thread::spawn(move || send(address, almost).status)
        })
        .collect();
    // None is answered before there is one too many.
    let refused = "stagegate_failures_total{cause=\"overloaded\"";
    until("refused", || sidecar.ask("/metrics").text().contains(refused));
    gate.open();
    let statuses: Vec<u16> = clients.into_iter().map(|client| client.join().expect("an answer")).collect();
    assert!(statuses.iter().all(|status| matches!(status, 200 | 413 | 503)), "{statuses:?}");
    assert!(statuses.contains(&503), "{statuses:?}");
    let most = sidecar.memory("VmHWM");
    assert!(most < before + (32 + 64) * MIB, "{} MiB, {} before", most / MIB, before / MIB);
    until("room again", || send(sidecar.data, request(&packed(1))).status == 200);
    check_counts(&sidecar, &backend);
}

/// Bytes that are no UTF-8, wherever a client can put them.
#[test]
fn bytes_that_are_no_text_are_answered() {
    let backend = Backend::start(|_| Reply::payload(GOOD));
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    let rows: [(&str, &[u8], u16); 8] = [
        ("a path", b"GET /\xff\xfe HTTP/1.1\r\nHost: t\r\n\r\n", 400),
        ("an escaped path", b"GET /%ff%fe HTTP/1.1\r\nHost: t\r\n\r\n", 200),
        ("a query", b"GET /x?a=\xff HTTP/1.1\r\nHost: t\r\n\r\n", 400),
        ("an escaped query", b"GET /x?a=%ff&%fe=b HTTP/1.1\r\nHost: t\r\n\r\n", 200),
        ("a method", b"G\xffT /x HTTP/1.1\r\nHost: t\r\n\r\n", 400),
        ("a header's name", b"GET /x HTTP/1.1\r\nHost: t\r\nX-\xff: a\r\n\r\n", 400),
        ("a header's value", b"GET /x HTTP/1.1\r\nHost: t\r\nX-A: \xff\xfe\r\n\r\n", 200),
        ("a body", b"POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\n\xff\xfe", 200),
    ];
    let told: Vec<_> = rows.iter().map(|(name, request, _)| (*name, send(sidecar.data, request).status)).collect();
    assert_eq!(told, rows.iter().map(|(name, _, status)| (*name, *status)).collect::<Vec<_>>());
    // Whatever it was, the event is JSON, which is UTF-8.
    assert!(backend.seen().iter().all(|seen| seen.json().is_object()));
    assert_eq!(backend.seen().len(), rows.iter().filter(|row| row.2 == 200).count());
    check_counts(&sidecar, &backend);
}
