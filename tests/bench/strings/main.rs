//! How fast JSON strings are scanned, unescaped and escaped, with each set of instructions that the processor has:
//! `cargo run --release --example strings`. Microseconds per text, the fastest of many turns.

use std::hint::black_box;
use std::time::Instant;

use stagegate::engine::json_text::simd::{Level, Stops};
use stagegate::engine::json_text::{ReadAhead, Utf8, escape, read};

/// What is received at once while reading ahead.
const PART: usize = 64 * 1024;

/// JSON as `JSON.stringify` writes it.
fn json(length: usize) -> String {
    let mut text = String::from("{");
    for n in 0.. {
        if text.len() > length {
            break;
        }
        text.push_str(&format!("\"id\":{n},\"name\":\"item {n}\",\"ok\":true,"));
    }
    text.truncate(length);
    text
}

fn repeated(piece: &str, length: usize) -> String {
    piece.repeat(length / piece.len())
}

/// Microseconds for one turn.
fn time(mut turn: impl FnMut()) -> f64 {
    let start = Instant::now();
    turn();
    let turns = (5_000_000 / start.elapsed().as_nanos().max(20)).max(1) as u32;
    let mut best = f64::MAX;
    for _ in 0..15 {
        let start = Instant::now();
        for _ in 0..turns {
            turn();
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(turns));
    }
    best
}

fn main() {
    let texts = [
        ("20 B", "application/json; v=1".to_owned()),
        ("200 B", json(200)),
        ("4 KB", json(4 << 10)),
        ("1 MB, escapes", json(1 << 20)),
        ("1 MB, plain", repeated("The quick brown fox jumps over the lazy dog. ", 1 << 20)),
        ("1 MB, not ASCII", repeated("Größe, naïve café – 漢字かな交じり文, Ελλάδα. ", 1 << 20)),
    ];
    println!("{:<16} {:<9} {:>9} {:>9} {:>9} {:>9}", "", "", "scan", "unescape", "in place", "escape");
    for (name, text) in &texts {
        let plain = "x".repeat(text.len());
        let mut escaped = Vec::new();
        escape(&mut escaped, text.as_bytes());
        let quoted = [&b"\""[..], &escaped, b"\""].concat();
        let mut out = Vec::with_capacity(2 * quoted.len() + 1024);
        let mut buffer = quoted.clone();
        for level in Level::all() {
            let scan = time(|| {
                let length = level.scan(black_box(plain.as_bytes()), Stops::JsonAndNonAscii);
                black_box(length);
            });
            let unescape = time(|| {
                out.clear();
                black_box(level.unescape(black_box(&escaped), &mut out, false, false));
            });
            let within = time(|| {
                buffer.copy_from_slice(&quoted);
                black_box(level.unescape_within(&mut buffer, 1, 1, false, false));
            });
            let escape = time(|| {
                out.clear();
                black_box(level.escape(black_box(text.as_bytes()), &mut out, Stops::Json));
            });
            println!("{name:<16} {:<9} {scan:>9.3} {unescape:>9.3} {within:>9.3} {escape:>9.3}", level.name());
        }
        let whole = time(|| {
            let _ = black_box(read(black_box(&quoted), 1, &mut Utf8::default()));
        });
        let parts = time(|| {
            buffer.copy_from_slice(&quoted);
            let mut ahead = ReadAhead::default();
            let mut received = 0;
            while received < buffer.len() {
                received = buffer.len().min(received + PART);
                ahead.advance(&mut buffer[..received]);
            }
            black_box(ahead.found().len());
        });
        let copy = time(|| buffer.copy_from_slice(black_box(&quoted)));
        let escape = time(|| {
            out.clear();
            escape(&mut out, black_box(text.as_bytes()));
        });
        println!(
            "{name:<16} read {whole:.3} · ahead, in parts {parts:.3} (of which copy {copy:.3}) · escape {escape:.3}"
        );
    }
}
