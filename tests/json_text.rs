//! JSON strings: the wide loops of every instruction set against plain code and against serde_json, at every length, place and cut.

mod outline;
mod reader;
mod twin;

use std::borrow::Cow;

use stagegate::engine::json_text::simd::{Level, Stops};
use stagegate::engine::json_text::{self, Ahead, Broken, ReadAhead, Utf8};

/// Numbers that look random and are the same in each run.
pub struct Numbers(pub u64);

impl Numbers {
    /// The next one, below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn pick<'a>(&mut self, pieces: &[&'a str]) -> &'a str {
        pieces[self.below(pieces.len())]
    }
}

const PLAIN: &[&str] =
    &["a", "Z", "0", " ", "/", "'", "\u{7f}", "u", "n", "plain text of some length, ", "é", "€", "𝄞"];
const ESCAPES: &[&str] = &[
    "\\\"",
    "\\\\",
    "\\/",
    "\\b",
    "\\f",
    "\\n",
    "\\r",
    "\\t",
    "\\u0041",
    "\\u00e9",
    "\\u20AC",
    "\\uD834\\uDD1E",
    "\\ud834",
    "\\uDD1E",
    "\\uD834\\n",
    "\\uD834\\u0041",
    "\\uD834\\uD834",
    "\\u0000",
    "\\\\\\\\\\\\",
];
const BROKEN: &[&str] =
    &["\"", "\\", "\\x", "\\u", "\\u12", "\\u12g4", "\\uD834\\u", "\\uD834\\uDD", "\n", "\0", "\\é", "\\\u{1}", "\\ "];

/// The inside of a JSON string, now and then broken.
fn inside(numbers: &mut Numbers, longest: usize) -> String {
    let (length, escapes, broken) = (numbers.below(longest + 1), numbers.below(12), numbers.below(4) == 0);
    let mut text = String::new();
    while text.len() < length {
        text.push_str(match numbers.below(12) {
            n if n < escapes => numbers.pick(ESCAPES),
            _ if broken && numbers.below(40) == 0 => numbers.pick(BROKEN),
            _ => numbers.pick(PLAIN),
        });
    }
    text
}

/// Any text.
fn text(numbers: &mut Numbers, longest: usize) -> String {
    let (length, special) = (numbers.below(longest + 1), numbers.below(12));
    let mut text = String::new();
    while text.len() < length {
        match numbers.below(12) {
            n if n < special => text.push(char::from(b"\"\\\n\r\t\x08\x0c\0\x1f/"[numbers.below(10)])),
            _ => text.push_str(numbers.pick(PLAIN)),
        }
    }
    text
}

fn read(input: &[u8], start: usize) -> Result<(Cow<'_, [u8]>, usize), Broken> {
    json_text::read(input, start, &mut Utf8::default())
}

#[test]
fn every_instruction_set_scans_alike() {
    let stops_at = |stops: Stops, byte: u8| match stops {
        Stops::Json => matches!(byte, b'"' | b'\\' | 0..0x20),
        Stops::JsonAndNonAscii => matches!(byte, b'"' | b'\\' | 0..0x20 | 0x80..),
        Stops::JsonSmart => matches!(byte, b'"' | b'\\' | 0..0x20 | 0x7f | 0xc2 | 0xe2),
    };
    for level in Level::all() {
        for stops in [Stops::Json, Stops::JsonAndNonAscii, Stops::JsonSmart] {
            for length in 0..200 {
                assert_eq!(level.scan(&vec![b'x'; length], stops), length, "{}", level.name());
            }
            for byte in 0..=255 {
                for at in 0..140 {
                    let mut bytes = [b'x'; 140];
                    bytes[at] = byte;
                    bytes[139] = b'"';
                    let expected = if stops_at(stops, byte) { at } else { 139 };
                    assert_eq!(level.scan(&bytes, stops), expected, "{} {stops:?} {byte:#x} at {at}", level.name());
                }
            }
        }
    }
}

#[test]
fn every_instruction_set_skips_alike() {
    let mut numbers = Numbers(7);
    for n in 0..4_000 {
        let source =
            [inside(&mut numbers, if n % 10 == 0 { 1_000 } else { 150 }), "\"".to_owned()].concat().into_bytes();
        let escaped = numbers.below(4) == 0;
        for stops in [Stops::Json, Stops::JsonAndNonAscii, Stops::JsonSmart] {
            let expected = twin::skip(&source, stops, escaped);
            for level in Level::all() {
                assert_eq!(level.skip(&source, stops, escaped), expected, "{} {stops:?} {source:?}", level.name());
            }
        }
    }
}

