//! The decimal digits that Java 17 prints for a floating-point number.
//!
//! Before Java 19 they are not always the shortest that read back as the same number (`2.12530023460240032E17` has a
//! digit too many): they are what this very procedure of dividing two integers gives, its shortcuts included.

use num_bigint::BigUint;
use std::fmt::Write;

/// Where the fraction of a double starts: it has 52 bits, plus the hidden one.
const FRACTION_BITS: i32 = 52;

/// Digits and the place of the decimal point: `0.d1d2d3… * 10^exponent`.
pub(super) struct Digits {
    digits: Vec<u8>,
    exponent: i32,
}

/// The digits of a double that is neither zero, infinite nor NaN, without its sign.
pub(super) fn of_double(v: f64) -> Digits {
    let bits = v.to_bits();
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    match ((bits >> FRACTION_BITS) & 0x7FF) as i32 {
        0 => {
            let zeros = fraction.leading_zeros() as i32;
            let shift = zeros - 11;
            Binary { exponent: 1 - shift - 1023, fraction: fraction << shift, significant: 64 - zeros }.digits()
        }
        exponent => Binary {
            exponent: exponent - 1023,
            fraction: fraction | 1 << FRACTION_BITS,
            significant: FRACTION_BITS + 1,
        }
        .digits(),
    }
}

/// The digits of a float that is neither zero, infinite nor NaN, without its sign.
pub(super) fn of_float(v: f32) -> Digits {
    let bits = v.to_bits();
    let fraction = u64::from(bits & 0x7F_FFFF);
    match ((bits >> 23) & 0xFF) as i32 {
        0 => {
            let zeros = fraction.leading_zeros() as i32 - 32;
            let shift = zeros - 8;
            Binary { exponent: 1 - shift - 127, fraction: fraction << shift << 29, significant: 32 - zeros }.digits()
        }
        exponent => Binary { exponent: exponent - 127, fraction: (fraction | 1 << 23) << 29, significant: 24 }.digits(),
    }
}

/// `fraction * 2^(exponent - 52)`, of which the upper `significant` bits are meant.
struct Binary {
    exponent: i32,
    fraction: u64,
    significant: i32,
}

/// What is divided: the number is `b / s * 10^exponent`, and half the distance to its neighbour is `m`.
/// Each of the three is `2^twos * 5^fives`, and `b` also times the fraction.
struct Scaled {
    fraction: u64,
    fraction_bits: i32,
    exponent: i32,
    b2: i32,
    b5: i32,
    s2: i32,
    s5: i32,
    m2: i32,
}

/// How the division ended.
struct End {
    low: bool,
    high: bool,
    /// How twice the rest compares with the divisor; asked only when both are set.
    rest: std::cmp::Ordering,
}

impl Binary {
    fn digits(&self) -> Digits {
        let trailing = self.fraction.trailing_zeros() as i32;
        let fraction_bits = FRACTION_BITS + 1 - trailing;
        let tiny = (fraction_bits - self.exponent - 1).max(0);
        if tiny == 0 && self.exponent <= 62 {
            return self.integer_digits();
        }
        let scaled = self.scale(trailing, fraction_bits, tiny);
        let b_bits = scaled.fraction_bits + scaled.b2 + bits_of_power_of_5(scaled.b5);
        let s_bits = scaled.s2 + 1 + bits_of_power_of_5(scaled.s5 + 1);
        if b_bits < 32 && s_bits < 32 {
            scaled.divide_ints()
        } else if b_bits < 64 && s_bits < 64 {
            scaled.divide_longs()
        } else {
            scaled.divide_big()
        }
    }

    /// A number without binary places that fits in a long.
    fn integer_digits(&self) -> Digits {
        let value = if self.exponent >= FRACTION_BITS {
            self.fraction << (self.exponent - FRACTION_BITS)
        } else {
            self.fraction >> (FRACTION_BITS - self.exponent)
        };
        let spare = self.exponent - self.significant - 1;
        let (value, dropped) = if spare > 1 { round_off(value, insignificant_digits(spare)) } else { (value, 0) };
        let text = value.to_string();
        let digits = text.trim_end_matches('0').as_bytes().to_vec();
        Digits { digits, exponent: text.len() as i32 + dropped as i32 }
    }

    fn scale(&self, trailing: i32, fraction_bits: i32, tiny: i32) -> Scaled {
        let exponent = self.estimate_exponent();
        let b5 = (-exponent).max(0);
        let mut b2 = b5 + tiny + self.exponent;
        let s5 = exponent.max(0);
        let mut s2 = s5 + tiny;
        let mut m2 = b2 - self.significant;
        b2 -= fraction_bits - 1;
        let common = b2.min(s2);
        b2 -= common;
        s2 -= common;
        m2 -= common;
        // The neighbour below an exact power of two is only half as far away.
        if fraction_bits == 1 {
            m2 -= 1;
        }
        if m2 < 0 {
            b2 -= m2;
            s2 -= m2;
            m2 = 0;
        }
        Scaled { fraction: self.fraction >> trailing, fraction_bits, exponent, b2, b5, s2, s5, m2 }
    }

    /// About the logarithm to the base of ten; it may be one too high.
    // Java's constant is the logarithm of 2 cut short: the estimate has to be as wrong as Java's.
    #[allow(clippy::approx_constant)]
    fn estimate_exponent(&self) -> i32 {
        let unit = f64::from_bits(1.0f64.to_bits() | (self.fraction & ((1 << FRACTION_BITS) - 1)));
        let guess = (unit - 1.5) * 0.289529654 + 0.176091259 + f64::from(self.exponent) * 0.301029995663981;
        guess.floor() as i32
    }
}

