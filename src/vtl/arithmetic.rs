//! Arithmetic and order of numbers, with the promotions of Velocity's `MathUtils`.

use std::cmp::Ordering;
use std::rc::Rc;

use bigdecimal::BigDecimal;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{FromPrimitive, Signed, ToPrimitive, Zero};

use super::ast::Operation;
use crate::value::{Exception, Value, number};

/// The largest number that arithmetic makes, in bits: squaring in a loop doubles the length each time.
pub const LARGEST_BITS: u64 = 200_000;

/// Left and right brought to one type.
enum Pair {
    Whole(i64, i64),
    Float(f32, f32),
    Double(f64, f64),
    BigInteger(BigInt, BigInt),
    BigDecimal(BigDecimal, BigDecimal),
}

/// Whether it is a `java.lang.Number`.
pub fn is_number(value: &Value) -> bool {
    matches!(
        value,
        Value::Int(_) | Value::Long(_) | Value::BigInt(_) | Value::Float(_) | Value::Double(_) | Value::BigDecimal(_)
    )
}

/// The operation; null when a side is no number or a divisor is zero.
pub fn perform(operation: Operation, left: &Value, right: &Value) -> Result<Value, Exception> {
    if matches!(operation, Operation::Divide | Operation::Modulo) && is_zero(right) {
        return Ok(Value::Null);
    }
    let Some(pair) = pair(left, right)? else { return Ok(Value::Null) };
    match pair {
        Pair::Whole(a, b) => Ok(whole(operation, a, b, left, right)),
        Pair::Float(a, b) => Ok(Value::Float(match operation {
            Operation::Add => a + b,
            Operation::Subtract => a - b,
            Operation::Multiply => a * b,
            Operation::Divide => a / b,
            Operation::Modulo => a % b,
        })),
        Pair::Double(a, b) => Ok(Value::Double(match operation {
            Operation::Add => a + b,
            Operation::Subtract => a - b,
            Operation::Multiply => a * b,
            Operation::Divide => a / b,
            Operation::Modulo => a % b,
        })),
        Pair::BigInteger(a, b) => big_integer(operation, &a, &b),
        Pair::BigDecimal(a, b) => big_decimal(operation, &a, &b),
    }
}

/// The order of two numbers, or `None` when one is none. NaN equals everything.
pub fn compare(left: &Value, right: &Value) -> Option<Result<Ordering, Exception>> {
    let pair = match pair(left, right) {
        Ok(pair) => pair?,
        Err(exception) => return Some(Err(exception)),
    };
    Some(Ok(match pair {
        Pair::Whole(a, b) => a.cmp(&b),
        Pair::Float(a, b) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
        Pair::Double(a, b) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
        Pair::BigInteger(a, b) => a.cmp(&b),
        Pair::BigDecimal(a, b) => compare_decimals(&a, &b),
    }))
}

/// `Number.intValue()`
pub fn int_value(value: &Value) -> Option<i32> {
    Some(match value {
        Value::Int(n) => *n,
        Value::Long(n) => *n as i32,
        Value::Float(n) => *n as i32,
        Value::Double(n) => *n as i32,
        _ => long_value(value)? as i32,
    })
}

/// `Number.longValue()`
pub fn long_value(value: &Value) -> Option<i64> {
    Some(match value {
        Value::Int(n) => i64::from(*n),
        Value::Long(n) => *n,
        Value::Float(n) => *n as i64,
        Value::Double(n) => *n as i64,
        Value::BigInt(n) => low_bits(n),
        Value::BigDecimal(n) => low_bits(&decimal_to_integer(n)),
        _ => return None,
    })
}

/// `Number.doubleValue()`
pub fn double_value(value: &Value) -> Option<f64> {
    Some(match value {
        Value::Int(n) => f64::from(*n),
        Value::Long(n) => *n as f64,
        Value::Float(n) => f64::from(*n),
        Value::Double(n) => *n,
        Value::BigInt(n) => n.to_f64().unwrap_or(f64::INFINITY),
        Value::BigDecimal(n) => number::big_decimal_to_double(n),
        _ => return None,
    })
}

/// `Number.floatValue()`
pub fn float_value(value: &Value) -> Option<f32> {
    Some(match value {
        Value::Int(n) => *n as f32,
        Value::Long(n) => *n as f32,
        Value::Float(n) => *n,
        Value::BigInt(n) => n.to_f32().unwrap_or(f32::INFINITY),
        _ => double_value(value)? as f32,
    })
}

fn low_bits(n: &BigInt) -> i64 {
    let low = n.iter_u64_digits().next().unwrap_or_default() as i64;
    if n.is_negative() { low.wrapping_neg() } else { low }
}

/// The whole part; of a number with a huge exponent only as much as can matter.
pub fn decimal_to_integer(n: &BigDecimal) -> BigInt {
    let (unscaled, scale) = n.as_bigint_and_scale();
    match scale {
        0 => unscaled.into_owned(),
        1.. if scale as u64 > unscaled.bits() => BigInt::zero(),
        1.. => unscaled.as_ref() / power_of_ten(scale as u64),
        // Beyond 64 trailing zeros nothing is left in the low bits, which is all that is looked at.
        _ => unscaled.as_ref() * power_of_ten(scale.unsigned_abs().min(20_000)),
    }
}

