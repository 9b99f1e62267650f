//! `java.math.BigDecimal`: exact, with a scale that shows, and bounded where Java would fill its memory.

use std::cmp::Ordering;
use std::rc::Rc;

use bigdecimal::BigDecimal;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{FromPrimitive, Signed, Zero};

use crate::value::{Exception, Value};

/// The largest number that arithmetic makes, in bits: squaring in a loop doubles the length each time.
pub(super) const LARGEST_BITS: u64 = 200_000;

/// How far apart two scales may be: aligning them writes out that many zeros.
pub(super) const SCALES_APART: u64 = 50_000;

/// `java.math.RoundingMode`, in the order of its old numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rounding {
    Up,
    Down,
    Ceiling,
    Floor,
    HalfUp,
    HalfDown,
    HalfEven,
    Unnecessary,
}

impl Rounding {
    /// The mode of an old number such as `BigDecimal.ROUND_HALF_UP`.
    pub(super) fn of(number: i32) -> Result<Rounding, Exception> {
        const MODES: [Rounding; 8] = [
            Rounding::Up,
            Rounding::Down,
            Rounding::Ceiling,
            Rounding::Floor,
            Rounding::HalfUp,
            Rounding::HalfDown,
            Rounding::HalfEven,
            Rounding::Unnecessary,
        ];
        let mode = usize::try_from(number).ok().and_then(|n| MODES.get(n).copied());
        mode.ok_or_else(|| Exception::new("IllegalArgumentException", "Invalid rounding mode"))
    }

    /// The quotient, rounded.
    fn divide(self, a: &BigInt, b: &BigInt) -> Result<BigInt, Exception> {
        let (quotient, rest) = (a / b, a % b);
        if rest.is_zero() {
            return Ok(quotient);
        }
        let negative = a.is_negative() != b.is_negative();
        let half = (rest.abs() * 2u8).cmp(&b.abs());
        let away = match self {
            Rounding::Up => true,
            Rounding::Down => false,
            Rounding::Ceiling => !negative,
            Rounding::Floor => negative,
            Rounding::HalfUp => half.is_ge(),
            Rounding::HalfDown => half.is_gt(),
            Rounding::HalfEven => half.is_gt() || (half.is_eq() && quotient.is_odd()),
            Rounding::Unnecessary => return Err(Exception::new("ArithmeticException", "Rounding necessary")),
        };
        Ok(match (away, negative) {
            (false, _) => quotient,
            (true, false) => quotient + 1,
            (true, true) => quotient - 1,
        })
    }
}

/// `a.divide(b, scale, rounding)`
pub(super) fn divide(a: &BigDecimal, b: &BigDecimal, scale: i64, rounding: Rounding) -> Result<BigDecimal, Exception> {
    let (x, x_scale) = a.as_bigint_and_scale();
    let (y, y_scale) = b.as_bigint_and_scale();
    if y.is_zero() {
        let message = if x.is_zero() { "Division undefined" } else { "Division by zero" };
        return Err(Exception::new("ArithmeticException", message));
    }
    let shift = scale + y_scale - x_scale;
    if shift.unsigned_abs() > SCALES_APART {
        return Err(too_large());
    }
    let power = power_of_ten(shift.unsigned_abs());
    let quotient = if shift >= 0 {
        rounding.divide(&(x.as_ref() * power), &y)?
    } else {
        rounding.divide(&x, &(y.as_ref() * power))?
    };
    Ok(BigDecimal::new(quotient, checked_scale(scale)?))
}

/// `n.setScale(scale, rounding)`
pub(super) fn set_scale(n: &BigDecimal, scale: i64, rounding: Rounding) -> Result<BigDecimal, Exception> {
    let (unscaled, from) = n.as_bigint_and_scale();
    if from.abs_diff(scale) > SCALES_APART {
        return Err(too_large());
    }
    let power = power_of_ten(from.abs_diff(scale));
    let unscaled = if scale >= from { unscaled.as_ref() * power } else { rounding.divide(&unscaled, &power)? };
    Ok(BigDecimal::new(unscaled, checked_scale(scale)?))
}

