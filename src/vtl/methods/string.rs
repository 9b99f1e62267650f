//! `java.lang.String`, its static methods included. Lengths and indexes count UTF-16 units, as in Java.

use super::answer::Returned;
use super::arguments::{
    collection, give, give_bool, give_int, give_list, give_text, null_pointer, out_of_bounds, throw,
};
use super::character::{compare_units, is_whitespace, single_lower, single_upper};
use super::class::class;
use super::{format, regex};
use crate::value::{ListKind, Text, Value, print, print::LONGEST, utf16};

pub(super) fn call(text: &Text, name: &str, arguments: &[Value]) -> Returned {
    let answer = match arguments {
        [] => without(text, name),
        [one] => with_one(text, name, one),
        [one, two] => with_two(text, name, one, two),
        _ => None,
    };
    answer.or_else(|| with_any(text, name, arguments)).or_else(|| with_null(name, arguments))
}

fn without(text: &Text, name: &str) -> Returned {
    match name {
        "length" => give_int(utf16::length(text) as i32),
        "isEmpty" => give_bool(text.is_empty()),
        "isBlank" => give_bool(text.chars().all(is_whitespace)),
        "trim" => give_text(text.trim_matches(|c| c <= ' ')),
        "strip" => give_text(text.trim_matches(is_whitespace)),
        "stripLeading" => give_text(text.trim_start_matches(is_whitespace)),
        "stripTrailing" => give_text(text.trim_end_matches(is_whitespace)),
        "toLowerCase" => give_text(text.to_lowercase()),
        "toUpperCase" => give_text(text.to_uppercase()),
        "toString" | "intern" => give(Value::Str(text.clone())),
        "toCharArray" => give_list(ListKind::Array, text.encode_utf16().map(Value::Char).collect()),
        "getBytes" => give_list(ListKind::Array, text.bytes().map(|b| Value::Int(i32::from(b as i8))).collect()),
        "hashCode" => give_int(crate::value::hash::hash_text(text)),
        "translateEscapes" => translate_escapes(text),
        "stripIndent" => give_text(strip_indent(text)),
        _ => None,
    }
}

fn with_one(text: &Text, name: &str, argument: &Value) -> Returned {
    match argument {
        Value::Str(other) => with_text(text, name, other),
        Value::Int(n) => with_int(text, name, *n),
        _ => None,
    }
}

fn with_text(text: &str, name: &str, other: &Text) -> Returned {
    match name {
        "contains" => give_bool(text.contains(&**other)),
        "startsWith" => give_bool(text.starts_with(&**other)),
        "endsWith" => give_bool(text.ends_with(&**other)),
        "equals" | "contentEquals" => give_bool(*text == **other),
        "equalsIgnoreCase" => give_bool(equals_ignoring_case(text, other)),
        "compareTo" => give_int(compare_units(text, other)),
        "compareToIgnoreCase" => give_int(compare_ignoring_case(text, other)),
        "concat" => concat(text, other),
        "indexOf" => give_int(text.find(&**other).map_or(-1, |at| utf16::unit_offset(text, at) as i32)),
        "lastIndexOf" => give_int(text.rfind(&**other).map_or(-1, |at| utf16::unit_offset(text, at) as i32)),
        "matches" => regex::matches(text, other),
        "split" => regex::split(text, other, 0),
        "valueOf" => give(Value::Str(other.clone())),
        "getBytes" => give_list(ListKind::Array, text.bytes().map(|b| Value::Int(i32::from(b as i8))).collect()),
        _ => None,
    }
}

