//! The smallest of the usual changes that makes a selection pattern match: each is tried before it is told.

use super::selection::{Outcome, Pattern};

/// A longer text is not tried with other patterns.
const LONGEST: usize = 65_536;

/// A pattern that matches the text and differs by one of the usual mistakes, the smallest first.
pub(super) fn of(pattern: &Pattern, text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let source = pattern.source();
    let bases = [
        unslashed(source),
        undoubled(source),
        literal(source),
        Some(source.to_owned()),
        loose(source),
        unquoted(source),
    ];
    bases
        .into_iter()
        .flatten()
        .flat_map(wider)
        .filter(|changed| changed != source)
        .find(|changed| matches(changed, text))
}

fn matches(source: &str, text: &str) -> bool {
    // Only what is matched in linear time is tried: nothing here may take long.
    Pattern::compile(source).is_ok_and(|p| p.is_linear() && p.matches(text) == Outcome::Match)
}

/// The pattern as it is, with flags, and with more room around it.
fn wider(source: String) -> Vec<String> {
    let mut wider: Vec<String> = ["", "(?s)", "(?i)"].map(|flags| format!("{flags}{source}")).into();
    // What matches everything is no repair.
    if source.trim_matches(['.', '*']).len() > 2 {
        for flags in ["", "(?s)", "(?i)", "(?is)"] {
            wider.extend([format!("{flags}{source}.*"), format!("{flags}.*{source}"), format!("{flags}.*{source}.*")]);
        }
    }
    wider
}

/// A JavaScript literal, `/…/i`, without its slashes.
fn unslashed(source: &str) -> Option<String> {
    let (inner, flags) = source.strip_prefix('/')?.rsplit_once('/')?;
    match flags {
        "" => Some(inner.to_owned()),
        "i" => Some(format!("(?i){inner}")),
        _ => None,
    }
}

/// Backslashes that were doubled for a text in quotes and stand so in the pattern.
fn undoubled(source: &str) -> Option<String> {
    source.contains(r"\\").then(|| source.replace(r"\\", r"\"))
}

/// Brackets that mean themselves.
fn literal(source: &str) -> Option<String> {
    let plain = source.contains('[') && !source.contains('\\');
    plain.then(|| source.replace('[', r"\[").replace(']', r"\]"))
}

/// Quotes around all of it, which belong to the file that it stands in.
fn unquoted(source: &str) -> Option<String> {
    let (begin, inner) = source.strip_prefix('^').map_or(("", source), |inner| ("^", inner));
    let (inner, end) = inner.strip_suffix('$').map_or((inner, ""), |inner| (inner, "$"));
    let inner = ['"', '\''].into_iter().find_map(|quote| inner.strip_prefix(quote)?.strip_suffix(quote))?;
    Some(format!("{begin}{inner}{end}"))
}

/// Blanks behind a colon, which `JSON.stringify` does not write and Python does.
fn loose(source: &str) -> Option<String> {
    if source.contains("\": ") {
        return Some(source.replace("\": ", r#"":\s*"#));
    }
    source.contains("\":").then(|| source.replace("\":", r#"":\s*"#))
}
