//! `java.lang.Integer` and `java.lang.Long`, their static methods included: a template reaches them through a number.

use super::answer::Returned;
use super::arguments::{give, give_int, give_long, give_text, long, sign, throw};
use crate::value::{Value, number};

pub(super) fn call_int(n: i32, name: &str, arguments: &[Value]) -> Returned {
    use Value::{Int, Str};
    if let Some(answer) = conversions(i64::from(n), name, arguments) {
        return Some(answer);
    }
    match (name, arguments) {
        ("compareTo", [Int(other)]) => give_int(sign(n.cmp(other))),
        ("compareTo", [_]) => throw("ClassCastException", "not an Integer"),
        ("parseInt" | "parseUnsignedInt" | "valueOf" | "decode", [Value::Null]) => bad_number("null"),
        ("parseInt" | "valueOf", [Str(text)]) => parse_int(text, 10),
        ("parseInt" | "valueOf", [Str(text), Int(radix)]) => parse_int(text, *radix),
        ("parseInt", [Str(text), Int(from), Int(to), Int(radix)]) => {
            part(text, *from, *to).map_or_else(|| bad_part(*from), |text| parse_int(text, *radix))
        }
        ("parseUnsignedInt", [Str(text)]) => parse_unsigned_int(text, 10),
        ("parseUnsignedInt", [Str(text), Int(radix)]) => parse_unsigned_int(text, *radix),
        ("decode", [Str(text)]) => match decode(text).and_then(|n| i32::try_from(n).ok()) {
            Some(n) => give_int(n),
            None => bad_number(text),
        },
        ("getInteger", [Str(_)]) => give(Value::Null),
        ("getInteger", [Str(_), default @ (Int(_) | Value::Null)]) => give(default.clone()),
        _ => static_int(name, arguments),
    }
}

fn static_int(name: &str, arguments: &[Value]) -> Returned {
    use Value::Int;
    match (name, arguments) {
        ("valueOf", [Int(x)]) => give_int(*x),
        ("toString", [Int(x)]) => give_text(x.to_string()),
        ("toString", [Int(x), Int(radix)]) => give_text(in_radix(i64::from(*x), *radix)),
        ("toUnsignedString", [Int(x)]) => give_text((*x as u32).to_string()),
        ("toUnsignedString", [Int(x), Int(radix)]) => give_text(in_radix(i64::from(*x as u32), *radix)),
        ("toHexString", [Int(x)]) => give_text(format!("{x:x}")),
        ("toOctalString", [Int(x)]) => give_text(format!("{x:o}")),
        ("toBinaryString", [Int(x)]) => give_text(format!("{x:b}")),
        ("toUnsignedLong", [Int(x)]) => give_long(i64::from(*x as u32)),
        ("hashCode", [Int(x)]) => give_int(*x),
        ("compare", [Int(x), Int(y)]) => give_int(sign(x.cmp(y))),
        ("compareUnsigned", [Int(x), Int(y)]) => give_int(sign((*x as u32).cmp(&(*y as u32)))),
        ("max", [Int(x), Int(y)]) => give_int(*x.max(y)),
        ("min", [Int(x), Int(y)]) => give_int(*x.min(y)),
        ("sum", [Int(x), Int(y)]) => give_int(x.wrapping_add(*y)),
        ("signum", [Int(x)]) => give_int(x.signum()),
        ("bitCount", [Int(x)]) => give_int(x.count_ones() as i32),
        ("reverse", [Int(x)]) => give_int(x.reverse_bits()),
        ("reverseBytes", [Int(x)]) => give_int(x.swap_bytes()),
        ("rotateLeft", [Int(x), Int(y)]) => give_int(x.rotate_left(*y as u32 & 31)),
        ("rotateRight", [Int(x), Int(y)]) => give_int(x.rotate_right(*y as u32 & 31)),
        ("numberOfLeadingZeros", [Int(x)]) => give_int(x.leading_zeros() as i32),
        ("numberOfTrailingZeros", [Int(x)]) => give_int(x.trailing_zeros() as i32),
        ("highestOneBit", [Int(x)]) => give_int(if *x == 0 { 0 } else { (1u32 << (31 - x.leading_zeros())) as i32 }),
        ("lowestOneBit", [Int(x)]) => give_int(x & x.wrapping_neg()),
        ("divideUnsigned" | "remainderUnsigned", [Int(_), Int(0)]) => throw("ArithmeticException", "/ by zero"),
        ("divideUnsigned", [Int(x), Int(y)]) => give_int((*x as u32 / *y as u32) as i32),
        ("remainderUnsigned", [Int(x), Int(y)]) => give_int((*x as u32 % *y as u32) as i32),
        _ => None,
    }
}