/// `a.divide(b)`: exact, with the preferred scale where that is enough.
pub(super) fn divide_exactly(a: &BigDecimal, b: &BigDecimal) -> Result<BigDecimal, Exception> {
    let (x, x_scale) = a.as_bigint_and_scale();
    let (y, y_scale) = b.as_bigint_and_scale();
    let preferred = x_scale - y_scale;
    if y.is_zero() {
        return divide(a, b, 0, Rounding::Unnecessary);
    }
    if x.is_zero() {
        return Ok(BigDecimal::new(BigInt::zero(), preferred.clamp(i64::from(i32::MIN), i64::from(i32::MAX))));
    }
    let reduced = y.as_ref() / x.gcd(&y);
    let mut rest = reduced.abs();
    let (mut twos, mut fives) = (0i64, 0i64);
    while rest.is_even() {
        rest >>= 1u8;
        twos += 1;
    }
    let five = BigInt::from(5);
    while (&rest % &five).is_zero() {
        rest /= &five;
        fives += 1;
    }
    if rest != BigInt::from(1) {
        let message = "Non-terminating decimal expansion; no exact representable decimal result.";
        return Err(Exception::new("ArithmeticException", message));
    }
    divide(a, b, preferred + twos.max(fives), Rounding::Unnecessary)
}

/// `n.stripTrailingZeros()`
pub(super) fn strip_zeros(n: &BigDecimal) -> BigDecimal {
    let (unscaled, mut scale) = n.as_bigint_and_scale();
    if unscaled.is_zero() {
        return BigDecimal::new(BigInt::zero(), 0);
    }
    let mut unscaled = unscaled.into_owned();
    let ten = BigInt::from(10);
    loop {
        let (quotient, rest) = unscaled.div_rem(&ten);
        if !rest.is_zero() {
            return BigDecimal::new(unscaled, scale);
        }
        unscaled = quotient;
        scale -= 1;
    }
}

/// `n.precision()`
pub(super) fn precision(n: &BigDecimal) -> usize {
    let (unscaled, _) = n.as_bigint_and_scale();
    if unscaled.is_zero() { 1 } else { unscaled.magnitude().to_string().len() }
}

/// `a.multiply(b)`
pub(super) fn multiply(a: &BigDecimal, b: &BigDecimal) -> Result<BigDecimal, Exception> {
    let (x, x_scale) = a.as_bigint_and_scale();
    let (y, y_scale) = b.as_bigint_and_scale();
    if x.bits() + y.bits() > LARGEST_BITS {
        return Err(too_large());
    }
    Ok(BigDecimal::new(x.as_ref() * y.as_ref(), checked_scale(x_scale + y_scale)?))
}

/// `a.compareTo(b)`
pub(super) fn compare_decimals(a: &BigDecimal, b: &BigDecimal) -> Ordering {
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

/// The whole part; of a number with a huge exponent only as much as can matter.
pub(super) fn decimal_to_integer(n: &BigDecimal) -> BigInt {
    let (unscaled, scale) = n.as_bigint_and_scale();
    match scale {
        0 => unscaled.into_owned(),
        1.. if scale as u64 > unscaled.bits() => BigInt::zero(),
        1.. => unscaled.as_ref() / power_of_ten(scale as u64),
        // Beyond 64 trailing zeros nothing is left in the low bits, which is all that is looked at.
        _ => unscaled.as_ref() * power_of_ten(scale.unsigned_abs().min(20_000)),
    }
}

/// `new BigDecimal(double)`
pub(super) fn exact_decimal(n: f64) -> Option<BigDecimal> {
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

/// Refuses a BigDecimal that has grown too long.
pub(super) fn checked_decimal(n: BigDecimal) -> Result<Value, Exception> {
    if n.as_bigint_and_scale().0.bits() > LARGEST_BITS { Err(too_large()) } else { Ok(Value::BigDecimal(Rc::new(n))) }
}

/// Refuses to align two numbers whose scales are too far apart.
pub(super) fn check_scales(a: &BigDecimal, b: &BigDecimal) -> Result<(), Exception> {
    let apart = a.fractional_digit_count().abs_diff(b.fractional_digit_count());
    if apart > SCALES_APART { Err(too_large()) } else { Ok(()) }
}

/// A scale that Java's int can hold.
pub(super) fn checked_scale(scale: i64) -> Result<i64, Exception> {
    match i32::try_from(scale) {
        Ok(scale) => Ok(i64::from(scale)),
        Err(_) => Err(Exception::new("ArithmeticException", if scale < 0 { "Overflow" } else { "Underflow" })),
    }
}

/// What is said of a number beyond our bounds.
pub(super) fn too_large() -> Exception {
    Exception::new("ArithmeticException", "the number is too large")
}

/// `10^n`
pub(super) fn power_of_ten(n: u64) -> BigInt {
    BigInt::from(10).pow(n as u32)
}