#[test]
fn every_instruction_set_escapes_alike() {
    let mut numbers = Numbers(1);
    for n in 0..4_000 {
        let text = text(&mut numbers, if n % 10 == 0 { 1_000 } else { 150 });
        let expected = twin::escape(&text);
        let as_json = serde_json::from_slice::<String>(&[&b"\""[..], &expected, b"\""].concat());
        assert_eq!(as_json.expect("a JSON string"), text);
        for level in Level::all() {
            let mut out = b"before".to_vec();
            assert_eq!(level.escape(text.as_bytes(), &mut out, Stops::Json), text.len());
            assert_eq!(out[6..], expected, "{}: {text:?}", level.name());
            let ascii = text.bytes().position(|byte| byte >= 0x80).unwrap_or(text.len());
            out.clear();
            assert_eq!(
                level.escape(text.as_bytes(), &mut out, Stops::JsonAndNonAscii),
                ascii,
                "{}: {text:?}",
                level.name()
            );
            assert_eq!(out, twin::escape(&text[..ascii]), "{}: {text:?}", level.name());
            let smart = text.bytes().position(|byte| matches!(byte, 0x7f | 0xc2 | 0xe2)).unwrap_or(text.len());
            let mut out = String::new();
            assert_eq!(level.escape_str(&text, &mut out, Stops::JsonSmart), smart, "{}: {text:?}", level.name());
            assert_eq!(out.as_bytes(), twin::escape(&text[..smart]), "{}: {text:?}", level.name());
        }
        let mut out = Vec::new();
        json_text::escape_str(&mut out, &text);
        assert_eq!(out, expected, "{text:?}");
    }
}

#[test]
fn what_is_not_utf8_is_escaped_as_replacement_characters() {
    let mut numbers = Numbers(2);
    for _ in 0..4_000 {
        let mut bytes = text(&mut numbers, 200).into_bytes();
        for _ in 0..numbers.below(3) {
            let at = numbers.below(bytes.len() + 1);
            bytes.insert(at, [0x80, 0xbf, 0xc0, 0xe2, 0xf0, 0xff][numbers.below(6)]);
        }
        let mut out = Vec::new();
        json_text::escape(&mut out, &bytes);
        assert_eq!(out, twin::escape(&String::from_utf8_lossy(&bytes)), "{bytes:?}");
    }
}

#[test]
fn every_instruction_set_unescapes_alike() {
    let mut numbers = Numbers(3);
    for n in 0..4_000 {
        let source =
            [inside(&mut numbers, if n % 10 == 0 { 1_000 } else { 150 }), "\"".to_owned()].concat().into_bytes();
        let (from, escaped, ascii) = (numbers.below(70), numbers.below(4) == 0, numbers.below(2) == 0);
        let to = from - numbers.below(from + 1);
        let mut results = Level::all().into_iter().map(|level| {
            let mut out = b"before".to_vec();
            let (read, behind) = level.unescape(&source, &mut out, escaped, ascii);
            let mut buffer = [&vec![b'~'; from], &source[..]].concat();
            let within = level.unescape_within(&mut buffer, from, to, escaped, ascii);
            assert_eq!((within.read, within.escaped), (read, behind), "{}: {source:?}", level.name());
            assert_eq!(buffer[to..to + within.written], out[6..], "{}: {source:?}", level.name());
            assert_eq!(buffer[from + read..], source[read..], "{}: {source:?}", level.name());
            assert!(buffer[..to].iter().all(|byte| *byte == b'~'), "{}: {source:?}", level.name());
            (level.name(), read, behind, out)
        });
        let (_, read, behind, out) = results.next().expect("the portable one");
        for (name, other_read, other_behind, other_out) in results {
            assert_eq!((other_read, other_behind, &other_out), (read, behind, &out), "{name}: {source:?}");
        }
    }
}

#[test]
fn strings_are_read_as_a_byte_at_a_time_and_as_serde_json_reads_them() {
    let mut numbers = Numbers(4);
    let mut good = 0;
    for n in 0..8_000 {
        let inside = inside(&mut numbers, if n % 10 == 0 { 1_500 } else { 150 });
        let before = vec![b'x'; numbers.below(70)];
        let input = [&before[..], b"\"", inside.as_bytes(), b"\"", &vec![b' '; numbers.below(70)]].concat();
        let start = before.len() + 1;
        let expected = twin::read(&input, start);
        let found = read(&input, start);
        assert_eq!(found.clone().ok().map(|(text, end)| (text.into_owned(), end)), expected, "{inside:?}");
        if let Some(end) = expected.as_ref().map(|(_, end)| *end)
            && let Ok(text) = serde_json::from_slice::<String>(&input[start - 1..=end])
        {
            good += 1;
            assert_eq!(expected.map(|(text, _)| text), Some(text.into_bytes()), "{inside:?}");
        }
        if !inside.contains('\\')
            && let Ok((text, _)) = found
        {
            assert!(matches!(text, Cow::Borrowed(_)), "{inside:?}");
        }
    }
    assert!(good > 1_000, "serde_json took {good} only");
}