fn with_int(text: &str, name: &str, n: i32) -> Returned {
    let length = utf16::length(text);
    let inside = usize::try_from(n).ok().filter(|n| *n < length);
    match name {
        "charAt" => match inside.and_then(|n| utf16::unit(text, n)) {
            Some(unit) => give(Value::Char(unit)),
            None => out_of_bounds("StringIndexOutOfBoundsException", n, length),
        },
        "codePointAt" | "codePointBefore" => {
            let index = if name == "codePointAt" { n } else { n.wrapping_sub(1) };
            code_point(text, index, name == "codePointBefore")
        }
        "substring" => match usize::try_from(n) {
            Ok(from) if from <= length => give_text(utf16::slice(text, from, length)),
            _ => out_of_bounds("StringIndexOutOfBoundsException", n, length),
        },
        "indexOf" => give_int(index_of_char(text, n, 0)),
        "lastIndexOf" => give_int(last_index_of_char(text, n, length as i32)),
        "repeat" if n < 0 => throw("IllegalArgumentException", format!("count is negative: {n}")),
        "repeat" if text.len().saturating_mul(n as usize) > LONGEST => {
            throw("OutOfMemoryError", "the text is too long")
        }
        "repeat" => give_text(text.repeat(n as usize)),
        "indent" => indent(text, n),
        "valueOf" => give_text(n.to_string()),
        _ => None,
    }
}

fn with_two(text: &Text, name: &str, one: &Value, two: &Value) -> Returned {
    use Value::{Char, Int, Str};
    let length = utf16::length(text);
    match (name, one, two) {
        ("substring" | "subSequence", Int(from), Int(to)) => part(text, *from, *to, length),
        ("replace", Str(from), Str(to)) => replace(text, from, to),
        ("replace", Char(from), Char(to)) => {
            let units: Vec<u16> = text.encode_utf16().map(|u| if u == *from { *to } else { u }).collect();
            give_text(utf16::to_string(&units))
        }
        ("replaceAll", Str(pattern), Str(by)) => regex::replace(text, pattern, by, true),
        ("replaceFirst", Str(pattern), Str(by)) => regex::replace(text, pattern, by, false),
        ("split", Str(pattern), Int(limit)) => regex::split(text, pattern, *limit),
        ("startsWith", Str(other), Int(from)) => give_bool(starts_at(text, other, *from)),
        ("indexOf", Str(other), Int(from)) => give_int(index_of(text, other, *from)),
        ("indexOf", Int(c), Int(from)) => give_int(index_of_char(text, *c, *from)),
        ("lastIndexOf", Str(other), Int(from)) => give_int(last_index_of(text, other, *from)),
        ("lastIndexOf", Int(c), Int(from)) => give_int(last_index_of_char(text, *c, *from)),
        ("codePointCount", Int(from), Int(to)) => match bounds(*from, *to, length) {
            Some((from, to)) => give_int(utf16::slice(text, from, to).chars().count() as i32),
            None => out_of_bounds("IndexOutOfBoundsException", *from, length),
        },
        ("offsetByCodePoints", Int(from), Int(by)) => offset_by_code_points(text, *from, *by),
        ("compare", Str(a), Str(b)) => give_int(compare_units(a, b)),
        _ => None,
    }
}

/// Methods that take any object, or any number of them.
fn with_any(text: &Text, name: &str, arguments: &[Value]) -> Returned {
    match (name, arguments) {
        ("equals", [_]) => give_bool(false),
        ("compareTo", [_]) => throw("ClassCastException", "not a String"),
        ("valueOf" | "copyValueOf", [Value::List(list)]) if is_chars(list) => chars_to_text(list, 0, None),
        ("valueOf" | "copyValueOf", [Value::List(list), Value::Int(from), Value::Int(count)]) if is_chars(list) => {
            chars_to_text(list, *from, Some(*count))
        }
        ("valueOf", [value]) => Some(print::text(value).map(Value::from)),
        ("format", [Value::Str(pattern), rest @ ..]) => format::format(pattern, &spread(rest)),
        ("formatted", rest) => format::format(text, &spread(rest)),
        ("join", [Value::Str(separator), rest @ ..]) => join(separator, rest),
        ("regionMatches", [Value::Int(at), Value::Str(other), Value::Int(from), Value::Int(count)]) => {
            give_bool(region_matches(text, *at, other, *from, *count, false))
        }
        (
            "regionMatches",
            [Value::Bool(ignoring), Value::Int(at), Value::Str(other), Value::Int(from), Value::Int(count)],
        ) => give_bool(region_matches(text, *at, other, *from, *count, *ignoring)),
        _ => None,
    }
}

