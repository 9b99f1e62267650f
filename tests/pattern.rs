//! Cases of `src/pattern`, recorded from the Java original, and what must not happen whatever the pattern.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use stagegate::engine::pattern::{Outcome, Pattern, PatternSet, Regex, SyntaxError};

use crate::support::{data, json_lines};

/// `tests/differential/record_patterns.py` writes the expected answers.
#[test]
fn answers_as_java_does() {
    let (mut wrong, mut latest) = (Vec::new(), None);
    for (place, case) in json_lines(&data("pattern")) {
        let ours = answer(&case, &mut latest);
        let differs = |key: &str| case.get(key).is_some_and(|expected| ours.get(key) != Some(expected));
        if ["out", "error", "message", "index"].into_iter().any(differs) {
            wrong.push(format!("{place} {case}\n    ours: {ours}"));
        }
    }
    assert!(wrong.is_empty(), "{} cases\n{}", wrong.len(), wrong.join("\n"));
}

fn text(case: &Value, key: &str) -> String {
    case[key].as_str().unwrap_or_default().to_owned()
}

/// One pattern, compiled in every way: the cases of a pattern stand together.
struct Compiled {
    pattern: Pattern,
    set: PatternSet,
    searching: Regex,
}

impl Compiled {
    fn new(source: &str) -> Result<Compiled, SyntaxError> {
        let (pattern, searching) = (Pattern::compile(source)?, Regex::compile(source)?);
        let set = PatternSet::new(&[pattern.clone(), pattern.clone()]);
        Ok(Compiled { pattern, set, searching })
    }

    /// Alone, in a set and through the searching engine: all must say the same.
    fn matches(&self, text: &str) -> Value {
        let alone = self.pattern.matches(text);
        let searching = self.searching.is_match_whole(text);
        if self.set.outcomes(text).any(|outcome| outcome != alone) || searching != (alone == Outcome::Match) {
            return json!(format!("{alone:?}, but not so in a set or when searching"));
        }
        json!(alone == Outcome::Match)
    }
}

fn answer(case: &Value, latest: &mut Option<Compiled>) -> Value {
    let (source, subject) = (text(case, "pattern"), text(case, "text"));
    if latest.as_ref().is_none_or(|latest| latest.pattern.source() != source) {
        match Compiled::new(&source) {
            Ok(compiled) => *latest = Some(compiled),
            Err(error) => return refused(&error),
        }
    }
    let compiled = latest.as_ref().expect("it was just compiled");
    match case["op"].as_str() {
        None | Some("regex") => json!({ "out": compiled.matches(&subject) }),
        Some(op) => searched(op, &compiled.searching, &subject, case),
    }
}

fn refused(error: &SyntaxError) -> Value {
    json!({ "error": "PatternSyntax", "message": error.description, "index": error.index })
}

fn searched(op: &str, regex: &Regex, text: &str, case: &Value) -> Value {
    let replaced = match op {
        "find" => return json!({ "out": found(regex, text) }),
        "split" => {
            let limit = case["limit"].as_i64().unwrap_or(0) as i32;
            return json!({ "out": regex.split(text, limit) });
        }
        "replaceAll" => regex.replace_all(text, case["replacement"].as_str().unwrap_or_default()),
        _ => regex.replace_first(text, case["replacement"].as_str().unwrap_or_default()),
    };
    match replaced {
        Ok(out) => json!({ "out": out }),
        Err(error) => json!({ "error": "Replacement", "message": error.message }),
    }
}

fn found(regex: &Regex, text: &str) -> Value {
    let units = |at: usize| text[..at].encode_utf16().count();
    let group = |group: Option<(usize, usize)>| group.map(|(start, end)| [units(start), units(end)]);
    regex
        .find_all(text)
        .map(|found| (0..=regex.group_count()).map(|n| group(found.group(n))).collect::<Vec<_>>())
        .collect()
}

#[test]
fn a_set_gives_the_first_match_in_order() {
    let patterns = [".*nope.*", "(?!x).*four.*", ".*four hundred.*", ".+"].map(|p| Pattern::compile(p).expect(p));
    let set = PatternSet::new(&patterns);
    let first_match = |text| set.outcomes(text).position(|outcome| outcome == Outcome::Match);
    assert_eq!(first_match("Error: four hundred"), Some(1));
    assert_eq!(first_match("xfour hundred"), Some(2));
    assert_eq!(first_match("two"), Some(3));
    assert_eq!(first_match("two\nlines"), None);
    assert_eq!(first_match(""), None);
    let outcomes: Vec<Outcome> = set.outcomes("two").collect();
    assert_eq!(outcomes, [Outcome::NoMatch, Outcome::NoMatch, Outcome::NoMatch, Outcome::Match]);
    assert_eq!(PatternSet::new(&[]).outcomes("x").count(), 0);
}

