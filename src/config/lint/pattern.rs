//! Selection patterns that do not say what their author meant.

use crate::config::definition::written::Text;
use crate::config::document::Report;
use crate::pattern::{Outcome, Pattern};

/// How much a pattern takes, as far as can be told from its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Everything.
    All,
    /// Every error message, but not the empty text of a success.
    Errors,
    /// Something.
    Some,
}

/// What a pattern takes. A success of a function is matched as the empty text: `.*` takes it (documented), `.+` does not (recorded
/// on AWS). `is_lambda`: it is matched against an error message, else against a status.
pub(crate) fn reach(pattern: &str, is_lambda: bool) -> Reach {
    let bare = pattern.trim_start_matches('^').trim_end_matches('$');
    match bare {
        ".*" | "(.*)" | "(.|\\n)*" | "(\\n|.)*" | "[\\s\\S]*" | "(?s).*" | "(.|\\n|\\r)*" => Reach::All,
        ".+" | "(.+)" | "(.|\\n)+" | "(\\n|.)+" | "[\\s\\S]+" | "(?s).+" => {
            if is_lambda {
                Reach::Errors
            } else {
                Reach::All
            }
        }
        _ => Reach::Some,
    }
}

/// Says what is unusual about a pattern: one finding at most, the most telling.
pub(crate) fn check(text: &Text, compiled: Option<&Pattern>, is_lambda: bool, report: &Report) {
    let pattern = text.value.as_str();
    if let Some((seen, meant)) = star(pattern) {
        let message = format!("`{pattern}`: `*` repeats the `{seen}` before it; `{meant}` matches any text there");
        report.warning(&text.place, "pattern-star", message);
    } else if let Some(class) = class(pattern) {
        let message = format!("`{class}` is one letter out of a set; the text is `\\{}\\]`", &class[..class.len() - 1]);
        report.warning(&text.place, "pattern-class", message);
    } else if is_lambda {
        message_pattern(text, pattern, report);
    } else if compiled.is_some_and(never_a_status) {
        let message = format!("`{pattern}` is matched against the backend's status, such as `404`: it matches none");
        report.warning(&text.place, "pattern-status", message);
    }
    for warning in compiled.map(Pattern::warnings).unwrap_or_default() {
        report.warning(&text.place, "pattern-cost", warning.clone());
    }
}

/// A pattern must match the whole of an `errorMessage`, line breaks included: API Gateway's documentation says so, and yet shows
/// `Invalid*` as an example, which others have found not to work.
fn message_pattern(text: &Text, pattern: &str, report: &Report) {
    let place = &text.place;
    let bare = pattern.trim_start_matches('^').trim_end_matches('$');
    let plain = !bare.contains(['.', '*', '+', '?', '[', '(', '{', '|', '\\']);
    if looks_like_status(bare) {
        let message = format!("`{pattern}` is matched against the function's `errorMessage`, not against a status");
        report.warning(place, "pattern-status", message);
    } else if pattern.starts_with('^') && plain && !pattern.ends_with('$') {
        let message = format!("the whole `errorMessage` must match: `{bare}.*` is what begins so");
        report.warning(place, "pattern-whole", message);
    } else if pattern.ends_with('$') && plain && !pattern.starts_with('^') {
        let message = format!("the whole `errorMessage` must match: `.*{bare}` is what ends so");
        report.warning(place, "pattern-whole", message);
    } else if plain {
        let message = format!("the whole `errorMessage` must be `{bare}`; `.*{bare}.*` is what contains it");
        report.note(place, "pattern-whole", message);
    } else if bare == ".+" {
        let message = "`.+` does not match a message with a line break; `(\\n|.)+` does".to_owned();
        report.note(place, "pattern-newline", message);
    }
}

/// `Internal*`: a `*` after a word. Gives the repeated letter and what was meant.
fn star(pattern: &str) -> Option<(char, String)> {
    let chars: Vec<char> = pattern.chars().collect();
    let at = chars.iter().position(|c| *c == '*')?;
    let word = |n: usize| at.checked_sub(n).and_then(|i| chars.get(i)).is_some_and(|c| c.is_alphanumeric());
    let escaped = at.checked_sub(2).and_then(|i| chars.get(i)) == Some(&'\\');
    // Inside a set or a group a single letter with a star is an author's who knows what it does.
    let inside = chars[..at].iter().rev().find(|c| "[]()".contains(**c)).is_some_and(|c| matches!(c, '[' | '('));
    if !word(1) || !word(2) || escaped || inside {
        return None;
    }
    let (before, after) = (&chars[..at], &chars[at..]);
    Some((chars[at - 1], before.iter().chain(&['.']).chain(after).collect()))
}

/// `[BadRequest].*`: a word in brackets at the beginning.
fn class(pattern: &str) -> Option<&str> {
    let rest = pattern.strip_prefix('^').unwrap_or(pattern);
    let end = rest.strip_prefix('[')?.find(']')?;
    let letters = &rest[1..=end];
    let word = letters.len() >= 4 && letters.chars().all(|c| c.is_ascii_alphabetic() || c == ' ');
    let repeated = rest[end + 2..].starts_with(['*', '+', '{', '?']);
    (word && !repeated && letters != "aeiou").then(|| &rest[..end + 2])
}

/// `404`, `4\d{2}`, `5..`, `[45]\d\d`
fn looks_like_status(bare: &str) -> bool {
    let first = bare.starts_with(|c: char| ('1'..='5').contains(&c)) || bare.starts_with("[45]");
    let rest = bare.trim_start_matches("[45]").trim_start_matches(|c: char| c.is_ascii_digit());
    let tails = ["", ".", "..", "\\d", "\\d\\d", "\\d{2}", "[0-9]{2}", "[0-9][0-9]", "xx", "XX"];
    first && tails.contains(&rest) && bare.len() >= 3
}

fn never_a_status(pattern: &Pattern) -> bool {
    (100u16..=599).all(|status| pattern.matches(&status.to_string()) == Outcome::NoMatch)
}
