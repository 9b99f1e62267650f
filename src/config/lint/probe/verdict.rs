//! What was printed, read as JSON, with the texts that do not stand well in it.

use serde::de::IgnoredAny;

use super::marks::{Kind, Mark, Marks};

/// How a text stands wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// In a JSON string, as it came.
    Unescaped,
    /// In a JSON string, with an apostrophe escaped, which JSON does not know.
    Apostrophe,
    /// JSON in quotes.
    JsonInQuotes,
}

/// What a template printed.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Whether it is JSON, the texts aside.
    pub is_json: bool,
    /// Whether it begins like an object or a list.
    pub looks_like_json: bool,
    /// Each text that stands wrong, once.
    pub faults: Vec<(Fault, Mark)>,
}

/// Walks through what was printed: outside of strings a text counts as a value, inside it has to be escaped.
pub(super) fn judge(printed: &str, marks: &Marks) -> Verdict {
    let mut verdict = Verdict { looks_like_json: printed.trim_start().starts_with(['{', '[']), ..Verdict::default() };
    let (mut bare, mut rest, mut in_string) = (String::with_capacity(printed.len()), printed, false);
    let mut before = 0;
    while let Some(c) = rest.chars().next() {
        if let Some((mark, inside, length)) = marks.find(rest) {
            if !in_string {
                bare.push('1');
            } else if let Some(fault) = fault(inside, mark.kind)
                && !verdict.faults.iter().any(|(f, m)| *f == fault && *m == mark)
            {
                verdict.faults.push((fault, mark));
            }
            rest = &rest[length..];
            continue;
        }
        let mut length = c.len_utf8();
        match c {
            '"' => {
                in_string = !in_string;
                // Names with an apostrophe are nobody's, and frameworks' own templates leave them so.
                if !in_string && rest[1..].trim_start().starts_with(':') {
                    let mut n = 0;
                    verdict.faults.retain(|(fault, _)| {
                        n += 1;
                        n <= before || *fault != Fault::Apostrophe
                    });
                }
                before = verdict.faults.len();
            }
            '\\' if in_string => length += rest[length..].chars().next().map_or(0, char::len_utf8),
            _ => {}
        }
        bare.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    verdict.is_json = serde_json::from_str::<IgnoredAny>(&bare).is_ok();
    verdict
}

/// What is wrong with a text in a JSON string.
fn fault(inside: &str, kind: Kind) -> Option<Fault> {
    let mut chars = inside.chars();
    let mut apostrophe = false;
    while let Some(c) = chars.next() {
        match c {
            '"' if kind == Kind::Json => return Some(Fault::JsonInQuotes),
            '"' | '\0'..='\x1F' => return Some(Fault::Unescaped),
            '\\' => apostrophe |= chars.next() == Some('\''),
            _ => {}
        }
    }
    apostrophe.then_some(Fault::Apostrophe)
}