/// `10^n`
pub fn power_of_ten(n: u64) -> BigInt {
    BigInt::from(10).pow(n as u32)
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Int(n) => *n == 0,
        Value::Long(n) => *n == 0,
        Value::Float(n) => *n == 0.0,
        Value::Double(n) => *n == 0.0,
        Value::BigInt(n) => n.is_zero(),
        Value::BigDecimal(n) => n.is_zero(),
        _ => false,
    }
}

fn pair(left: &Value, right: &Value) -> Result<Option<Pair>, Exception> {
    use Value::{BigDecimal as Decimal, BigInt as Big, Double, Float, Int, Long};
    Ok(Some(match (left, right) {
        (Int(a), Int(b)) => Pair::Whole(i64::from(*a), i64::from(*b)),
        (Int(a), Long(b)) => Pair::Whole(i64::from(*a), *b),
        (Long(a), Int(b)) => Pair::Whole(*a, i64::from(*b)),
        (Long(a), Long(b)) => Pair::Whole(*a, *b),
        _ if !is_number(left) || !is_number(right) => return Ok(None),
        (Decimal(_), _) | (_, Decimal(_)) | (Big(_), Float(_) | Double(_)) | (Float(_) | Double(_), Big(_)) => {
            Pair::BigDecimal(to_decimal(left)?, to_decimal(right)?)
        }
        (Big(_), _) | (_, Big(_)) => Pair::BigInteger(to_integer(left), to_integer(right)),
        (Double(_), _) | (_, Double(_)) => {
            Pair::Double(double_value(left).unwrap_or_default(), double_value(right).unwrap_or_default())
        }
        _ => Pair::Float(float_value(left).unwrap_or_default(), float_value(right).unwrap_or_default()),
    }))
}

fn to_integer(value: &Value) -> BigInt {
    match value {
        Value::BigInt(n) => n.as_ref().clone(),
        _ => BigInt::from(long_value(value).unwrap_or_default()),
    }
}

/// `new BigDecimal(n.doubleValue())` for all but the big numbers, with every digit that the double has.
fn to_decimal(value: &Value) -> Result<BigDecimal, Exception> {
    match value {
        Value::BigDecimal(n) => Ok(n.as_ref().clone()),
        Value::BigInt(n) => Ok(BigDecimal::new(n.as_ref().clone(), 0)),
        _ => exact_decimal(double_value(value).unwrap_or_default())
            .ok_or_else(|| Exception::new("NumberFormatException", "infinite or not a number")),
    }
}

/// `new BigDecimal(double)`
pub fn exact_decimal(n: f64) -> Option<BigDecimal> {
    if !n.is_finite() {
        return None;
    }
    if n == 0.0 {
        return Some(BigDecimal::zero());
    }
    let bits = n.to_bits();
    let exponent = ((bits >> 52) & 0x7FF) as i64;
    let fraction = bits & ((1 << 52) - 1);
    let (mut mantissa, mut exponent) =
        if exponent == 0 { (fraction, -1074) } else { (fraction | (1 << 52), exponent - 1075) };
    let zeros = i64::from(mantissa.trailing_zeros());
    mantissa >>= zeros;
    exponent += zeros;
    let mut unscaled = BigInt::from_u64(mantissa)?;
    if n < 0.0 {
        unscaled = -unscaled;
    }
    if exponent >= 0 {
        return Some(BigDecimal::new(unscaled << exponent as usize, 0));
    }
    // m / 2^e is m * 5^e / 10^e.
    let places = exponent.unsigned_abs();
    Some(BigDecimal::new(unscaled * BigInt::from(5).pow(places as u32), places as i64))
}

fn whole(operation: Operation, a: i64, b: i64, left: &Value, right: &Value) -> Value {
    let long = matches!(left, Value::Long(_)) || matches!(right, Value::Long(_));
    let wrap = |n: i64| match i32::try_from(n) {
        Ok(small) if !long => Value::Int(small),
        _ => Value::Long(n),
    };
    let big = |n: BigInt| Value::BigInt(Rc::new(n));
    match operation {
        Operation::Add => a.checked_add(b).map_or_else(|| big(BigInt::from(a) + b), wrap),
        Operation::Subtract => a.checked_sub(b).map_or_else(|| big(BigInt::from(a) - b), wrap),
        Operation::Multiply => match a.checked_mul(b) {
            Some(n) => wrap(n),
            // The original's test does not see that one product overflows.
            None if (a, b) == (i64::MIN, -1) || (a, b) == (-1, i64::MIN) => multiply_by_minus_one(a, b, wrap),
            None => big(BigInt::from(a) * b),
        },
        Operation::Divide => wrap(a.wrapping_div(b)),
        Operation::Modulo => wrap(a.wrapping_rem(b)),
    }
}

