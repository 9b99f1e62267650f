//! `java.math.BigInteger` and `java.math.BigDecimal`

use std::rc::Rc;

use bigdecimal::BigDecimal;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

use super::super::arithmetic::{checked_integer, compare, double_value, float_value, int_value, long_value};
use super::super::decimal::{
    LARGEST_BITS, Rounding, check_scales, checked_decimal, checked_scale, decimal_to_integer, divide, divide_exactly,
    multiply, precision, set_scale, strip_zeros,
};
use super::answer::Returned;
use super::arguments::{
    double, give, give_bool, give_int, give_list, give_long, give_text, long, null_pointer, sign, throw,
};
use crate::value::{Exception, ListKind, Value, number};

fn big(n: BigInt) -> Returned {
    Some(checked_integer(n))
}

fn decimal(result: Result<BigDecimal, Exception>) -> Returned {
    Some(result.and_then(checked_decimal))
}

fn too_large() -> Returned {
    throw("ArithmeticException", "the number is too large")
}

/// `intValue()` and its like, of both.
fn conversions(value: &Value, name: &str) -> Returned {
    match name {
        "intValue" => give_int(int_value(value)?),
        "longValue" => give_long(long_value(value)?),
        "doubleValue" => give(Value::Double(double_value(value)?)),
        "floatValue" => give(Value::Float(float_value(value)?)),
        "shortValue" => give_int(i32::from(long_value(value)? as i16)),
        "byteValue" => give_int(i32::from(long_value(value)? as i8)),
        _ => None,
    }
}

fn exactly(n: &BigInt, name: &str) -> Returned {
    let fits = match name {
        "intValueExact" => n.to_i32().map(Value::Int),
        "longValueExact" => n.to_i64().map(Value::Long),
        "shortValueExact" => n.to_i16().map(|n| Value::Int(n.into())),
        "byteValueExact" => n.to_i8().map(|n| Value::Int(n.into())),
        _ => return None,
    };
    fits.map_or_else(|| throw("ArithmeticException", "Overflow"), give)
}

pub(super) fn call_integer(n: &Rc<BigInt>, name: &str, arguments: &[Value]) -> Returned {
    use Value::{BigInt as Big, Int};
    match arguments {
        [] => conversions(&Big(n.clone()), name).or_else(|| exactly(n, name)).or_else(|| integer_0(n, name)),
        [Big(other)] => integer_with_integer(n, name, other),
        [Value::Null] if integer_with_integer(n, name, n).is_some() => null_pointer(),
        [Int(other)] => integer_with_int(n, name, *other),
        [value] if name == "valueOf" => big(BigInt::from(long(value)?)),
        [_] if name == "compareTo" => throw("ClassCastException", "not a BigInteger"),
        [Big(exponent), Big(modulus)] if name == "modPow" => {
            if !modulus.is_positive() || exponent.is_negative() || exponent.bits() > 4096 {
                return throw("ArithmeticException", "BigInteger: modulus not positive");
            }
            big(n.modpow(exponent, modulus))
        }
        _ => None,
    }
}

fn integer_0(n: &BigInt, name: &str) -> Returned {
    match name {
        "abs" => big(n.abs()),
        "negate" => big(-n),
        "not" => big(!n),
        "signum" => give_int(signum(n)),
        "bitCount" => {
            let magnitude = if n.is_negative() { !n } else { n.clone() };
            give_int(magnitude.iter_u64_digits().map(|d| d.count_ones() as i32).sum())
        }
        "bitLength" => give_int(if n.is_negative() { (!n).bits() } else { n.bits() } as i32),
        "getLowestSetBit" => give_int(n.trailing_zeros().map_or(-1, |n| n as i32)),
        "sqrt" if n.is_negative() => throw("ArithmeticException", "Negative BigInteger"),
        "sqrt" => big(n.sqrt()),
        _ => None,
    }
}

fn signum(n: &BigInt) -> i32 {
    if n.is_zero() {
        0
    } else if n.is_negative() {
        -1
    } else {
        1
    }
}

fn integer_with_integer(n: &BigInt, name: &str, other: &BigInt) -> Returned {
    let divides = matches!(name, "divide" | "remainder" | "divideAndRemainder");
    if divides && other.is_zero() {
        return throw("ArithmeticException", "BigInteger divide by zero");
    }
    match name {
        "add" => big(n + other),
        "subtract" => big(n - other),
        "multiply" if n.bits() + other.bits() > LARGEST_BITS => too_large(),
        "multiply" => big(n * other),
        "divide" => big(n / other),
        "remainder" => big(n % other),
        "divideAndRemainder" => {
            let items = [n / other, n % other].map(|n| Value::BigInt(Rc::new(n)));
            give_list(ListKind::Array, items.to_vec())
        }
        "mod" if !other.is_positive() => throw("ArithmeticException", "BigInteger: modulus not positive"),
        "mod" => big(n.mod_floor(other)),
        "modInverse" => match other.is_positive().then(|| n.modinv(other)).flatten() {
            Some(inverse) => big(inverse),
            None => throw("ArithmeticException", "BigInteger not invertible."),
        },
        "gcd" => big(n.gcd(other)),
        "max" => big(n.max(other).clone()),
        "min" => big(n.min(other).clone()),
        "and" => big(n & other),
        "or" => big(n | other),
        "xor" => big(n ^ other),
        "andNot" => big(n & !other),
        "compareTo" => give_int(sign(n.cmp(other))),
        _ => None,
    }
}

