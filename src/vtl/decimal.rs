//! Division and rounding of `java.math.BigDecimal`.

use bigdecimal::BigDecimal;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, Zero};

use super::arithmetic::{SCALES_APART, checked_scale, power_of_ten};
use crate::value::Exception;

/// `java.math.RoundingMode`, in the order of its old numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
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
    pub fn of(number: i32) -> Result<Rounding, Exception> {
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

fn too_far() -> Exception {
    Exception::new("ArithmeticException", "the number is too large")
}

/// `a.divide(b, scale, rounding)`
pub fn divide(a: &BigDecimal, b: &BigDecimal, scale: i64, rounding: Rounding) -> Result<BigDecimal, Exception> {
    let (x, x_scale) = a.as_bigint_and_scale();
    let (y, y_scale) = b.as_bigint_and_scale();
    if y.is_zero() {
        let message = if x.is_zero() { "Division undefined" } else { "Division by zero" };
        return Err(Exception::new("ArithmeticException", message));
    }
    let shift = scale + y_scale - x_scale;
    if shift.unsigned_abs() > SCALES_APART {
        return Err(too_far());
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
pub fn set_scale(n: &BigDecimal, scale: i64, rounding: Rounding) -> Result<BigDecimal, Exception> {
    let (unscaled, from) = n.as_bigint_and_scale();
    if from.abs_diff(scale) > SCALES_APART {
        return Err(too_far());
    }
    let power = power_of_ten(from.abs_diff(scale));
    let unscaled = if scale >= from { unscaled.as_ref() * power } else { rounding.divide(&unscaled, &power)? };
    Ok(BigDecimal::new(unscaled, checked_scale(scale)?))
}

/// `a.divide(b)`: exact, with the preferred scale where that is enough.
pub fn divide_exactly(a: &BigDecimal, b: &BigDecimal) -> Result<BigDecimal, Exception> {
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
pub fn strip_zeros(n: &BigDecimal) -> BigDecimal {
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
pub fn precision(n: &BigDecimal) -> usize {
    let (unscaled, _) = n.as_bigint_and_scale();
    if unscaled.is_zero() { 1 } else { unscaled.magnitude().to_string().len() }
}
