//! Numbers as json-path compares them: a BigDecimal of what the number prints.

use std::cmp::Ordering;

use bigdecimal::BigDecimal;
use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;

use crate::value::{Value, json, number};

/// A number, as a filter sees it: Java's BigDecimal of what the number prints.
#[derive(Debug, Clone)]
pub(super) enum Number {
    Whole(i64),
    Decimal(BigDecimal),
}

impl Number {
    /// As `new BigDecimal(text)` reads.
    pub(super) fn read(text: &str) -> Option<Number> {
        // The plain ones need no big number.
        if text.len() < 18 && text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
            return text.parse().ok().map(Number::Whole);
        }
        number::parse_big_decimal(text).map(Number::Decimal)
    }

    /// A number of the document. NaN and infinity have no BigDecimal.
    pub(super) fn of(value: &Value) -> Option<Number> {
        let mut text = String::new();
        match value {
            Value::Int(v) => return Some(Number::Whole(i64::from(*v))),
            Value::Long(v) => return Some(Number::Whole(*v)),
            Value::BigInt(v) => return Some(Number::Decimal(BigDecimal::new((**v).clone(), 0))),
            Value::BigDecimal(v) => return Some(Number::Decimal((**v).clone())),
            Value::Double(v) => number::print_double(*v, &mut text),
            Value::Float(v) => number::print_float(*v, &mut text),
            _ => return None,
        }
        number::parse_big_decimal(&text).map(Number::Decimal)
    }

    /// `BigDecimal.toString()`
    pub(super) fn text(&self) -> String {
        match self {
            Number::Whole(v) => v.to_string(),
            Number::Decimal(v) => {
                let mut text = String::new();
                number::print_big_decimal(v, &mut text);
                text
            }
        }
    }

    /// `BigDecimal.compareTo`
    pub(super) fn compare(&self, right: &Number) -> Ordering {
        match (self, right) {
            (Number::Whole(left), Number::Whole(right)) => left.cmp(right),
            _ => Magnitude::of(self).compare(&Magnitude::of(right)),
        }
    }

    /// `BigDecimal.intValue()`: the low bits of what stands before the point.
    pub(super) fn int_value(&self) -> i32 {
        match self {
            Number::Whole(v) => *v as i32,
            Number::Decimal(v) => {
                let (unscaled, scale) = v.as_bigint_and_scale();
                // Java drops everything from 10^64 on: the low 32 bits are all zero. Far below 1 nothing is left.
                if scale <= -64 || scale > 4 * json::MAX_NUMBER_LENGTH as i64 {
                    return 0;
                }
                let power = BigInt::from(10).pow(scale.unsigned_abs() as u32);
                let whole = if scale <= 0 { unscaled.as_ref() * power } else { unscaled.as_ref() / power };
                let low = whole.magnitude().iter_u32_digits().next().unwrap_or(0) as i32;
                if whole.sign() == Sign::Minus { low.wrapping_neg() } else { low }
            }
        }
    }
}

/// A number as digits, so that `1E999999999` can be compared without being written out.
struct Magnitude {
    sign: i8,
    digits: String,
    /// The place of the first digit.
    exponent: i64,
}

impl Magnitude {
    fn of(number: &Number) -> Magnitude {
        let (unscaled, scale) = match number {
            Number::Whole(v) => (BigInt::from(*v), 0),
            Number::Decimal(v) => v.as_bigint_and_exponent(),
        };
        let sign = match unscaled.sign() {
            Sign::Minus => -1,
            Sign::NoSign => 0,
            Sign::Plus => 1,
        };
        let digits = unscaled.magnitude().to_string();
        let exponent = digits.len() as i64 - scale;
        Magnitude { sign, exponent, digits: digits.trim_end_matches('0').to_owned() }
    }

    fn compare(&self, right: &Magnitude) -> Ordering {
        let by_sign = self.sign.cmp(&right.sign);
        if by_sign.is_ne() || self.sign == 0 {
            return by_sign;
        }
        let by_size = self.exponent.cmp(&right.exponent).then_with(|| self.digits.cmp(&right.digits));
        if self.sign < 0 { by_size.reverse() } else { by_size }
    }
}

/// The number as a double, as `Number.doubleValue()` gives it; `None` when it is no number.
pub(super) fn double_value(value: &Value) -> Option<f64> {
    Some(match value {
        Value::Int(v) => f64::from(*v),
        Value::Long(v) => *v as f64,
        Value::BigInt(v) => v.to_string().parse().unwrap_or(f64::NAN),
        Value::Float(v) => f64::from(*v),
        Value::Double(v) => *v,
        Value::BigDecimal(v) => number::big_decimal_to_double(v),
        _ => return None,
    })
}

/// `Number.intValue()`; `None` when it is no number.
pub(super) fn int_value(value: &Value) -> Option<i32> {
    Some(match value {
        Value::Int(v) => *v,
        Value::Long(v) => *v as i32,
        Value::BigInt(v) => {
            let low = v.magnitude().iter_u32_digits().next().unwrap_or(0) as i32;
            if v.sign() == Sign::Minus { low.wrapping_neg() } else { low }
        }
        Value::Float(v) => *v as i32,
        Value::Double(v) => v.to_i32().unwrap_or(*v as i32),
        Value::BigDecimal(v) => Number::Decimal((**v).clone()).int_value(),
        _ => return None,
    })
}