fn integer_with_int(n: &BigInt, name: &str, other: i32) -> Returned {
    let by = other.unsigned_abs();
    match name {
        "pow" if other < 0 => throw("ArithmeticException", "Negative exponent"),
        "pow" if n.bits().saturating_mul(u64::from(by)) > LARGEST_BITS && n.bits() > 1 => too_large(),
        "pow" => big(n.pow(by)),
        "toString" => give_text(n.to_str_radix(if (2..=36).contains(&other) { by } else { 10 })),
        "testBit" | "setBit" | "clearBit" | "flipBit" if other < 0 => {
            throw("ArithmeticException", "Negative bit address")
        }
        "testBit" => give_bool((n >> by).is_odd()),
        "setBit" | "clearBit" | "flipBit" if u64::from(by) > LARGEST_BITS => too_large(),
        "setBit" => big(n | (BigInt::from(1) << by)),
        "clearBit" => big(n & !(BigInt::from(1) << by)),
        "flipBit" => big(n ^ (BigInt::from(1) << by)),
        "shiftLeft" | "shiftRight" => {
            if (other > 0) == (name == "shiftLeft") {
                if u64::from(by) > LARGEST_BITS {
                    return too_large();
                }
                big(n << by)
            } else {
                big(n >> by)
            }
        }
        "valueOf" => big(BigInt::from(other)),
        "compareTo" => throw("ClassCastException", "not a BigInteger"),
        _ => None,
    }
}

pub(super) fn call_decimal(n: &Rc<BigDecimal>, name: &str, arguments: &[Value]) -> Returned {
    use Value::{BigDecimal as Decimal, Int};
    match arguments {
        [] => conversions(&Decimal(n.clone()), name).or_else(|| decimal_0(n, name)),
        [Decimal(other)] => decimal_with_decimal(n, name, other),
        [Value::Null] if decimal_with_decimal(n, name, n).is_some() => null_pointer(),
        [Int(other)] if name != "valueOf" => decimal_with_int(n, name, *other),
        [value] if name == "valueOf" => match long(value) {
            Some(whole) => decimal(Ok(BigDecimal::new(BigInt::from(whole), 0))),
            None => value_of(double(value)?),
        },
        [unscaled, Int(scale)] if name == "valueOf" => {
            decimal(Ok(BigDecimal::new(BigInt::from(long(unscaled)?), i64::from(*scale))))
        }
        [_] if name == "compareTo" => throw("ClassCastException", "not a BigDecimal"),
        [Decimal(other), Int(mode)] if name == "divide" => {
            decimal(Rounding::of(*mode).and_then(|mode| divide(n, other, n.fractional_digit_count(), mode)))
        }
        [Decimal(other), Int(scale), Int(mode)] if name == "divide" => {
            decimal(Rounding::of(*mode).and_then(|mode| divide(n, other, i64::from(*scale), mode)))
        }
        [Int(scale), Int(mode)] if name == "setScale" => {
            decimal(Rounding::of(*mode).and_then(|mode| set_scale(n, i64::from(*scale), mode)))
        }
        _ => None,
    }
}

/// `BigDecimal.valueOf(double)`: the digits that the double prints.
fn value_of(n: f64) -> Returned {
    let mut text = String::new();
    number::print_double(n, &mut text);
    number::parse_big_decimal(&text).map_or_else(|| super::whole::bad_number(&text), |n| decimal(Ok(n)))
}

fn decimal_0(n: &BigDecimal, name: &str) -> Returned {
    let (unscaled, scale) = n.as_bigint_and_scale();
    match name {
        "abs" => decimal(Ok(n.abs())),
        "negate" => decimal(Ok(-n)),
        "plus" => decimal(Ok(n.clone())),
        "signum" => give_int(signum(&unscaled)),
        "scale" => give_int(scale as i32),
        "precision" => give_int(precision(n) as i32),
        "unscaledValue" => big(unscaled.into_owned()),
        "stripTrailingZeros" => decimal(Ok(strip_zeros(n))),
        "toBigInteger" | "toBigIntegerExact" | "intValueExact" | "longValueExact" | "shortValueExact"
        | "byteValueExact" => whole_part(n, scale, name),
        "toPlainString" => number::plain_big_decimal(n).map_or_else(too_large, give_text),
        "toEngineeringString" => {
            let mut text = String::new();
            number::print_engineering_big_decimal(n, &mut text);
            give_text(text)
        }
        "ulp" => decimal(Ok(BigDecimal::new(BigInt::from(1), scale))),
        _ => None,
    }
}

