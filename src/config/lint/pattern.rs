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
    if let Some(regex) = javascript(pattern) {
        let message =
            format!("`{pattern}` is JavaScript's way to write a pattern: the slashes are text here; `{regex}`");
        report.warning(&text.place, "pattern-literal", message);
    } else if let Some(escape) = doubled_backslash(pattern) {
        let message = format!(
            "`{escape}` is a backslash as a text and what follows it: in single quotes and in block texts one backslash is enough, `{}`",
            &escape[1..]
        );
        report.warning(&text.place, "pattern-backslash", message);
    } else if let Some((seen, meant)) = star(pattern) {
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

/// Why no text of use matches a pattern that a token must match as a whole.
pub(crate) fn why_unmatched(pattern: &str) -> Option<String> {
    if let Some(regex) = javascript(pattern) {
        return Some(format!("the slashes of `{pattern}` are text; `{regex}` is the pattern"));
    }
    if let Some(escape) = doubled_backslash(pattern) {
        return Some(format!("`{escape}` is a backslash as a text; `{}` is meant", &escape[1..]));
    }
    if let Some((seen, meant)) = star(pattern) {
        return Some(format!("`{pattern}`: `*` repeats the `{seen}` before it; `{meant}` matches any text there"));
    }
    if let Some(rest) = behind_the_end(pattern) {
        return Some(format!("`{pattern}`: nothing stands behind the end that `$` asks for, `{rest}` neither"));
    }
    let bare = pattern.trim_start_matches('^').trim_end_matches('$');
    let is_plain = !bare.is_empty() && !has_syntax(bare);
    is_plain.then(|| format!("`{pattern}` matches the token `{bare}` alone; `{bare}.*` is what begins so"))
}

/// What must stand behind a `$`, outside of any group and class.
fn behind_the_end(pattern: &str) -> Option<&str> {
    let plain = pattern.find(['\\', '[', '(', '|']).map_or(pattern, |at| &pattern[..at]);
    let end = plain.find('$')?;
    let rest = &pattern[end + 1..];
    let is_text = rest.starts_with(|c: char| c.is_alphanumeric() || c == ' ' || c == '.');
    let may_be_absent = rest.chars().nth(1).is_some_and(|c| matches!(c, '*' | '?' | '{'));
    (is_text && !may_be_absent && !rest.contains('|')).then_some(rest)
}

/// A pattern must match the whole of an `errorMessage`, line breaks included: API Gateway's documentation says so, and yet shows
/// `Invalid*` as an example, which others have found not to work.
fn message_pattern(text: &Text, pattern: &str, report: &Report) {
    let place = &text.place;
    let bare = pattern.trim_start_matches('^').trim_end_matches('$');
    let plain = !has_syntax(bare);
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
    } else if let Some(meant) = json_blank(pattern) {
        let message = format!(
            "the blank behind the colon is Python's way to write JSON; `JSON.stringify` writes none: `{meant}` takes both"
        );
        report.note(place, "pattern-blank", message);
    } else if bare == ".+" {
        let message = "`.+` does not match a message with a line break; `(\\n|.)+` does".to_owned();
        report.note(place, "pattern-newline", message);
    }
}

/// Whether anything in it means more than itself.
fn has_syntax(pattern: &str) -> bool {
    pattern.bytes().any(|b| matches!(b, b'.' | b'*' | b'+' | b'?' | b'[' | b'(' | b'{' | b'|' | b'\\'))
}

/// `Internal*`: a `*` after a word. Gives the repeated letter and what was meant.
fn star(pattern: &str) -> Option<(char, String)> {
    let (before, after) = pattern.split_at(pattern.find('*')?);
    let mut last = before.chars().rev();
    let repeated = last.next().filter(|c| c.is_alphanumeric())?;
    last.next().filter(|c| c.is_alphanumeric())?;
    // Inside a set or a group a single letter with a star is an author's who knows what it does.
    let inside = last.find(|c| matches!(c, '[' | ']' | '(' | ')')).is_some_and(|c| matches!(c, '[' | '('));
    (!inside).then(|| (repeated, format!("{before}.{after}")))
}

/// A word or a status in brackets, anywhere: `[BadRequest].*`, `.*[404].*`, `[Conflict]*`. Letters that stand for a set are
/// in order, or each in both cases.
fn class(pattern: &str) -> Option<&str> {
    let mut rest = pattern;
    while let Some(start) = open_bracket(rest) {
        let end = start + 1 + rest[start + 1..].find(']')?;
        let set = &rest[start + 1..end];
        if is_word(set) || is_status(set) {
            return Some(&rest[start..=end]);
        }
        rest = &rest[end + 1..];
    }
    None
}

/// The first `[` that no backslash stands before.
fn open_bracket(pattern: &str) -> Option<usize> {
    let mut escaped = false;
    pattern.bytes().position(|byte| {
        let found = byte == b'[' && !escaped;
        escaped = byte == b'\\' && !escaped;
        found
    })
}

fn is_word(set: &str) -> bool {
    let bytes = set.as_bytes();
    let letters = bytes.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let plain = bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b':'));
    let in_order = bytes.windows(2).all(|pair| pair[0] < pair[1]);
    let both_cases = bytes.iter().all(|b| !b.is_ascii_alphabetic() || bytes.contains(&(b ^ 0x20)));
    letters >= 4 && plain && !in_order && !both_cases
}

/// `404`; not `345`, which is a set.
fn is_status(set: &str) -> bool {
    let is_number = set.len() == 3 && set.bytes().all(|b| b.is_ascii_digit());
    is_number && matches!(set.as_bytes()[0], b'1'..=b'5') && !set.as_bytes().windows(2).all(|pair| pair[0] < pair[1])
}

/// `/not found/i`: gives what stands between the slashes, with the flag that Java has a word for.
fn javascript(pattern: &str) -> Option<String> {
    let (regex, flags) = pattern.strip_prefix('/')?.rsplit_once('/')?;
    let is_flags = flags.len() <= 4 && flags.bytes().all(|b| b"dgimsuvy".contains(&b));
    let looks_like_path = flags.is_empty() && !regex.contains([' ', '.', '*', '+', '^', '$', '\\', '(', '[', '|']);
    if regex.is_empty() || !is_flags || looks_like_path {
        return None;
    }
    let flag = if flags.contains('i') { "(?i)" } else { "" };
    Some(format!("{flag}{regex}"))
}

/// `\\\\[`: two backslashes before what one would escape. No message has a backslash there, but for one before a quote.
fn doubled_backslash(pattern: &str) -> Option<&str> {
    let bytes = pattern.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|b| *b == b'\\')) {
        let start = at + found;
        let escaped = bytes.get(start + 1).zip(bytes.get(start + 2));
        if let Some((
            b'\\',
            b'[' | b']' | b'(' | b')' | b'{' | b'}' | b'.' | b'*' | b'+' | b'?' | b'|' | b'd' | b's' | b'w' | b'b',
        )) = escaped
        {
            return pattern.get(start..start + 3);
        }
        at = start + 2;
    }
    None
}

/// `"status": 502`: JSON with a blank; gives the pattern that takes it with and without.
fn json_blank(pattern: &str) -> Option<String> {
    let at = pattern.find("\": ")?;
    let after = &pattern[at + 3..];
    let is_value = after.starts_with(|c: char| c.is_ascii_digit() || c == '"');
    is_value.then(|| format!("{}\\s*{after}", &pattern[..at + 2]))
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
