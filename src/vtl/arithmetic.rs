//! Arithmetic and order of numbers, with the promotions of Velocity's `MathUtils`.

use std::cmp::Ordering;
use std::rc::Rc;

use bigdecimal::BigDecimal;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

use super::ast::Operation;
use super::decimal::{
    LARGEST_BITS, Rounding, check_scales, checked_decimal, compare_decimals, decimal_to_integer, divide, exact_decimal,
    multiply, too_large,
};
use crate::value::{Exception, Value, number};

/// Left and right brought to one type.
enum Pair {
    Whole(i64, i64),
    Float(f32, f32),
    Double(f64, f64),
    BigInteger(BigInt, BigInt),
    BigDecimal(BigDecimal, BigDecimal),
}

/// Whether it is a `java.lang.Number`.
pub(super) fn is_number(value: &Value) -> bool {
    matches!(
        value,
        Value::Int(_) | Value::Long(_) | Value::BigInt(_) | Value::Float(_) | Value::Double(_) | Value::BigDecimal(_)
    )
}

/// The operation; null when a side is no number or a divisor is zero.
pub(super) fn perform(operation: Operation, left: &Value, right: &Value) -> Result<Value, Exception> {
    if let (Value::Int(a), Value::Int(b)) = (left, right)
        && let Some(result) = small(operation, *a, *b)
    {
        return Ok(Value::Int(result));
    }
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

/// The operation on Integers, where it gives one.
fn small(operation: Operation, a: i32, b: i32) -> Option<i32> {
    match operation {
        Operation::Add => a.checked_add(b),
        Operation::Subtract => a.checked_sub(b),
        Operation::Multiply => a.checked_mul(b),
        Operation::Divide => a.checked_div(b),
        Operation::Modulo => a.checked_rem(b),
    }
}

/// The order of two numbers, or `None` when one is none. NaN equals everything.
pub(super) fn compare(left: &Value, right: &Value) -> Option<Result<Ordering, Exception>> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => return Some(Ok(a.cmp(b))),
        (Value::Str(_) | Value::Null | Value::Bool(_), _) | (_, Value::Str(_) | Value::Null | Value::Bool(_)) => {
            return None;
        }
        _ => {}
    }
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
pub(super) fn int_value(value: &Value) -> Option<i32> {
    Some(match value {
        Value::Int(n) => *n,
        Value::Long(n) => *n as i32,
        Value::Float(n) => *n as i32,
        Value::Double(n) => *n as i32,
        _ => long_value(value)? as i32,
    })
}

/// `Number.longValue()`
pub(super) fn long_value(value: &Value) -> Option<i64> {
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
pub(super) fn double_value(value: &Value) -> Option<f64> {
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
pub(super) fn float_value(value: &Value) -> Option<f32> {
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

/// Refuses a BigInteger that has grown too long.
pub(super) fn checked_integer(n: BigInt) -> Result<Value, Exception> {
    if n.bits() > LARGEST_BITS { Err(too_large()) } else { Ok(Value::BigInt(Rc::new(n))) }
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

/// `a.divide(b, ROUND_HALF_DOWN)`: keeps the scale of `a`.
fn divide_half_down(a: &BigDecimal, b: &BigDecimal) -> Result<BigDecimal, Exception> {
    divide(a, b, a.fractional_digit_count(), Rounding::HalfDown)
}