/// Null where a method takes a String: it fails, but for those that expect it.
fn with_null(name: &str, arguments: &[Value]) -> Returned {
    let one = matches!(arguments, [Value::Null]);
    match name {
        "equalsIgnoreCase" if one => give_bool(false),
        "contains"
        | "startsWith"
        | "endsWith"
        | "concat"
        | "matches"
        | "split"
        | "indexOf"
        | "lastIndexOf"
        | "compareToIgnoreCase"
        | "contentEquals"
            if one =>
        {
            null_pointer()
        }
        "replace" | "replaceAll" | "replaceFirst" => match arguments {
            [Value::Null | Value::Str(_), Value::Null | Value::Str(_)] => null_pointer(),
            _ => None,
        },
        _ => None,
    }
}

fn concat(text: &str, other: &str) -> Returned {
    let mut joined = String::with_capacity(text.len() + other.len());
    joined.push_str(text);
    joined.push_str(other);
    give_text(joined)
}

fn replace(text: &str, from: &str, to: &str) -> Returned {
    let found = if from.is_empty() { text.len() + 1 } else { text.matches(from).count() };
    if found.saturating_mul(to.len()).saturating_add(text.len()) > LONGEST {
        return throw("OutOfMemoryError", "the text is too long");
    }
    give_text(text.replace(from, to))
}

fn bounds(from: i32, to: i32, length: usize) -> Option<(usize, usize)> {
    let (from, to) = (usize::try_from(from).ok()?, usize::try_from(to).ok()?);
    (from <= to && to <= length).then_some((from, to))
}

fn part(text: &str, from: i32, to: i32, length: usize) -> Returned {
    match bounds(from, to, length) {
        Some((from, to)) => give_text(utf16::slice(text, from, to)),
        None => throw("StringIndexOutOfBoundsException", format!("begin {from}, end {to}, length {length}")),
    }
}

fn starts_at(text: &str, other: &str, from: i32) -> bool {
    region_matches(text, from, other, 0, utf16::length(other) as i32, false)
}

/// The byte offset where a search from that unit begins, and nothing beyond the end.
fn search_start(text: &str, from: i32) -> usize {
    let from = usize::try_from(from).unwrap_or(0);
    if from >= utf16::length(text) {
        return text.len();
    }
    // From inside a character: the search goes on behind it.
    utf16::byte_offset(text, from).or_else(|| utf16::byte_offset(text, from + 1)).unwrap_or(text.len())
}

fn index_of(text: &str, other: &str, from: i32) -> i32 {
    let start = search_start(text, from);
    text[start..].find(other).map_or(-1, |at| utf16::unit_offset(text, start + at) as i32)
}

fn last_index_of(text: &str, other: &str, from: i32) -> i32 {
    if from < 0 {
        return -1;
    }
    let end = search_start(text, from).saturating_add(other.len()).min(text.len());
    let end = (end..=text.len()).find(|n| text.is_char_boundary(*n)).unwrap_or(text.len());
    text[..end].rfind(other).map_or(-1, |at| utf16::unit_offset(text, at) as i32)
}

fn units_of(c: i32) -> Option<Vec<u16>> {
    match u16::try_from(c) {
        Ok(unit) => Some(vec![unit]),
        Err(_) => char::from_u32(c as u32).map(|c| c.encode_utf16(&mut [0; 2]).to_vec()),
    }
}

fn index_of_char(text: &str, c: i32, from: i32) -> i32 {
    let Some(wanted) = units_of(c) else { return -1 };
    let units: Vec<u16> = text.encode_utf16().collect();
    let from = usize::try_from(from).unwrap_or(0);
    let found = (from..units.len()).find(|at| units[*at..].starts_with(&wanted));
    found.map_or(-1, |at| at as i32)
}

