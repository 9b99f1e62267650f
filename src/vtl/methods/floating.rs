//! `java.lang.Double` and `java.lang.Float`, their static methods included.

use std::cmp::Ordering;

use super::answer::Returned;
use super::arguments::{double, float, give, give_bool, give_int, give_long, give_text, sign, throw};
use super::whole::bad_number;
use crate::value::{Value, hash, number};

pub(super) fn call_double(n: f64, name: &str, arguments: &[Value]) -> Returned {
    use Value::{Double, Str};
    match (name, arguments) {
        ("compareTo", [Double(other)]) => give_int(sign(compare(n, *other))),
        ("compareTo", [_]) => throw("ClassCastException", "not a Double"),
        ("parseDouble" | "valueOf", [Str(text)]) => {
            number::parse_double(text).map_or_else(|| bad_number(text), |n| give(Double(n)))
        }
        ("parseDouble" | "valueOf", [Value::Null]) => super::arguments::null_pointer(),
        (_, []) => conversions(n, name),
        ("longBitsToDouble", [bits]) => give(Double(f64::from_bits(super::arguments::long(bits)? as u64))),
        (_, [x]) => static_double_1(name, double(x)?),
        (_, [x, y]) => static_double_2(name, double(x)?, double(y)?),
        _ => None,
    }
}

pub(super) fn call_float(n: f32, name: &str, arguments: &[Value]) -> Returned {
    use Value::{Float, Str};
    match (name, arguments) {
        ("compareTo", [Float(other)]) => give_int(sign(compare(f64::from(n), f64::from(*other)))),
        ("compareTo", [_]) => throw("ClassCastException", "not a Float"),
        ("parseFloat" | "valueOf", [Str(text)]) => {
            number::parse_float(text).map_or_else(|| bad_number(text), |n| give(Float(n)))
        }
        ("parseFloat" | "valueOf", [Value::Null]) => super::arguments::null_pointer(),
        ("floatValue", []) => give(Float(n)),
        (_, []) => conversions(f64::from(n), name),
        ("intBitsToFloat", [Value::Int(bits)]) => give(Float(f32::from_bits(*bits as u32))),
        (_, [x]) => static_float_1(name, float(x)?),
        (_, [x, y]) => static_float_2(name, float(x)?, float(y)?),
        _ => None,
    }
}

/// `Double.compare`: NaN is above all, and -0.0 below 0.0.
pub(super) fn compare(x: f64, y: f64) -> Ordering {
    match (x.is_nan(), y.is_nan()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        _ => x.total_cmp(&y),
    }
}

fn conversions(n: f64, name: &str) -> Returned {
    match name {
        // `as` does what Java's narrowing does: it stops at the bounds, and NaN is 0.
        "intValue" => give_int(n as i32),
        "longValue" => give_long(n as i64),
        "doubleValue" => give(Value::Double(n)),
        "floatValue" => give(Value::Float(n as f32)),
        // By way of an int, whose high bits are dropped.
        "shortValue" => give_int(i32::from(n as i32 as i16)),
        "byteValue" => give_int(i32::from(n as i32 as i8)),
        "isNaN" => give_bool(n.is_nan()),
        "isInfinite" => give_bool(n.is_infinite()),
        _ => None,
    }
}

fn static_double_1(name: &str, x: f64) -> Returned {
    match name {
        "valueOf" => give(Value::Double(x)),
        "toString" => {
            let mut text = String::new();
            number::print_double(x, &mut text);
            give_text(text)
        }
        "isNaN" => give_bool(x.is_nan()),
        "isInfinite" => give_bool(x.is_infinite()),
        "isFinite" => give_bool(x.is_finite()),
        "hashCode" => give_int(hash::hash_code(&Value::Double(x))),
        "toHexString" => give_text(hexadecimal(x)),
        "doubleToLongBits" | "doubleToRawLongBits" => give_long(x.to_bits() as i64),
        _ => None,
    }
}

/// `0x1.8p1`
fn hexadecimal(x: f64) -> String {
    let sign = if x.is_sign_negative() { "-" } else { "" };
    if x.is_nan() {
        return "NaN".to_owned();
    }
    if x.is_infinite() {
        return format!("{sign}Infinity");
    }
    let bits = x.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let exponent = ((bits >> 52) & 0x7FF) as i32;
    let digits = format!("{fraction:013x}");
    let digits = match digits.trim_end_matches('0') {
        "" => "0",
        digits => digits,
    };
    match (exponent, fraction) {
        (0, 0) => format!("{sign}0x0.0p0"),
        (0, _) => format!("{sign}0x0.{digits}p-1022"),
        _ => format!("{sign}0x1.{digits}p{}", exponent - 1023),
    }
}

fn static_double_2(name: &str, x: f64, y: f64) -> Returned {
    match name {
        "compare" => give_int(sign(compare(x, y))),
        "max" => give(Value::Double(max(x, y))),
        // Turned round twice, so that -0.0 stays below 0.0.
        "min" => give(Value::Double(-max(-x, -y))),
        "sum" => give(Value::Double(x + y)),
        _ => None,
    }
}

/// `Math.max`: NaN wins, and 0.0 is above -0.0.
fn max(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() {
        f64::NAN
    } else if compare(x, y).is_ge() {
        x
    } else {
        y
    }
}

fn static_float_1(name: &str, x: f32) -> Returned {
    match name {
        "valueOf" => give(Value::Float(x)),
        "toString" => {
            let mut text = String::new();
            number::print_float(x, &mut text);
            give_text(text)
        }
        "isNaN" => give_bool(x.is_nan()),
        "isInfinite" => give_bool(x.is_infinite()),
        "isFinite" => give_bool(x.is_finite()),
        "hashCode" | "floatToIntBits" | "floatToRawIntBits" => give_int(x.to_bits() as i32),
        _ => None,
    }
}

fn static_float_2(name: &str, x: f32, y: f32) -> Returned {
    let (a, b) = (f64::from(x), f64::from(y));
    match name {
        "compare" => give_int(sign(compare(a, b))),
        "max" => give(Value::Float(max(a, b) as f32)),
        "min" => give(Value::Float(-max(-a, -b) as f32)),
        "sum" => give(Value::Float(x + y)),
        _ => None,
    }
}
