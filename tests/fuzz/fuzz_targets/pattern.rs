//! Any pattern, matched against any text: no panic, no hang, and all ways of matching agree.
//!
//! The input is the pattern, a NUL, the text, and perhaps a NUL and a replacement.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stagegate::engine::pattern::{Outcome, Pattern, PatternSet, Regex};

fuzz_target!(|input: &str| {
    let mut parts = input.splitn(3, '\0');
    let (pattern, text) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let Ok(compiled) = Pattern::compile(pattern) else {
        assert!(Regex::compile(pattern).is_err());
        return;
    };
    let alone = compiled.matches(text);
    let set = PatternSet::new(&[compiled.clone(), compiled]);
    let regex = Regex::compile(pattern).expect("it compiled as a pattern");
    // The two engines may disagree on what took too long, and on nothing else.
    if alone != Outcome::StepLimit {
        assert_eq!(set.outcomes(text).next(), Some(alone));
        assert!(regex.is_match_whole(text) == (alone == Outcome::Match) || text.len() > 1_000);
    }
    for found in regex.find_all(text).take(100) {
        assert!(text.get(found.start()..found.end()).is_some());
    }
    let parts = regex.split(text, 0);
    assert!(parts.iter().map(String::len).sum::<usize>() <= text.len());
    let _ = regex.replace_all(text, parts_of(input));
});

fn parts_of(input: &str) -> &str {
    input.splitn(3, '\0').nth(2).unwrap_or("$1")
}