fn last_index_of_char(text: &str, c: i32, from: i32) -> i32 {
    let (Some(wanted), Ok(from)) = (units_of(c), usize::try_from(from)) else { return -1 };
    let units: Vec<u16> = text.encode_utf16().collect();
    let found = (0..units.len()).rev().filter(|at| *at <= from).find(|at| units[*at..].starts_with(&wanted));
    found.map_or(-1, |at| at as i32)
}

fn code_point(text: &str, index: i32, backwards: bool) -> Returned {
    let units: Vec<u16> = text.encode_utf16().collect();
    let Some(at) = usize::try_from(index).ok().filter(|n| *n < units.len()) else {
        return out_of_bounds("StringIndexOutOfBoundsException", index, units.len());
    };
    let pair = at > 0 && utf16::is_low(units[at]) && utf16::is_high(units[at - 1]);
    give_int(match backwards {
        true if pair => utf16::code_point(&units, at - 1) as i32,
        true => i32::from(units[at]),
        false => utf16::code_point(&units, at) as i32,
    })
}

fn offset_by_code_points(text: &str, from: i32, by: i32) -> Returned {
    let units: Vec<u16> = text.encode_utf16().collect();
    let Some(mut at) = usize::try_from(from).ok().filter(|n| *n <= units.len()) else {
        return out_of_bounds("IndexOutOfBoundsException", from, units.len());
    };
    let is_pair = |at: usize| {
        units.get(at).is_some_and(|u| utf16::is_high(*u)) && units.get(at + 1).is_some_and(|u| utf16::is_low(*u))
    };
    for _ in 0..by.unsigned_abs() {
        let end = if by > 0 { units.len() } else { 0 };
        if at == end {
            return out_of_bounds("IndexOutOfBoundsException", by, units.len());
        }
        if by > 0 {
            at += if is_pair(at) { 2 } else { 1 };
        } else {
            at -= if at >= 2 && is_pair(at - 2) { 2 } else { 1 };
        }
    }
    give_int(at as i32)
}

/// Case as `equalsIgnoreCase` ignores it: character by character, through upper and lower case.
fn folded(text: &str) -> String {
    text.chars().map(|c| single_lower(single_upper(c))).collect()
}

/// Two texts beyond Latin-1 are compared by characters, others by units, as Java stores them.
fn compare_ignoring_case(a: &str, b: &str) -> i32 {
    let is_latin = |text: &str| text.chars().all(|c| c <= '\u{FF}');
    let (left, right) = (folded(a), folded(b));
    if is_latin(a) || is_latin(b) {
        return compare_units(&left, &right);
    }
    match left.chars().zip(right.chars()).find(|(x, y)| x != y) {
        Some((x, y)) => x as i32 - y as i32,
        None => utf16::length(a) as i32 - utf16::length(b) as i32,
    }
}

fn equals_ignoring_case(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() { a.eq_ignore_ascii_case(b) } else { folded(a) == folded(b) }
}