/// How many decimal digits `2^bits` of uncertainty makes meaningless.
fn insignificant_digits(bits: i32) -> u32 {
    (f64::from(bits) * std::f64::consts::LOG10_2) as u32
}

fn round_off(value: u64, digits: u32) -> (u64, u32) {
    let power = 10u64.pow(digits);
    let (quotient, rest) = (value / power, value % power);
    (quotient + u64::from(digits > 0 && rest >= power / 2), digits)
}

fn bits_of_power_of_5(power: i32) -> i32 {
    const EXACT: [i32; 27] =
        [0, 3, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28, 31, 33, 35, 38, 40, 42, 45, 47, 49, 52, 54, 56, 59, 61];
    EXACT.get(power as usize).copied().unwrap_or(power * 3)
}

impl Scaled {
    /// E-notation needs two digits at least, even when one would do.
    fn needs_second_digit(exponent: i32) -> bool {
        !(-3..8).contains(&exponent)
    }

    /// With 32 bits, wrapping as Java's do.
    fn divide_ints(&self) -> Digits {
        let five = |power: i32| 5i32.wrapping_pow(power as u32);
        let mut b = (self.fraction as i32).wrapping_mul(five(self.b5)) << self.b2;
        let s = five(self.s5) << self.s2;
        let mut m = five(self.b5) << self.m2;
        let tens = s.wrapping_mul(10);
        self.divide(|first| {
            let q = (b / s) as u8;
            b = (b % s).wrapping_mul(10);
            m = m.wrapping_mul(10);
            let overflow = !first && m <= 0;
            let end = End {
                low: overflow || b < m,
                high: overflow || b.wrapping_add(m) > tens,
                rest: (b << 1).wrapping_sub(tens).cmp(&0),
            };
            (q, end)
        })
    }

    /// With 64 bits, wrapping as Java's do.
    fn divide_longs(&self) -> Digits {
        let five = |power: i32| 5i64.wrapping_pow(power as u32);
        let mut b = (self.fraction as i64).wrapping_mul(five(self.b5)) << self.b2;
        let s = five(self.s5) << self.s2;
        let mut m = five(self.b5) << self.m2;
        let tens = s.wrapping_mul(10);
        self.divide(|first| {
            let q = (b / s) as u8;
            b = (b % s).wrapping_mul(10);
            m = m.wrapping_mul(10);
            let overflow = !first && m <= 0;
            let end = End {
                low: overflow || b < m,
                high: overflow || b.wrapping_add(m) > tens,
                rest: (b << 1).wrapping_sub(tens).cmp(&0),
            };
            (q, end)
        })
    }

    fn divide_big(&self) -> Digits {
        let five = |power: i32| BigUint::from(5u8).pow(power as u32);
        let mut b = (five(self.b5) * self.fraction) << self.b2;
        let s = five(self.s5) << self.s2;
        let mut m = five(self.b5) << self.m2;
        let tens = &s * 10u8;
        self.divide(|_| {
            let mut q = 0;
            while b >= s {
                b -= &s;
                q += 1;
            }
            b *= 10u8;
            m *= 10u8;
            let end = End { low: b < m, high: &b + &m >= tens, rest: (&b * 2u8).cmp(&tens) };
            (q, end)
        })
    }

    /// Takes digit after digit until the rest is below the number's own uncertainty, then rounds the last one.
    fn divide(&self, mut next: impl FnMut(bool) -> (u8, End)) -> Digits {
        let mut digits = Vec::with_capacity(20);
        let mut exponent = self.exponent;
        let (q, mut end) = next(true);
        if q == 0 && !end.high {
            exponent -= 1;
        } else {
            digits.push(b'0' + q);
        }
        if Scaled::needs_second_digit(exponent) {
            (end.low, end.high) = (false, false);
        }
        while !end.low && !end.high {
            let (q, e) = next(false);
            end = e;
            digits.push(b'0' + q);
        }
        let mut digits = Digits { digits, exponent: exponent + 1 };
        if end.high && (!end.low || digits.rounds_up(end.rest)) {
            digits.round_up();
        }
        digits
    }
}

impl Digits {
    fn rounds_up(&self, rest: std::cmp::Ordering) -> bool {
        match rest {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => self.digits.last().is_some_and(|d| d & 1 == 1),
            std::cmp::Ordering::Greater => true,
        }
    }

    fn round_up(&mut self) {
        for digit in self.digits.iter_mut().rev() {
            if *digit != b'9' {
                *digit += 1;
                return;
            }
            *digit = b'0';
        }
        if let Some(first) = self.digits.first_mut() {
            *first = b'1';
        }
        self.exponent += 1;
    }

    /// As `Double.toString` lays digits out: plain from 10^-3 up to 10^7, with an exponent elsewhere.
    pub(super) fn print(&self, out: &mut String) {
        let digits = |from: usize, to: usize| self.digits[from..to].iter().map(|d| char::from(*d));
        let count = self.digits.len();
        match self.exponent {
            whole @ 1..=7 => {
                let whole = whole as usize;
                let shown = whole.min(count);
                out.extend(digits(0, shown));
                out.extend(std::iter::repeat_n('0', whole - shown));
                out.push('.');
                if shown < count { out.extend(digits(shown, count)) } else { out.push('0') }
            }
            zeros @ -2..=0 => {
                out.push_str("0.");
                out.extend(std::iter::repeat_n('0', -zeros as usize));
                out.extend(digits(0, count));
            }
            exponent => {
                out.extend(digits(0, 1));
                out.push('.');
                if count > 1 {
                    out.extend(digits(1, count))
                } else {
                    out.push('0')
                }
                let _ = write!(out, "E{}", exponent - 1);
            }
        }
    }
}
