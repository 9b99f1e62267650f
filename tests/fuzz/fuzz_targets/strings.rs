//! Any bytes as the inside of a JSON string and as text: every instruction set does what plain code does, wherever a document is cut.
//!
//! The first byte says where to begin, the second where to cut.

#![no_main]

#[path = "../../json_text/twin.rs"]
mod twin;

use libfuzzer_sys::fuzz_target;
use stagegate::engine::json_text::simd::{Level, Stops};
use stagegate::engine::json_text::{self, Broken, ReadAhead, Utf8};

fuzz_target!(|input: &[u8]| {
    let [from, cut, text @ ..] = input else { return };
    let from = usize::from(*from).min(text.len());
    let mut escaped = Vec::new();
    json_text::escape(&mut escaped, text);
    assert_eq!(escaped, twin::escape(&String::from_utf8_lossy(text)));

    match json_text::read(&text[from..], 0, &mut Utf8::default()) {
        Ok((read, end)) => assert_eq!(twin::read(&text[from..], 0), Some((read.into_owned(), end))),
        Err(Broken::Utf8) => assert!(std::str::from_utf8(&text[from..]).is_err()),
        Err(Broken::Json) => {
            assert!(twin::read(&text[from..], 0).is_none() || std::str::from_utf8(&text[from..]).is_err());
        }
    }

    let levels = Level::all();
    for (escaped, ascii) in [(false, false), (true, false), (false, true)] {
        let unescape = |level: &Level| {
            let mut out = Vec::new();
            let progress = level.unescape(&text[from..], &mut out, escaped, ascii);
            let mut within = text.to_vec();
            let moved = level.unescape_within(&mut within, from, from / 2, escaped, ascii);
            assert_eq!((moved.read, moved.escaped), progress);
            assert_eq!(within[from / 2..][..moved.written], out);
            assert_eq!(within[from + moved.read..], text[from + moved.read..]);
            (progress, out)
        };
        let first = unescape(&levels[0]);
        assert!(levels.iter().all(|level| unescape(level) == first));
    }
    for stops in [Stops::Json, Stops::JsonAndNonAscii, Stops::JsonSmart] {
        let first = levels[0].scan(&text[from..], stops);
        assert!(levels.iter().all(|level| level.scan(&text[from..], stops) == first));
        for escaped in [false, true] {
            let expected = twin::skip(&text[from..], stops, escaped);
            assert!(levels.iter().all(|level| level.skip(&text[from..], stops, escaped) == expected));
        }
    }

    let (mut whole, mut parts) = (ReadAhead::default(), ReadAhead::default());
    let (mut all, mut received) = (text.to_vec(), text.to_vec());
    whole.advance(&mut all);
    let step = usize::from(*cut).max(1);
    for end in (step..text.len()).step_by(step).chain([text.len()]) {
        parts.advance(&mut received[..end]);
    }
    if whole.is_not_utf8() || parts.is_not_utf8() {
        assert!(std::str::from_utf8(text).is_err());
        return;
    }
    assert_eq!(whole.found(), parts.found());
    assert_eq!(whole.unended(), parts.unended());
    for found in whole.found() {
        let place = found.start..found.start + found.length;
        assert_eq!(all[place.clone()], received[place.clone()]);
        assert_eq!(twin::read(text, found.start), Some((all[place].to_vec(), found.end)));
    }
});
