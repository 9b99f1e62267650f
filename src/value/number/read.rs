//! Text to numbers, as Java reads them: signs, digits of any script, hexadecimal floating point.

use bigdecimal::BigDecimal;
use num_bigint::{BigInt, Sign};

use super::print::print_big_decimal;

/// `Integer.parseInt(text, radix)`; `None` is a `NumberFormatException`.
pub fn parse_int(text: &str, radix: u32) -> Option<i32> {
    i32::try_from(parse_long(text, radix)?).ok()
}

/// `Long.parseLong(text, radix)`; `None` is a `NumberFormatException`.
pub fn parse_long(text: &str, radix: u32) -> Option<i64> {
    let (negative, digits) = split_sign(text);
    if digits.is_empty() || !(2..=36).contains(&radix) {
        return None;
    }
    let mut value: i64 = 0;
    for c in digits.chars() {
        let digit = i64::from(digit(c, radix)?);
        value = value.checked_mul(i64::from(radix))?;
        value = if negative { value.checked_sub(digit)? } else { value.checked_add(digit)? };
    }
    Some(value)
}

/// `new BigInteger(text)`; `None` is a `NumberFormatException`.
pub fn parse_big_integer(text: &str) -> Option<BigInt> {
    let (negative, digits) = split_sign(text);
    let ascii: Option<Vec<u8>> = digits.chars().map(|c| digit(c, 10).map(|d| d as u8)).collect();
    let value = BigInt::from_radix_be(Sign::Plus, &ascii.filter(|d| !d.is_empty())?, 10)?;
    Some(if negative { -value } else { value })
}

/// `new BigDecimal(text)`; `None` is a `NumberFormatException`.
pub fn parse_big_decimal(text: &str) -> Option<BigDecimal> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], parse_exponent(&text[at + 1..])?),
        None => (text, 0),
    };
    let (negative, body) = split_sign(mantissa);
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    let digits: Option<Vec<u8>> =
        whole.chars().chain(fraction.chars()).map(|c| digit(c, 10).map(|d| d as u8)).collect();
    let unscaled = BigInt::from_radix_be(Sign::Plus, &digits.filter(|d| !d.is_empty())?, 10)?;
    let scale = i32::try_from(fraction.chars().count() as i64 - exponent).ok()?;
    Some(BigDecimal::new(if negative { -unscaled } else { unscaled }, i64::from(scale)))
}

/// An exponent as `BigDecimal` reads it: it has to fit in an int.
fn parse_exponent(text: &str) -> Option<i64> {
    parse_int(text, 10).map(i64::from)
}

/// `Double.parseDouble(text)`; `None` is a `NumberFormatException`.
pub fn parse_double(text: &str) -> Option<f64> {
    match Floating::read(text)? {
        Floating::Decimal(decimal) => decimal.parse().ok(),
        Floating::Special(value) => Some(value),
        Floating::Hex { negative, bits, exponent } => {
            let value = scale_hex(bits, exponent, 53, -1074);
            Some(if negative { -value } else { value })
        }
    }
}

/// `Float.parseFloat(text)`; `None` is a `NumberFormatException`.
pub fn parse_float(text: &str) -> Option<f32> {
    match Floating::read(text)? {
        Floating::Decimal(decimal) => decimal.parse().ok(),
        Floating::Special(value) => Some(value as f32),
        Floating::Hex { negative, bits, exponent } => {
            let value = scale_hex(bits, exponent, 24, -149) as f32;
            Some(if negative { -value } else { value })
        }
    }
}

/// `BigDecimal.doubleValue()`
pub(crate) fn big_decimal_to_double(v: &BigDecimal) -> f64 {
    // Java 17 goes through the text as well, for all but small numbers; both round to the nearest.
    let mut text = String::new();
    print_big_decimal(v, &mut text);
    text.parse().unwrap_or(f64::NAN)
}