pub(super) fn call_long(n: i64, name: &str, arguments: &[Value]) -> Returned {
    use Value::{Int, Long, Str};
    if let Some(answer) = conversions(n, name, arguments) {
        return Some(answer);
    }
    match (name, arguments) {
        ("compareTo", [Long(other)]) => give_int(sign(n.cmp(other))),
        ("compareTo", [_]) => throw("ClassCastException", "not a Long"),
        ("parseLong" | "parseUnsignedLong" | "valueOf" | "decode", [Value::Null]) => bad_number("null"),
        ("parseUnsignedLong", [Str(text)]) => parse_unsigned_long(text, 10),
        ("parseUnsignedLong", [Str(text), Int(radix)]) => parse_unsigned_long(text, *radix),
        ("parseLong" | "valueOf", [Str(text)]) => parse_long(text, 10),
        ("parseLong" | "valueOf", [Str(text), Int(radix)]) => parse_long(text, *radix),
        ("parseLong", [Str(text), Int(from), Int(to), Int(radix)]) => {
            part(text, *from, *to).map_or_else(|| bad_part(*from), |text| parse_long(text, *radix))
        }
        ("decode", [Str(text)]) => match decode(text).and_then(|n| i64::try_from(n).ok()) {
            Some(n) => give_long(n),
            None => bad_number(text),
        },
        ("getLong", [Str(_)]) => give(Value::Null),
        ("getLong", [Str(_), default]) => long(default).and_then(give_long),
        _ => static_long(name, arguments),
    }
}

fn static_long(name: &str, arguments: &[Value]) -> Returned {
    if let [value, Value::Int(y)] = arguments
        && let Some(x) = long(value)
    {
        match name {
            "toString" => return give_text(in_radix(x, *y)),
            "rotateLeft" => return give_long(x.rotate_left(*y as u32 & 63)),
            "rotateRight" => return give_long(x.rotate_right(*y as u32 & 63)),
            "toUnsignedString" => return give_text(unsigned_in_radix(x as u64, *y)),
            _ => {}
        }
    }
    match arguments {
        [x] => static_long_1(name, long(x)?),
        [x, y] => static_long_2(name, long(x)?, long(y)?),
        _ => None,
    }
}

fn static_long_1(name: &str, x: i64) -> Returned {
    match name {
        "valueOf" => give_long(x),
        "toString" => give_text(x.to_string()),
        "toUnsignedString" => give_text((x as u64).to_string()),
        "toHexString" => give_text(format!("{x:x}")),
        "toOctalString" => give_text(format!("{x:o}")),
        "toBinaryString" => give_text(format!("{x:b}")),
        "hashCode" => give_int((x ^ (x as u64 >> 32) as i64) as i32),
        "signum" => give_int(x.signum() as i32),
        "bitCount" => give_int(x.count_ones() as i32),
        "reverse" => give_long(x.reverse_bits()),
        "reverseBytes" => give_long(x.swap_bytes()),
        "numberOfLeadingZeros" => give_int(x.leading_zeros() as i32),
        "numberOfTrailingZeros" => give_int(x.trailing_zeros() as i32),
        "highestOneBit" => give_long(if x == 0 { 0 } else { (1u64 << (63 - x.leading_zeros())) as i64 }),
        "lowestOneBit" => give_long(x & x.wrapping_neg()),
        _ => None,
    }
}