#[test]
fn says_where_a_pattern_is_wrong() {
    let error = Pattern::compile("a{,2}").expect_err("Java refuses it");
    assert_eq!(error.to_string(), "Illegal repetition near index 2");
    let quoted = Pattern::compile(r"\Qa.b\E*+*").expect_err("Java refuses it");
    assert_eq!(quoted.to_string(), "Dangling meta character '*' near index 9");
}

#[test]
fn warns_of_what_may_take_long() {
    let limit = ": a text that takes the backtracking engine more than 5000000 steps counts as not matching";
    for (pattern, linear, warning) in [
        (".*", true, None),
        (r"(?i)^error\b.*$", true, None),
        ("(a+)+$", true, None),
        ("(?!a).*", false, Some("`(?!a).*` uses look-around, back references, possessive or atomic parts")),
        (r"(a)\1", false, Some(r"`(a)\1` uses look-around, back references, possessive or atomic parts")),
        ("a{1000000}", false, Some("`a{1000000}` is too large to be matched in linear time")),
    ] {
        let compiled = Pattern::compile(pattern).expect(pattern);
        assert_eq!(compiled.is_linear(), linear, "{pattern}");
        let expected: Vec<String> = warning.map(|warning| format!("{warning}{limit}")).into_iter().collect();
        assert_eq!(compiled.warnings(), expected, "{pattern}");
    }
}

#[test]
fn a_pattern_that_never_ends_counts_as_no_match() {
    let pattern = Pattern::compile(r"(.*)*(.*)*(.*)*\1\2\3!").expect("Java takes it");
    assert_eq!(pattern.matches(&"ab".repeat(40)), Outcome::StepLimit);
    let set = PatternSet::new(&[pattern]);
    assert_eq!(set.outcomes(&"ab".repeat(40)).collect::<Vec<_>>(), [Outcome::StepLimit]);
}

#[test]
fn nothing_hangs_or_overflows() {
    let deep = |open: &str, n: usize, close: &str| open.repeat(n) + "a" + &close.repeat(n);
    let patterns = [
        deep("(", 100, ")"),
        deep("(", 199, ")"),
        deep("(?:", 10_000, ")*"),
        deep("(", 6_000, ")"),
        deep("[", 190, "]"),
        deep("[", 10_000, "]"),
        deep("(?=", 190, ")"),
        deep("(?<=", 190, ")"),
        deep("(?:(?:", 95, ")?)?"),
        deep("(?>", 190, ")*+"),
        "(".repeat(10_000),
        "[a&&".repeat(4_000) + "b",
        format!("[{}]", "a&&".repeat(6_000) + "b"),
        "a?".repeat(1_000) + &"a".repeat(1_000),
        r"\p{L}".repeat(3_000),
        format!("[{}]", r"\p{L}".repeat(300)),
        "(?iu)".to_owned() + &"k".repeat(10_000),
        "((a{1000}){1000}){1000}".to_owned(),
        "(((a{2147483647}){2147483647}){2147483647}){2147483647}".to_owned(),
        "(?:(?=b){2000000000})?a*".to_owned(),
        "(){2000000000}a*".to_owned(),
        "a{1000000}".to_owned(),
        "(?=a{1000000})a*".to_owned(),
        "x*".repeat(500) + "y",
        "(x*)*".repeat(100) + r"\1y",
        "a|".repeat(9_000),
        "a".repeat(30_000),
        "(a+)+$".to_owned(),
        "(?=(a+)+$)a*b".to_owned(),
        "(?<!(?:aa|a){0})a*".to_owned(),
        "(?:a++)++b".to_owned(),
        r"(?:\b|a)*b".to_owned(),
        r"(?x)\p{L#".to_owned(),
        r"(?x)\N{L#".to_owned(),
    ];
    let texts = ["", "a", &"a".repeat(50), &"x".repeat(200), &"a".repeat(5_000), &"é😀\r\n".repeat(500)];
    // A small stack: the parser's depth must be bounded, not merely fit the main thread's.
    let run = move || {
        for pattern in &patterns {
            let start = Instant::now();
            let shown: String = pattern.chars().take(40).collect();
            if let Ok(compiled) = Pattern::compile(pattern) {
                for text in texts.iter().copied().map(str::to_owned) {
                    compiled.matches(&text);
                }
                let _ = Regex::compile(pattern).expect("it compiled as a pattern").find_all(&"a".repeat(300)).next();
            }
            assert!(start.elapsed() < Duration::from_secs(30), "{shown} took {:?}", start.elapsed());
        }
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(1 << 20).spawn_scoped(scope, run).expect("a thread");
        thread.join().expect("no panic");
    });
}