/// A floating-point literal after Java's grammar.
enum Floating<'a> {
    Decimal(&'a str),
    Special(f64),
    /// `bits * 2^exponent`; the lowest of the bits is sticky.
    Hex {
        negative: bool,
        bits: u64,
        exponent: i64,
    },
}

impl Floating<'_> {
    fn read(text: &str) -> Option<Floating<'_>> {
        let text = text.trim_matches(|c| c <= ' ');
        let (negative, body) = split_sign(text);
        let sign = if negative { -1.0 } else { 1.0 };
        match body {
            "NaN" => return Some(Floating::Special(f64::NAN)),
            "Infinity" => return Some(Floating::Special(sign * f64::INFINITY)),
            _ => {}
        }
        let body = body.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(body);
        if let Some(hex) = body.strip_prefix("0x").or_else(|| body.strip_prefix("0X")) {
            return read_hex(hex, negative);
        }
        // Rust reads the same decimal grammar, but also `inf` and `nan`, which no digit starts.
        let plain = body.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
        let starts = body.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        (plain && starts).then(|| Floating::Decimal(&text[..offset_end(text, body)]))
    }
}

/// Where `part`, a slice of `text`, ends in it.
fn offset_end(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize + part.len()
}

fn read_hex(hex: &str, negative: bool) -> Option<Floating<'_>> {
    let (mantissa, exponent) = hex.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (minus, digits) = split_sign(exponent);
    if whole.len() + fraction.len() == 0 || digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // An exponent that large is infinity or zero in any case.
    let mut exponent = digits.parse::<i64>().unwrap_or(i64::from(i32::MAX)).min(i64::from(i32::MAX));
    exponent = if minus { -exponent } else { exponent } - 4 * fraction.len() as i64;
    let mut bits: u64 = 0;
    for c in whole.chars().chain(fraction.chars()) {
        let digit = u64::from(c.to_digit(16)?);
        if bits >> 58 == 0 {
            bits = bits << 4 | digit;
        } else {
            bits |= u64::from(digit != 0);
            exponent += 4;
        }
    }
    Some(Floating::Hex { negative, bits, exponent })
}

/// `bits * 2^exponent` rounded half to even to `precision` bits, none of them below `2^least`.
fn scale_hex(bits: u64, exponent: i64, precision: i64, least: i64) -> f64 {
    if bits == 0 {
        return 0.0;
    }
    let length = 64 - i64::from(bits.leading_zeros());
    let drop = (length - precision).max(least - exponent).max(0);
    let (kept, exponent) = match drop {
        0 => (bits, exponent),
        1..=63 => {
            let (kept, rest, half) = (bits >> drop, bits & ((1 << drop) - 1), 1 << (drop - 1));
            (kept + u64::from(rest > half || rest == half && kept & 1 == 1), exponent + drop)
        }
        _ => return 0.0,
    };
    let limit = if precision == 24 { 128 } else { 1024 };
    let length = 64 - i64::from(kept.leading_zeros());
    if length + exponent > limit {
        return f64::INFINITY;
    }
    // Two steps, as 2^exponent alone can be below the smallest double.
    let half = (exponent / 2) as i32;
    kept as f64 * 2f64.powi(half) * 2f64.powi(exponent as i32 - half)
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

/// The zeros of the decimal digits in Unicode's first plane (Java reads UTF-16 units, so no others count).
const ZEROS: [u32; 37] = [
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0,
    0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620,
    0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
];

/// `Character.digit(c, radix)`
pub(crate) fn digit(c: char, radix: u32) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(radix);
    }
    let code = c as u32;
    let value = match code {
        0xFF21..=0xFF3A => code - 0xFF21 + 10,
        0xFF41..=0xFF5A => code - 0xFF41 + 10,
        _ => ZEROS.iter().map(|zero| code.wrapping_sub(*zero)).find(|d| *d < 10)?,
    };
    (value < radix).then_some(value)
}