fn region_matches(text: &str, at: i32, other: &str, from: i32, count: i32, ignoring: bool) -> bool {
    let (units, others): (Vec<u16>, Vec<u16>) = (text.encode_utf16().collect(), other.encode_utf16().collect());
    let room = |units: &[u16], at: i32| at >= 0 && i64::from(at) <= units.len() as i64 - i64::from(count);
    if count <= 0 {
        return room(&units, at) && room(&others, from);
    }
    let slice = |units: &[u16], at: i32| {
        let at = usize::try_from(at).ok()?;
        Some(utf16::to_string(units.get(at..at.checked_add(count as usize)?)?))
    };
    match (slice(&units, at), slice(&others, from)) {
        (Some(a), Some(b)) if ignoring => equals_ignoring_case(&a, &b),
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

fn is_chars(list: &crate::value::List) -> bool {
    list.kind() == ListKind::Array && matches!(list.items().borrow().first(), Some(Value::Char(_)))
}

fn chars_to_text(list: &crate::value::List, from: i32, count: Option<i32>) -> Returned {
    let items = list.items().borrow();
    let units: Vec<u16> =
        items.iter().filter_map(|item| if let Value::Char(unit) = item { Some(*unit) } else { None }).collect();
    let to = count.map_or(units.len() as i32, |count| from.saturating_add(count));
    match bounds(from, to, units.len()) {
        Some((from, to)) => give_text(utf16::to_string(&units[from..to])),
        None => out_of_bounds("StringIndexOutOfBoundsException", from, units.len()),
    }
}

/// A single array stands for the arguments themselves; null alone too.
fn spread(arguments: &[Value]) -> Vec<Value> {
    match arguments {
        [Value::List(list)] if list.kind() == ListKind::Array => list.items().borrow().clone(),
        _ => arguments.to_vec(),
    }
}

fn join(separator: &str, rest: &[Value]) -> Returned {
    let parts = match rest {
        [Value::List(list)] if list.kind() == ListKind::Array => list.items().borrow().clone(),
        [one] if collection(one).is_some() => collection(one)?,
        _ if rest.iter().all(|part| matches!(part, Value::Str(_))) => rest.to_vec(),
        _ => return None,
    };
    let mut joined = String::new();
    for (n, part) in parts.iter().enumerate() {
        if n > 0 {
            joined.push_str(separator);
        }
        match part {
            Value::Str(text) => joined.push_str(text),
            Value::Null => joined.push_str("null"),
            other => return throw("ClassCastException", format!("a {} is no CharSequence", class(other))),
        }
        if joined.len() > LONGEST {
            return throw("OutOfMemoryError", "the text is too long");
        }
    }
    give_text(joined)
}

/// The lines, without their ends.
fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        lines.push(&rest[..end]);
        let after = &rest[end..];
        rest = after.strip_prefix("\r\n").or_else(|| after.strip_prefix(['\n', '\r'])).unwrap_or("");
    }
    lines
}

fn indent(text: &str, by: i32) -> Returned {
    let pad = usize::try_from(by).unwrap_or(0);
    let lines = lines(text);
    if lines.len().saturating_mul(pad) > LONGEST {
        return throw("OutOfMemoryError", "the text is too long");
    }
    let mut out = String::new();
    for line in lines {
        if by > 0 {
            out.push_str(&" ".repeat(pad));
            out.push_str(line);
        } else {
            let most = by.unsigned_abs() as usize;
            let white = line.chars().take_while(|c| is_whitespace(*c)).take(most);
            out.push_str(&line[white.map(char::len_utf8).sum::<usize>()..]);
        }
        out.push('\n');
    }
    give_text(out)
}

fn strip_indent(text: &str) -> String {
    let mut all = lines(text);
    if text.ends_with(['\n', '\r']) {
        all.push("");
    }
    let blank = |line: &str| line.chars().all(is_whitespace);
    let last = all.len().saturating_sub(1);
    let counted = all.iter().enumerate().filter(|(n, line)| *n == last || !blank(line));
    let margin = counted.map(|(_, line)| line.chars().take_while(|c| is_whitespace(*c)).count()).min().unwrap_or(0);
    let strip = |line: &&str| {
        if blank(line) {
            return String::new();
        }
        line.chars().skip(margin).collect::<String>().trim_end_matches(is_whitespace).to_owned()
    };
    all.iter().map(strip).collect::<Vec<_>>().join("\n")
}

fn translate_escapes(text: &str) -> Returned {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{C}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('s') => out.push(' '),
            Some('t') => out.push('\t'),
            Some(c @ ('\'' | '"' | '\\')) => out.push(c),
            Some(first @ '0'..='7') => {
                let most = if first <= '3' { 2 } else { 1 };
                let mut code = first as u32 - '0' as u32;
                for _ in 0..most {
                    match chars.peek().and_then(|c| c.to_digit(8)) {
                        Some(digit) => code = code * 8 + digit,
                        None => break,
                    }
                    chars.next();
                }
                out.push(char::from_u32(code).unwrap_or('?'));
            }
            Some('\n') => {}
            Some('\r') => {
                chars.next_if_eq(&'\n');
            }
            _ => return throw("IllegalArgumentException", "Invalid escape sequence"),
        }
    }
    give_text(out)
}
