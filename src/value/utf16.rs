//! Java's view of a text: UTF-16 units. A unit that is half a character alone becomes `?`, as Java writes it.

use std::borrow::Cow;

/// How many units the text has.
pub(crate) fn length(text: &str) -> usize {
    // Nearly all texts are ASCII, where a unit is a byte; finding out is much cheaper than counting.
    if text.is_ascii() { text.len() } else { text.chars().map(char::len_utf16).sum() }
}

/// The units as a text.
pub(crate) fn to_string(units: &[u16]) -> String {
    char::decode_utf16(units.iter().copied()).map(|c| c.unwrap_or('?')).collect()
}

/// The unit at an index.
pub(crate) fn unit(text: &str, index: usize) -> Option<u16> {
    if text.is_ascii() {
        return text.as_bytes().get(index).map(|b| u16::from(*b));
    }
    text.encode_utf16().nth(index)
}

/// The part from one unit to before another; both must lie inside the text, in order.
pub(crate) fn slice(text: &str, from: usize, to: usize) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(&text[from..to]);
    }
    match (byte_offset(text, from), byte_offset(text, to)) {
        (Some(from), Some(to)) => Cow::Borrowed(&text[from..to]),
        _ => {
            let units: Vec<u16> = text.encode_utf16().skip(from).take(to - from).collect();
            Cow::Owned(to_string(&units))
        }
    }
}

/// The byte offset of a unit, unless it lies inside a character.
pub(crate) fn byte_offset(text: &str, unit: usize) -> Option<usize> {
    let mut units = 0;
    for (offset, c) in text.char_indices() {
        if units >= unit {
            return (units == unit).then_some(offset);
        }
        units += c.len_utf16();
    }
    (units == unit).then_some(text.len())
}

/// The index of the unit at a byte offset.
pub(crate) fn unit_offset(text: &str, byte: usize) -> usize {
    length(&text[..byte])
}

/// The code point that begins at a unit.
pub(crate) fn code_point(units: &[u16], index: usize) -> u32 {
    let high = units[index];
    match units.get(index + 1) {
        Some(low) if is_high(high) && is_low(*low) => {
            0x1_0000 + ((u32::from(high) - 0xD800) << 10) + (u32::from(*low) - 0xDC00)
        }
        _ => u32::from(high),
    }
}

/// Whether it is the first half of a character.
pub(crate) fn is_high(unit: u16) -> bool {
    (0xD800..0xDC00).contains(&unit)
}

/// Whether it is the second half of a character.
pub(crate) fn is_low(unit: u16) -> bool {
    (0xDC00..0xE000).contains(&unit)
}
