//! Replacing, as `String` does it: what `$1`, `${name}` and `\` in a replacement mean.

use std::fmt;

use super::find::{Captures, Regex};

/// Java would throw an exception for this replacement, once there is a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplacementError {
    /// The exception's class.
    pub class: &'static str,
    /// What it says.
    pub message: String,
}

impl fmt::Display for ReplacementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ReplacementError {}

impl Regex {
    /// `String.replaceAll`: `$1` and `${name}` stand for groups, a backslash takes the next character as it is.
    pub fn replace_all(&self, text: &str, by: &str) -> Result<String, ReplacementError> {
        replace(self, text, by, usize::MAX)
    }

    /// `String.replaceFirst`
    pub fn replace_first(&self, text: &str, by: &str) -> Result<String, ReplacementError> {
        replace(self, text, by, 1)
    }
}

/// Replaces up to `most` matches.
fn replace(regex: &Regex, text: &str, by: &str, most: usize) -> Result<String, ReplacementError> {
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for found in regex.find_all(text).take(most) {
        out.push_str(&text[from..found.start()]);
        expand(regex, text, &found, by, &mut out)?;
        from = found.end();
    }
    out.push_str(&text[from..]);
    Ok(out)
}

fn expand(regex: &Regex, text: &str, found: &Captures, by: &str, out: &mut String) -> Result<(), ReplacementError> {
    let mut rest = by;
    while let Some(at) = rest.find(['\\', '$']) {
        out.push_str(&rest[..at]);
        let escaped = rest[at..].starts_with('\\');
        rest = &rest[at + 1..];
        if escaped {
            let Some(c) = rest.chars().next() else { return illegal("character to be escaped is missing") };
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let number = group(regex, &mut rest)?;
        if let Some((start, end)) = found.group(number) {
            out.push_str(&text[start..end]);
        }
    }
    out.push_str(rest);
    Ok(())
}

/// The number of the group that follows a `$`.
fn group(regex: &Regex, rest: &mut &str) -> Result<usize, ReplacementError> {
    if let Some(braced) = rest.strip_prefix('{') {
        let length = braced.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (name, after) = braced.split_at(length);
        let Some(after) = after.strip_prefix('}').filter(|_| !name.is_empty()) else {
            return illegal(if name.is_empty() {
                "named capturing group has 0 length name"
            } else {
                "named capturing group is missing trailing '}'"
            });
        };
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            return illegal(&format!("capturing group name {{{name}}} starts with digit character"));
        }
        *rest = after;
        return match regex.group_number(name) {
            Some(number) => Ok(number),
            None => illegal(&format!("No group with name {{{name}}}")),
        };
    }
    if rest.is_empty() {
        return illegal("Illegal group reference: group index is missing");
    }
    let mut digits = rest.bytes().map_while(|b| char::from(b).to_digit(10)).map(|digit| digit as usize);
    let Some(mut number) = digits.next() else { return illegal("Illegal group reference") };
    if number > regex.group_count() {
        return Err(ReplacementError { class: "IndexOutOfBoundsException", message: format!("No group {number}") });
    }
    let mut length = 1;
    for digit in digits {
        // As many digits as still name a group that exists.
        if number * 10 + digit > regex.group_count() {
            break;
        }
        number = number * 10 + digit;
        length += 1;
    }
    *rest = &rest[length..];
    Ok(number)
}

fn illegal<T>(message: &str) -> Result<T, ReplacementError> {
    Err(ReplacementError { class: "IllegalArgumentException", message: message.to_owned() })
}
