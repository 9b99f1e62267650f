//! The backslashes in a quoted name or string of a path.

use super::cursor::{Refusal, Result};
use crate::value::number;

/// `\n`, `\u0041` and the like; a backslash before anything else is dropped. A lone surrogate becomes `?`.
pub(super) fn unescape(text: &str) -> Result<String> {
    if !text.contains('\\') {
        return Ok(text.to_owned());
    }
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut buffer = [0; 2];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            units.extend_from_slice(c.encode_utf16(&mut buffer));
            continue;
        }
        match chars.next() {
            None => units.push('\\' as u16),
            Some('r') => units.push('\r' as u16),
            Some('f') => units.push(0xC),
            Some('t') => units.push('\t' as u16),
            Some('n') => units.push('\n' as u16),
            Some('b') => units.push(0x8),
            Some('u') => units.extend(read_unit(&mut chars)?),
            Some(other) => units.extend_from_slice(other.encode_utf16(&mut buffer)),
        }
    }
    Ok(char::decode_utf16(units).map(|c| c.unwrap_or('?')).collect())
}

/// Four characters, read by `Integer.parseInt`; fewer at the end are nothing.
fn read_unit(chars: &mut std::str::Chars) -> Result<Option<u16>> {
    let digits: String = chars.by_ref().take(4).collect();
    if digits.chars().count() < 4 {
        return Ok(None);
    }
    match number::parse_int(&digits, 16) {
        Some(unit) => Ok(Some(unit as u16)),
        None => Err(Refusal::Hard(format!("`\\u{digits}` is not a character"))),
    }
}
