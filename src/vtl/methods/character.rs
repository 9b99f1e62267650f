//! `java.lang.Character`, its static methods included.

use super::answer::Returned;
use super::arguments::{give, give_bool, give_int, give_text, throw};
use crate::value::{Value, print, utf16};

pub(super) fn call(c: u16, name: &str, arguments: &[Value]) -> Returned {
    use Value::{Char, Int};
    match (name, arguments) {
        ("charValue", []) => give(Char(c)),
        ("compareTo", [Char(other)]) => give_int(i32::from(c) - i32::from(*other)),
        ("compareTo", [_]) => throw("ClassCastException", "not a Character"),
        ("compare", [Char(x), Char(y)]) => give_int(i32::from(*x) - i32::from(*y)),
        ("valueOf", [Char(x)]) => give(Char(*x)),
        ("hashCode", [Char(x)]) => give_int(i32::from(*x)),
        ("toString", [x @ Char(_)]) => Some(print::text(x).map(Value::from)),
        ("toString", [Int(x)]) => match char::from_u32(*x as u32) {
            Some(c) => give_text(c.to_string()),
            None => throw("IllegalArgumentException", "not a code point"),
        },
        ("forDigit", [Int(digit), Int(radix)]) => give(Char(for_digit(*digit, *radix))),
        ("digit", [x, Int(radix)]) => give_int(digit(char_of(x)?, *radix)),
        ("isSurrogatePair", [Char(x), Char(y)]) => give_bool(utf16::is_high(*x) && utf16::is_low(*y)),
        ("toCodePoint", [Char(x), Char(y)]) => give_int(utf16::code_point(&[*x, *y], 0) as i32),
        ("charCount", [Int(x)]) => give_int(if *x >= 0x1_0000 { 2 } else { 1 }),
        ("isHighSurrogate", [Char(x)]) => give_bool(utf16::is_high(*x)),
        ("isLowSurrogate", [Char(x)]) => give_bool(utf16::is_low(*x)),
        ("isSurrogate", [Char(x)]) => give_bool(utf16::is_high(*x) || utf16::is_low(*x)),
        ("isValidCodePoint", [Int(x)]) => give_bool((0..=0x10_FFFF).contains(x)),
        ("isBmpCodePoint", [Int(x)]) => give_bool((0..=0xFFFF).contains(x)),
        ("isSupplementaryCodePoint", [Int(x)]) => give_bool((0x1_0000..=0x10_FFFF).contains(x)),
        ("reverseBytes", [Char(x)]) => give(Char(x.swap_bytes())),
        ("toUpperCase" | "toLowerCase" | "toTitleCase", [x]) => change_case(name, x),
        ("getNumericValue", [x]) => give_int(numeric_value(char_of(x)?)),
        (_, [x]) => classify(name, char_of(x)?).and_then(give_bool),
        _ => None,
    }
}

/// A `char` or `int` parameter as a character; half a character is none of any class.
fn char_of(value: &Value) -> Option<char> {
    let code = match value {
        Value::Char(c) => u32::from(*c),
        Value::Int(n) => *n as u32,
        _ => return None,
    };
    Some(char::from_u32(code).unwrap_or('\u{FFFF}'))
}

fn classify(name: &str, c: char) -> Option<bool> {
    Some(match name {
        "isDigit" => c.is_numeric() && is_decimal_digit(c),
        "isLetter" => c.is_alphabetic() && !c.is_numeric(),
        "isAlphabetic" => c.is_alphabetic(),
        "isLetterOrDigit" => (c.is_alphabetic() && !c.is_numeric()) || is_decimal_digit(c),
        "isUpperCase" => c.is_uppercase(),
        "isLowerCase" => c.is_lowercase(),
        "isWhitespace" => is_whitespace(c),
        "isSpaceChar" => c == ' ' || (c.is_whitespace() && c > '\u{85}') || c == '\u{A0}',
        "isSpace" => matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{C}'),
        "isISOControl" => c.is_control(),
        "isJavaIdentifierStart" | "isJavaLetter" => c.is_alphabetic() || matches!(c, '_' | '$'),
        "isJavaIdentifierPart" | "isJavaLetterOrDigit" => c.is_alphanumeric() || matches!(c, '_' | '$'),
        "isDefined" => c != '\u{FFFF}',
        _ => return None,
    })
}

/// `Character.isWhitespace`: no non-breaking space, but the separators U+001C to U+001F.
pub(super) fn is_whitespace(c: char) -> bool {
    match c {
        '\u{A0}' | '\u{2007}' | '\u{202F}' | '\u{85}' => false,
        '\u{1C}'..='\u{1F}' => true,
        _ => c.is_whitespace(),
    }
}

fn is_decimal_digit(c: char) -> bool {
    crate::value::number::digit(c, 10).is_some() && !c.is_ascii_alphabetic()
}

/// `Character.toUpperCase`: a character that would become several stays as it is.
pub(super) fn single_upper(c: char) -> char {
    let mut mapped = c.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// `Character.toLowerCase`
pub(super) fn single_lower(c: char) -> char {
    // The only one that becomes two.
    if c == 'İ' {
        return 'i';
    }
    c.to_lowercase().next().unwrap_or(c)
}

fn change_case(name: &str, value: &Value) -> Returned {
    let c = char_of(value)?;
    let c = if name == "toLowerCase" { single_lower(c) } else { single_upper(c) };
    match value {
        Value::Char(unit) if char::from_u32(u32::from(*unit)).is_none() => give(Value::Char(*unit)),
        Value::Char(unit) => give(Value::Char(u16::try_from(u32::from(c)).unwrap_or(*unit))),
        _ => give_int(c as i32),
    }
}

fn digit(c: char, radix: i32) -> i32 {
    let radix = u32::try_from(radix).ok().filter(|radix| (2..=36).contains(radix));
    radix.and_then(|radix| crate::value::number::digit(c, radix)).map_or(-1, |n| n as i32)
}

fn for_digit(digit: i32, radix: i32) -> u16 {
    if !(2..=36).contains(&radix) || !(0..radix).contains(&digit) {
        return 0;
    }
    char::from_digit(digit as u32, 36).map_or(0, |c| c as u16)
}

fn numeric_value(c: char) -> i32 {
    crate::value::number::digit(c, 36).map_or(-1, |n| n as i32)
}

/// Kept beside the other comparisons of units.
pub(super) fn compare_units(a: &str, b: &str) -> i32 {
    let (mut left, mut right) = (a.encode_utf16(), b.encode_utf16());
    loop {
        match (left.next(), right.next()) {
            (Some(x), Some(y)) if x == y => {}
            (Some(x), Some(y)) => return i32::from(x) - i32::from(y),
            _ => return utf16::length(a) as i32 - utf16::length(b) as i32,
        }
    }
}