fn whole_part(n: &BigDecimal, scale: i64, name: &str) -> Returned {
    if scale < -20_000 {
        return too_large();
    }
    let whole = decimal_to_integer(n);
    let exact = BigDecimal::new(whole.clone(), 0);
    let is_whole = compare(&Value::BigDecimal(Rc::new(exact)), &Value::BigDecimal(Rc::new(n.clone())));
    match name {
        "toBigInteger" => big(whole),
        _ if !matches!(is_whole, Some(Ok(std::cmp::Ordering::Equal))) => {
            throw("ArithmeticException", "Rounding necessary")
        }
        "toBigIntegerExact" => big(whole),
        _ => exactly(&whole, name),
    }
}

fn decimal_with_decimal(n: &BigDecimal, name: &str, other: &BigDecimal) -> Returned {
    match name {
        "add" => decimal(check_scales(n, other).map(|()| n + other)),
        "subtract" => decimal(check_scales(n, other).map(|()| n - other)),
        "multiply" => decimal(multiply(n, other)),
        "divide" => decimal(divide_exactly(n, other)),
        "divideToIntegralValue" => decimal(integral_quotient(n, other)),
        "remainder" => decimal(remainder(n, other)),
        "divideAndRemainder" => {
            let parts = integral_quotient(n, other).and_then(|q| Ok((q, remainder(n, other)?)));
            match parts {
                Ok((q, r)) => give_list(ListKind::Array, [q, r].map(|n| Value::BigDecimal(Rc::new(n))).to_vec()),
                Err(exception) => Some(Err(exception)),
            }
        }
        "max" | "min" | "compareTo" => {
            let values = [n, other].map(|n| Value::BigDecimal(Rc::new(n.clone())));
            let order = match compare(&values[0], &values[1])? {
                Ok(order) => order,
                Err(exception) => return Some(Err(exception)),
            };
            match name {
                "compareTo" => give_int(sign(order)),
                "max" => give(values[usize::from(order.is_lt())].clone()),
                _ => give(values[usize::from(order.is_gt())].clone()),
            }
        }
        _ => None,
    }
}

fn integral_quotient(a: &BigDecimal, b: &BigDecimal) -> Result<BigDecimal, Exception> {
    let preferred = a.fractional_digit_count() - b.fractional_digit_count();
    let quotient = divide(a, b, 0, Rounding::Down)?;
    if preferred >= 0 {
        return set_scale(&quotient, preferred, Rounding::Down);
    }
    // Zeros go as long as the scale is above the preferred one.
    let stripped = strip_zeros(&quotient);
    let scale = stripped.fractional_digit_count().max(preferred);
    set_scale(&quotient, if quotient.is_zero() { preferred } else { scale }, Rounding::Down)
}

fn remainder(a: &BigDecimal, b: &BigDecimal) -> Result<BigDecimal, Exception> {
    let product = multiply(&integral_quotient(a, b)?, b)?;
    check_scales(a, &product)?;
    Ok(a - product)
}

fn decimal_with_int(n: &BigDecimal, name: &str, other: i32) -> Returned {
    let (unscaled, scale) = n.as_bigint_and_scale();
    match name {
        "setScale" => decimal(set_scale(n, i64::from(other), Rounding::Unnecessary)),
        "pow" if !(0..=999_999_999).contains(&other) => throw("ArithmeticException", "Invalid operation"),
        "pow" if unscaled.bits().saturating_mul(other.unsigned_abs().into()) > LARGEST_BITS && unscaled.bits() > 1 => {
            too_large()
        }
        "pow" => {
            let power = unscaled.pow(other.unsigned_abs());
            decimal(checked_scale(scale * i64::from(other)).map(|scale| BigDecimal::new(power, scale)))
        }
        "movePointLeft" | "movePointRight" => {
            if other == 0 {
                return decimal(Ok(n.clone()));
            }
            let by = if name == "movePointLeft" { i64::from(other) } else { -i64::from(other) };
            let moved = checked_scale(scale + by).map(|scale| BigDecimal::new(unscaled.into_owned(), scale));
            decimal(moved.and_then(|n| match n.fractional_digit_count() {
                ..0 => set_scale(&n, 0, Rounding::Unnecessary),
                _ => Ok(n),
            }))
        }
        "scaleByPowerOfTen" => {
            decimal(checked_scale(scale - i64::from(other)).map(|scale| BigDecimal::new(unscaled.into_owned(), scale)))
        }
        "compareTo" => throw("ClassCastException", "not a BigDecimal"),
        _ => None,
    }
}
