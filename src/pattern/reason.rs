//! Why a selection pattern does not match: how far it came, what it expected there, and what would match.

use std::fmt;

use super::charset::CharSet;
use super::machine::{Farthest, Machine};
use super::program::{Instruction, One};
use super::repair;
use super::selection::Pattern;

/// Steps for finding out; a pattern that needs more is told as far as it came.
const STEPS: u64 = 50_000;
/// Characters of the text, and of the pattern's own words, that are shown.
const SHOWN: usize = 24;
/// Ranges of a class that are shown.
const RANGES: usize = 6;

/// Why a pattern does not match a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// Where it stopped: characters before that place.
    pub at: usize,
    /// The text before that place, its end only when it is long.
    pub before: String,
    /// The text from there on, cut when it is long; empty at the end of the text.
    pub found: String,
    /// What the pattern expected there, in words.
    pub expected: String,
    /// What a quantifier in front of that place takes, when it stopped there because of the character found.
    pub stopped: Option<String>,
    /// A pattern that does match, when a small change makes one.
    pub repair: Option<String>,
}

impl Mismatch {
    /// Why the pattern does not match the text; `None` when it does.
    pub(crate) fn of(pattern: &Pattern, text: &str) -> Option<Mismatch> {
        let steps = &pattern.program().steps;
        let Farthest { step, pos } = Machine::new(pattern.program(), text, true, 0).come_far(STEPS)?;
        let pos = match &steps[step] {
            Instruction::Run { one, .. } => {
                text.len() - text[pos..].trim_start_matches(|c: char| one.takes(c.into())).len()
            }
            _ => pos,
        };
        let next = text[pos..].chars().next();
        let stopped = match (step.checked_sub(1).map(|before| &steps[before]), next) {
            (Some(Instruction::Run { one, .. }), Some(c)) if !one.takes(c.into()) => Some(one_of(one)),
            _ => None,
        };
        Some(Mismatch {
            at: text[..pos].chars().count(),
            before: tail(&text[..pos]),
            found: head(&text[pos..]),
            expected: expected(&steps[step..]),
            stopped,
            repair: repair::of(pattern, text),
        })
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.before.as_str() {
            "" => f.write_str("at the start of the text")?,
            before => {
                let plural = if self.at == 1 { "" } else { "s" };
                write!(f, "after {} character{plural} ({})", self.at, raw(before))?;
            }
        }
        write!(f, " it expects {}, but ", self.expected)?;
        match self.found.as_str() {
            "" => f.write_str("the text ends")?,
            found => write!(f, "finds {}", raw(found))?,
        }
        if let Some(stopped) = &self.stopped {
            write!(f, ", which {stopped} does not match")?;
        }
        if let Some(repair) = &self.repair {
            write!(f, "; this would match: {repair}")?;
        }
        Ok(())
    }
}

fn head(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

fn tail(text: &str) -> String {
    let skipped = text.chars().count().saturating_sub(SHOWN);
    text.chars().skip(skipped).collect()
}

/// A text as it is: backslashes and quotes are what people look for. Only what would break a line is escaped.
fn raw(text: &str) -> String {
    let mut shown = String::from("`");
    for c in text.chars() {
        match c.is_control() {
            true => shown.extend(c.escape_debug()),
            false => shown.push(c),
        }
    }
    shown + "`"
}

/// What the steps ask for: a word when they spell one.
fn expected(steps: &[Instruction]) -> String {
    let word: String = steps.iter().map_while(letter).take(SHOWN).collect();
    if !word.is_empty() {
        return raw(&word);
    }
    match steps.first() {
        Some(Instruction::One(one) | Instruction::Run { one, .. }) => one_of(one),
        Some(Instruction::Match) => "the end of the text".to_owned(),
        Some(Instruction::LineBreak) => "a line break".to_owned(),
        Some(Instruction::Backref(group, _)) => format!("what group {group} took"),
        Some(Instruction::Assert(_)) => "another place (an anchor or a boundary)".to_owned(),
        _ => "something else".to_owned(),
    }
}

fn letter(step: &Instruction) -> Option<char> {
    match step {
        Instruction::One(One::Char(c)) => char::from_u32(*c),
        _ => None,
    }
}

fn one_of(one: &One) -> String {
    match one {
        One::Char(c) => raw(char::from_u32(*c).unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut [0; 4])),
        One::Set(set) => class(set),
    }
}

