//! Numbers to text, as Java 17 prints them.

use std::fmt::Write;

use bigdecimal::BigDecimal;
use num_bigint::Sign;

use super::decimal_digits;

/// The longest text that [`plain_big_decimal`] writes: `1E1000000000` written out would eat the memory.
pub(crate) const MAX_PLAIN_DIGITS: usize = 100_000;

/// `Double.toString`, with the digits that Java 17 chooses (not always the shortest ones).
pub fn print_double(v: f64, out: &mut String) {
    if v.is_nan() {
        out.push_str("NaN");
        return;
    }
    if v.is_sign_negative() {
        out.push('-');
    }
    match v.abs() {
        f64::INFINITY => out.push_str("Infinity"),
        0.0 => out.push_str("0.0"),
        magnitude if print_short(magnitude, out) => {}
        magnitude => decimal_digits::of_double(magnitude).print(out),
    }
}

/// Prints the number if it is a multiple of 1/8 and not so large that it prints with an exponent: then it has three places at most, and
/// no shorter number is as near to it.
fn print_short(magnitude: f64, out: &mut String) -> bool {
    let eighths = magnitude * 8.0;
    if magnitude >= 1e7 || eighths.fract() != 0.0 {
        return false;
    }
    let thousandths = eighths as u64 * 125;
    out.push_str(itoa::Buffer::new().format(thousandths / 1000));
    out.push_str(match thousandths % 1000 {
        0 => ".0",
        125 => ".125",
        250 => ".25",
        375 => ".375",
        500 => ".5",
        625 => ".625",
        750 => ".75",
        _ => ".875",
    });
    true
}

/// `Float.toString`, with the digits that Java 17 chooses.
pub fn print_float(v: f32, out: &mut String) {
    if v.is_nan() {
        out.push_str("NaN");
        return;
    }
    if v.is_sign_negative() {
        out.push('-');
    }
    match v.abs() {
        f32::INFINITY => out.push_str("Infinity"),
        0.0 => out.push_str("0.0"),
        magnitude => decimal_digits::of_float(magnitude).print(out),
    }
}

/// `BigDecimal.toString`: the scale shows (`1.50`, `1E+3`).
pub fn print_big_decimal(v: &BigDecimal, out: &mut String) {
    let parts = Parts::of(v, out);
    if parts.scale == 0 {
        out.push_str(&parts.digits);
    } else if parts.scale > 0 && parts.adjusted >= -6 {
        parts.print_with_point(out);
    } else {
        parts.print_leading(1, out);
        print_exponent(parts.adjusted, out);
    }
}

/// `BigDecimal.toEngineeringString`: the exponent is a multiple of three.
pub fn print_engineering_big_decimal(v: &BigDecimal, out: &mut String) {
    let parts = Parts::of(v, out);
    if parts.scale == 0 {
        out.push_str(&parts.digits);
        return;
    }
    if parts.scale > 0 && parts.adjusted >= -6 {
        parts.print_with_point(out);
        return;
    }
    let places = parts.adjusted.rem_euclid(3);
    let mut exponent = parts.adjusted - places;
    if parts.digits == "0" {
        out.push_str(["0", "0.00", "0.0"][places as usize]);
        exponent += if places == 0 { 0 } else { 3 };
    } else {
        parts.print_leading(places as usize + 1, out);
    }
    print_exponent(exponent, out);
}

/// `BigDecimal.toPlainString`; `None` when that is longer than `MAX_PLAIN_DIGITS`.
pub fn plain_big_decimal(v: &BigDecimal) -> Option<String> {
    let mut out = String::new();
    let parts = Parts::of(v, &mut out);
    if parts.scale.unsigned_abs() as usize + parts.digits.len() > MAX_PLAIN_DIGITS {
        return None;
    }
    if parts.scale > 0 {
        parts.print_with_point(&mut out);
    } else {
        out.push_str(&parts.digits);
        if parts.digits != "0" {
            push_zeros(parts.scale.unsigned_abs() as usize, &mut out);
        }
    }
    Some(out)
}

/// A big decimal taken apart; its sign is already written.
struct Parts {
    digits: String,
    scale: i64,
    /// The exponent when one digit stands before the point.
    adjusted: i64,
}

impl Parts {
    fn of(v: &BigDecimal, out: &mut String) -> Parts {
        let (unscaled, scale) = v.as_bigint_and_exponent();
        if unscaled.sign() == Sign::Minus {
            out.push('-');
        }
        let digits = unscaled.magnitude().to_string();
        let adjusted = digits.len() as i64 - 1 - scale;
        Parts { digits, scale, adjusted }
    }

    /// All digits with a point `scale` places from the right.
    fn print_with_point(&self, out: &mut String) {
        let scale = self.scale as usize;
        match self.digits.len().checked_sub(scale) {
            Some(before @ 1..) => {
                out.push_str(&self.digits[..before]);
                out.push('.');
                out.push_str(&self.digits[before..]);
            }
            _ => {
                out.push_str("0.");
                push_zeros(scale - self.digits.len(), out);
                out.push_str(&self.digits);
            }
        }
    }

    /// All digits with a point after the first `count`.
    fn print_leading(&self, count: usize, out: &mut String) {
        if self.digits.len() > count {
            out.push_str(&self.digits[..count]);
            out.push('.');
            out.push_str(&self.digits[count..]);
        } else {
            out.push_str(&self.digits);
            push_zeros(count - self.digits.len(), out);
        }
    }
}

fn print_exponent(exponent: i64, out: &mut String) {
    if exponent != 0 {
        out.push('E');
        if exponent > 0 {
            out.push('+');
        }
        let _ = write!(out, "{exponent}");
    }
}

fn push_zeros(count: usize, out: &mut String) {
    out.extend(std::iter::repeat_n('0', count));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_places_print_as_the_digits_say() {
        for eighths in (1..100_000u32).chain((1..80_000_000).step_by(997)).chain(79_999_000..80_000_100) {
            let v = f64::from(eighths) / 8.0;
            let (mut printed, mut digits) = (String::new(), String::new());
            print_double(v, &mut printed);
            decimal_digits::of_double(v).print(&mut digits);
            assert_eq!(printed, digits);
        }
    }
}