fn static_long_2(name: &str, x: i64, y: i64) -> Returned {
    match name {
        "compare" => give_int(sign(x.cmp(&y))),
        "compareUnsigned" => give_int(sign((x as u64).cmp(&(y as u64)))),
        "max" => give_long(x.max(y)),
        "min" => give_long(x.min(y)),
        "sum" => give_long(x.wrapping_add(y)),
        "divideUnsigned" | "remainderUnsigned" if y == 0 => throw("ArithmeticException", "/ by zero"),
        "divideUnsigned" => give_long((x as u64 / y as u64) as i64),
        "remainderUnsigned" => give_long((x as u64 % y as u64) as i64),
        _ => None,
    }
}

/// `intValue()` and its like. A byte or short is told as an Integer: only its class differs.
fn conversions(n: i64, name: &str, arguments: &[Value]) -> Returned {
    if !arguments.is_empty() {
        return None;
    }
    match name {
        // `as` drops the high bits, as Java's narrowing does.
        "intValue" => give_int(n as i32),
        "longValue" => give_long(n),
        "doubleValue" => give(Value::Double(n as f64)),
        "floatValue" => give(Value::Float(n as f32)),
        "shortValue" => give_int(i32::from(n as i16)),
        "byteValue" => give_int(i32::from(n as i8)),
        _ => None,
    }
}

pub(super) fn bad_number(text: &str) -> Returned {
    throw("NumberFormatException", format!("For input string: \"{text}\""))
}

fn bad_part(from: i32) -> Returned {
    throw("IndexOutOfBoundsException", format!("index {from}"))
}

fn radix_of(radix: i32) -> Option<u32> {
    u32::try_from(radix).ok().filter(|radix| (2..=36).contains(radix))
}

fn parse_int(text: &str, radix: i32) -> Returned {
    let n = radix_of(radix).and_then(|radix| number::parse_int(text, radix));
    n.map_or_else(|| bad_number(text), give_int)
}

fn parse_long(text: &str, radix: i32) -> Returned {
    let n = radix_of(radix).and_then(|radix| number::parse_long(text, radix));
    n.map_or_else(|| bad_number(text), give_long)
}

fn parse_unsigned_int(text: &str, radix: i32) -> Returned {
    let n = radix_of(radix).and_then(|radix| number::parse_long(text, radix)).filter(|_| !text.starts_with('-'));
    n.and_then(|n| u32::try_from(n).ok()).map_or_else(|| bad_number(text), |n| give_int(n as i32))
}

fn parse_unsigned_long(text: &str, radix: i32) -> Returned {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let n = radix_of(radix).and_then(|radix| u64::from_str_radix(digits, radix).ok());
    n.filter(|_| !digits.starts_with('+')).map_or_else(|| bad_number(text), |n| give_long(n as i64))
}

fn part(text: &str, from: i32, to: i32) -> Option<&str> {
    text.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?)
}

/// `0x1F`, `#1F`, `017` or plain, with a sign before it.
fn decode(text: &str) -> Option<i128> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = if let Some(digits) =
        rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")).or_else(|| rest.strip_prefix('#'))
    {
        (16, digits)
    } else if rest.len() > 1 && rest.starts_with('0') {
        (8, &rest[1..])
    } else {
        (10, rest)
    };
    if digits.starts_with(['-', '+']) {
        return None;
    }
    let n = i128::from_str_radix(digits, radix).ok()?;
    Some(if negative { -n } else { n })
}

/// `Long.toString(n, radix)`; a radix that Java doesn't know is 10.
pub(super) fn in_radix(n: i64, radix: i32) -> String {
    let text = unsigned_in_radix(n.unsigned_abs(), radix);
    if n < 0 { format!("-{text}") } else { text }
}

fn unsigned_in_radix(mut n: u64, radix: i32) -> String {
    let radix = u64::from(radix_of(radix).unwrap_or(10));
    let mut digits = Vec::new();
    loop {
        let digit = (n % radix) as u32;
        digits.push(char::from_digit(digit, 36).unwrap_or('0'));
        n /= radix;
        if n == 0 {
            break;
        }
    }
    digits.iter().rev().collect()
}