#[test]
fn what_is_not_utf8_is_found_on_the_way() {
    let mut numbers = Numbers(5);
    let mut found = 0;
    for _ in 0..8_000 {
        let mut input = format!("{}\"{}", inside(&mut numbers, 200), inside(&mut numbers, 100)).into_bytes();
        for _ in 0..numbers.below(3) {
            let at = numbers.below(input.len());
            input.insert(at, [0x80, 0xbf, 0xc0, 0xe2, 0xf0, 0xff][numbers.below(6)]);
        }
        let (twin, read) = (twin::read(&input, 0), read(&input, 0));
        match read {
            Ok((text, end)) => {
                assert_eq!(Some((text.into_owned(), end)), twin, "{input:?}");
                assert!(std::str::from_utf8(&input[..end]).is_ok(), "{input:?}");
            }
            Err(Broken::Utf8) => {
                found += 1;
                assert!(std::str::from_utf8(&input).is_err(), "{input:?}");
            }
            // Whoever reads the document looks then whether it is UTF-8.
            Err(Broken::Json) => assert!(twin.is_none() || std::str::from_utf8(&input).is_err(), "{input:?}"),
        }
    }
    assert!(found > 1_000, "{found} only");
}

/// The strings of a document, read a part at a time; the parts end where `cuts` says.
fn read_ahead(document: &[u8], cuts: &[usize]) -> (ReadAhead, Vec<u8>) {
    let (mut ahead, mut received) = (ReadAhead::default(), Vec::new());
    for cut in cuts.iter().chain([&document.len()]) {
        received.extend_from_slice(&document[received.len()..*cut]);
        ahead.advance(&mut received);
    }
    (ahead, received)
}

/// The same where the document has to be had back: it is.
fn read_restorably(document: &[u8], cuts: &[usize]) -> (ReadAhead, Vec<u8>) {
    let (mut ahead, mut received) = (ReadAhead::new(Ahead::Restorable).expect("one that reads"), Vec::new());
    for cut in cuts.iter().chain([&document.len()]) {
        received.extend_from_slice(&document[received.len()..*cut]);
        ahead.advance(&mut received);
        assert_eq!(ahead.restored(&received.clone().into()), document[..*cut], "{cuts:?} {document:?}");
    }
    (ahead, received)
}

#[test]
fn a_long_document_read_ahead_can_be_had_back() {
    let mut numbers = Numbers(9);
    for _ in 0..60 {
        let texts: Vec<String> = (0..3).map(|_| inside(&mut numbers, 3_000)).collect();
        let document = format!("{{\"{}\":[\"{}\",\"{}\"]}}", texts[0], texts[1], texts[2]).into_bytes();
        let mut cuts: Vec<usize> = (0..numbers.below(6)).map(|_| numbers.below(document.len())).collect();
        cuts.sort_unstable();
        let (one, other) = (read_ahead(&document, &cuts), read_restorably(&document, &cuts));
        assert_eq!((one.0.found(), one.0.unended(), one.1), (other.0.found(), other.0.unended(), other.1));
    }
}

#[test]
fn strings_read_ahead_are_the_same_wherever_the_document_is_cut() {
    let mut numbers = Numbers(6);
    for n in 0..300 {
        let long = if n % 10 == 0 { 400 } else { 90 };
        let document = format!(
            "{{\"{}\" :\"{}\", \"x\":[1,\"{}\"]}}",
            inside(&mut numbers, 20),
            inside(&mut numbers, long),
            inside(&mut numbers, 70)
        )
        .into_bytes();
        let (whole, expected) = read_ahead(&document, &[]);
        for found in whole.found() {
            let (text, end) = twin::read(&document, found.start).expect("a string");
            assert_eq!((&expected[found.start..][..found.length], found.end), (&text[..], end), "{document:?}");
        }
        if let Some(start) = whole.unended() {
            assert_eq!(twin::read(&document, start), None, "{document:?}");
        }
        assert_eq!(document[whole.end()..], expected[whole.end()..]);
        let check = |cuts: &[usize]| {
            let (ahead, received) = read_ahead(&document, cuts);
            assert_eq!(ahead.found(), whole.found(), "{cuts:?} {document:?}");
            assert_eq!(ahead.unended(), whole.unended(), "{cuts:?} {document:?}");
            assert_eq!(read_restorably(&document, cuts).0.found(), whole.found(), "{cuts:?} {document:?}");
            for found in ahead.found() {
                let text = found.start..found.start + found.length;
                assert_eq!(received[text.clone()], expected[text], "{cuts:?} {document:?}");
            }
        };
        for cut in 0..document.len() {
            check(&[cut]);
        }
        check(&(0..document.len()).collect::<Vec<_>>());
        let mut cuts: Vec<usize> = (0..4).map(|_| numbers.below(document.len())).collect();
        cuts.sort_unstable();
        check(&cuts);
    }
}