/// A set in the words of its shape.
fn class(set: &CharSet) -> String {
    // `.`: everything but line breaks.
    let breaks: Vec<u32> = [0x0A, 0x0D, 0x85, 0x2028, 0x2029].into_iter().filter(|&c| !set.contains(c)).collect();
    let taken = set.ranges().iter().map(|(from, to)| u64::from(to - from) + 1).sum::<u64>();
    if !breaks.is_empty() && taken + breaks.len() as u64 >= 0x11_0000 - 0x800 {
        return "`.` (anything but a line break)".to_owned();
    }
    let mut shown = String::from("[");
    for (i, &(from, to)) in set.ranges().iter().enumerate() {
        if i == RANGES {
            shown.push('…');
            break;
        }
        for (c, sign) in [(from, ""), (to, "-")] {
            if sign.is_empty() || to > from {
                shown.push_str(if to == from + 1 { "" } else { sign });
                shown.extend(char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER).escape_debug());
            }
        }
    }
    shown.push(']');
    shown
}

#[cfg(test)]
mod tests {
    use super::{Mismatch, Pattern};

    /// A pattern, a text, and what is told.
    const TOLD: &[(&str, &str, &str)] = &[
        (
            ".*Bad.*",
            "Error:\nBad id",
            r#"after 6 characters (`Error:`) it expects `Bad`, but finds `\nBad id`, which `.` (anything but a line break) does not match; this would match: (?s).*Bad.*"#,
        ),
        (
            "Not found",
            "Error: Not found",
            r#"at the start of the text it expects `Not found`, but finds `Error: Not found`; this would match: .*Not found"#,
        ),
        (
            ".*Not found",
            "Not found: 7",
            r#"after 9 characters (`Not found`) it expects the end of the text, but finds `: 7`; this would match: .*Not found.*"#,
        ),
        (
            r#".*"status": 502.*"#,
            r#"{"status":502}"#,
            r#"after 10 characters (`{"status":`) it expects ` 502`, but finds `502}`; this would match: .*"status":\s*502.*"#,
        ),
        (
            r".*\\[404\\].*",
            "[404] gone",
            r#"after 10 characters (`[404] gone`) it expects `\`, but the text ends; this would match: .*\[404\].*"#,
        ),
        (
            "[Conflict]",
            "[Conflict]",
            r#"at the start of the text it expects [Ccfilno…], but finds `[Conflict]`; this would match: \[Conflict\]"#,
        ),
        (
            "/not found/i",
            "Not found",
            r#"at the start of the text it expects `/not found/i`, but finds `Not found`; this would match: (?i)not found"#,
        ),
        (
            "error.*",
            "ERROR 5",
            r#"at the start of the text it expects `error`, but finds `ERROR 5`; this would match: (?i)error.*"#,
        ),
        (
            r#"^"A .* is required."$"#,
            "A name is required.",
            r#"at the start of the text it expects `"A `, but finds `A name is required.`; this would match: ^A .* is required.$"#,
        ),
        (r"\d{3}", "12", r#"after 2 characters (`12`) it expects [0-9], but the text ends"#),
        ("4..", "", r#"at the start of the text it expects `4`, but the text ends"#),
        ("ab", "ac", r#"after 1 character (`a`) it expects `b`, but finds `c`"#),
        ("(a|b)*c", "abab", r#"after 4 characters (`abab`) it expects `c`, but the text ends"#),
        (
            ".*é.*",
            "caf\u{e9}\n",
            r#"after 4 characters (`café`) it expects the end of the text, but finds `\n`, which `.` (anything but a line break) does not match; this would match: (?s).*é.*"#,
        ),
    ];

    #[test]
    fn why_patterns_do_not_match() {
        for (pattern, text, told) in TOLD {
            let pattern = Pattern::compile(pattern).expect("a pattern");
            let mismatch = Mismatch::of(&pattern, text).map(|mismatch| mismatch.to_string());
            assert_eq!(mismatch.as_deref(), Some(*told), "{}", pattern.source());
        }
        let pattern = Pattern::compile("a.*").expect("a pattern");
        assert_eq!(Mismatch::of(&pattern, "abc"), None);
    }

    /// Nothing takes long, whatever the pattern.
    #[test]
    fn a_pattern_that_explodes_is_told_as_far_as_it_came() {
        let pattern = Pattern::compile(r"(.*)*(.*)*(.*)*\1\2\3!").expect("a pattern");
        assert!(Mismatch::of(&pattern, &"ab".repeat(40)).is_some());
    }
}