/// `Long.MIN_VALUE * -1`: the original divides the product again, and only one order of the factors shows.
fn multiply_by_minus_one(a: i64, b: i64, wrap: impl Fn(i64) -> Value) -> Value {
    let product = a.wrapping_mul(b);
    if product.wrapping_div(b) != a {
        return Value::BigInt(Rc::new(BigInt::from(a) * b));
    }
    wrap(product)
}

fn too_large() -> Exception {
    Exception::new("ArithmeticException", "the number is too large")
}

/// Refuses a BigInteger that has grown too long.
pub fn checked_integer(n: BigInt) -> Result<Value, Exception> {
    if n.bits() > LARGEST_BITS { Err(too_large()) } else { Ok(Value::BigInt(Rc::new(n))) }
}

/// Refuses a BigDecimal that has grown too long.
pub fn checked_decimal(n: BigDecimal) -> Result<Value, Exception> {
    if n.as_bigint_and_scale().0.bits() > LARGEST_BITS { Err(too_large()) } else { Ok(Value::BigDecimal(Rc::new(n))) }
}

fn big_integer(operation: Operation, a: &BigInt, b: &BigInt) -> Result<Value, Exception> {
    checked_integer(match operation {
        Operation::Add => a + b,
        Operation::Subtract => a - b,
        Operation::Multiply if a.bits() + b.bits() > LARGEST_BITS => return Err(too_large()),
        Operation::Multiply => a * b,
        Operation::Divide => a / b,
        Operation::Modulo if b.is_negative() => {
            return Err(Exception::new("ArithmeticException", "BigInteger: modulus not positive"));
        }
        Operation::Modulo => a.mod_floor(b),
    })
}

/// How far apart two scales may be: aligning them writes out that many zeros.
pub const SCALES_APART: u64 = 50_000;

/// Refuses to align two numbers whose scales are too far apart.
pub fn check_scales(a: &BigDecimal, b: &BigDecimal) -> Result<(), Exception> {
    let apart = a.fractional_digit_count().abs_diff(b.fractional_digit_count());
    if apart > SCALES_APART { Err(too_large()) } else { Ok(()) }
}

fn big_decimal(operation: Operation, a: &BigDecimal, b: &BigDecimal) -> Result<Value, Exception> {
    checked_decimal(match operation {
        Operation::Add => {
            check_scales(a, b)?;
            a + b
        }
        Operation::Subtract => {
            check_scales(a, b)?;
            a - b
        }
        Operation::Multiply => multiply(a, b)?,
        Operation::Divide => divide_half_down(a, b)?,
        Operation::Modulo => {
            return Err(Exception::new("ArithmeticException", "Cannot calculate the modulo of BigDecimals."));
        }
    })
}

/// `a.multiply(b)`
pub fn multiply(a: &BigDecimal, b: &BigDecimal) -> Result<BigDecimal, Exception> {
    let (x, x_scale) = a.as_bigint_and_scale();
    let (y, y_scale) = b.as_bigint_and_scale();
    if x.bits() + y.bits() > LARGEST_BITS {
        return Err(too_large());
    }
    Ok(BigDecimal::new(x.as_ref() * y.as_ref(), checked_scale(x_scale + y_scale)?))
}

/// A scale that Java's int can hold.
pub fn checked_scale(scale: i64) -> Result<i64, Exception> {
    match i32::try_from(scale) {
        Ok(scale) => Ok(i64::from(scale)),
        Err(_) => Err(Exception::new("ArithmeticException", if scale < 0 { "Overflow" } else { "Underflow" })),
    }
}

/// `a.divide(b, ROUND_HALF_DOWN)`: keeps the scale of `a`.
fn divide_half_down(a: &BigDecimal, b: &BigDecimal) -> Result<BigDecimal, Exception> {
    super::decimal::divide(a, b, a.fractional_digit_count(), super::decimal::Rounding::HalfDown)
}

fn compare_decimals(a: &BigDecimal, b: &BigDecimal) -> Ordering {
    let (x, x_scale) = a.as_bigint_and_scale();
    let (y, y_scale) = b.as_bigint_and_scale();
    let signs = x.signum().cmp(&y.signum());
    if signs != Ordering::Equal || x.is_zero() {
        return signs;
    }
    // The exponents decide, unless they are close.
    let magnitude = |n: &BigInt, scale: i64| n.bits() as f64 * std::f64::consts::LOG10_2 - scale as f64;
    let (left, right) = (magnitude(&x, x_scale), magnitude(&y, y_scale));
    if (left - right).abs() > 2.0 {
        let order = left.partial_cmp(&right).unwrap_or(Ordering::Equal);
        return if x.is_negative() { order.reverse() } else { order };
    }
    let apart = x_scale.abs_diff(y_scale);
    if x_scale < y_scale {
        (x.as_ref() * power_of_ten(apart)).cmp(&y)
    } else {
        x.as_ref().cmp(&(y.as_ref() * power_of_ten(apart)))
    }
}
