//! `String.format`: Java's conversions for texts and numbers. Dates are left out, as a template cannot hold one.

use num_bigint::BigInt;
use num_traits::Signed;

use super::super::decimal::power_of_ten;
use super::answer::Returned;
use super::arguments::{give_text, throw};
use super::class::class;
use crate::value::{Exception, Value, hash, number, print, print::LONGEST};

/// `String.format(pattern, arguments)`
pub(super) fn format(pattern: &str, arguments: &[Value]) -> Returned {
    let mut formatter = Formatter { arguments, next: 0, last: None };
    match formatter.run(pattern) {
        Ok(text) => give_text(text),
        Err(exception) => throw(exception.class, exception.message),
    }
}

type Formatted<T> = Result<T, Exception>;

struct Formatter<'a> {
    arguments: &'a [Value],
    next: usize,
    last: Option<usize>,
}

/// `%[index$][flags][width][.precision]conversion`
#[derive(Default)]
struct Spec {
    index: Option<usize>,
    previous: bool,
    left: bool,
    alternate: bool,
    plus: bool,
    space: bool,
    zero: bool,
    group: bool,
    parentheses: bool,
    width: Option<usize>,
    precision: Option<usize>,
    conversion: char,
    upper: bool,
}

fn refuse<T>(class: &'static str, message: impl Into<String>) -> Formatted<T> {
    Err(Exception::new(class, message))
}

impl Formatter<'_> {
    fn run(&mut self, pattern: &str) -> Formatted<String> {
        let mut out = String::with_capacity(pattern.len());
        let mut rest = pattern;
        while let Some(at) = rest.find('%') {
            out.push_str(&rest[..at]);
            let (spec, length) = parse(&rest[at + 1..])?;
            rest = &rest[at + 1 + length..];
            self.convert(&spec, &mut out)?;
            if out.len() > LONGEST {
                return refuse("OutOfMemoryError", "the text is too long");
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    fn convert(&mut self, spec: &Spec, out: &mut String) -> Formatted<()> {
        match spec.conversion {
            'n' => {
                if spec.width.is_some() || spec.precision.is_some() {
                    return refuse("IllegalFormatWidthException", "%n");
                }
                out.push('\n');
                return Ok(());
            }
            '%' => return spec.pad("%".to_owned(), out),
            _ => {}
        }
        let value = self.argument(spec)?;
        let text = spec.text_of(&value)?;
        spec.pad(if spec.upper { text.to_uppercase() } else { text }, out)
    }

    fn argument(&mut self, spec: &Spec) -> Formatted<Value> {
        let index = if spec.previous {
            self.last
        } else if let Some(index) = spec.index {
            index.checked_sub(1)
        } else {
            self.next += 1;
            Some(self.next - 1)
        };
        let found = index.and_then(|n| self.arguments.get(n));
        self.last = index;
        match found {
            Some(value) => Ok(value.clone()),
            // A single null stands for no array at all: every argument is null then.
            None => refuse("MissingFormatArgumentException", format!("Format specifier '%{}'", spec.conversion)),
        }
    }
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn parse(text: &str) -> Formatted<(Spec, usize)> {
    let mut spec = Spec::default();
    let mut at = 0;
    let count = digits(text);
    if count > 0 && text[count..].starts_with('$') {
        spec.index = text[..count].parse().ok();
        at = count + 1;
    } else if text.starts_with('<') {
        spec.previous = true;
        at = 1;
    }
    while let Some(flag) = text[at..].chars().next() {
        let slot = match flag {
            '-' => &mut spec.left,
            '#' => &mut spec.alternate,
            '+' => &mut spec.plus,
            ' ' => &mut spec.space,
            '0' => &mut spec.zero,
            ',' => &mut spec.group,
            '(' => &mut spec.parentheses,
            '<' => &mut spec.previous,
            _ => break,
        };
        if *slot {
            return refuse("DuplicateFormatFlagsException", format!("Flags = '{flag}'"));
        }
        *slot = true;
        at += 1;
    }
    let count = digits(&text[at..]);
    if count > 0 {
        spec.width = Some(text[at..at + count].parse().unwrap_or(usize::MAX));
        at += count;
    }
    if text[at..].starts_with('.') {
        let count = digits(&text[at + 1..]);
        if count == 0 {
            return refuse("UnknownFormatConversionException", "Conversion = '.'");
        }
        spec.precision = Some(text[at + 1..at + 1 + count].parse().unwrap_or(usize::MAX));
        at += 1 + count;
    }
    let Some(conversion) = text[at..].chars().next() else {
        return refuse("UnknownFormatConversionException", "Conversion = '%'");
    };
    spec.upper = conversion.is_ascii_uppercase();
    spec.conversion = conversion.to_ascii_lowercase();
    let known = matches!(conversion, 's' | 'S' | 'd' | 'x' | 'X' | 'o' | 'c' | 'C' | 'b' | 'B' | 'h' | 'H')
        || matches!(conversion, 'e' | 'E' | 'f' | 'g' | 'G' | 'n' | '%');
    if !known {
        return refuse("UnknownFormatConversionException", format!("Conversion = '{conversion}'"));
    }
    if spec.width.unwrap_or(0).max(spec.precision.unwrap_or(0)) > LONGEST {
        return refuse("OutOfMemoryError", "the text is too long");
    }
    spec.check()?;
    Ok((spec, at + conversion.len_utf8()))
}

impl Spec {
    fn check(&self) -> Formatted<()> {
        if (self.left || self.zero) && self.width.is_none() && self.conversion != 'n' {
            return refuse("MissingFormatWidthException", format!("%{}", self.conversion));
        }
        let numeric = matches!(self.conversion, 'd' | 'x' | 'o' | 'e' | 'f' | 'g');
        if !numeric && (self.plus || self.space || self.zero || self.group || self.parentheses) {
            return refuse("FormatFlagsConversionMismatchException", format!("Conversion = {}", self.conversion));
        }
        if (self.plus && self.space) || (self.left && self.zero) {
            return refuse("IllegalFormatFlagsException", "Flags");
        }
        let no_precision = matches!(self.conversion, 'd' | 'x' | 'o' | 'c' | '%');
        if no_precision && let Some(precision) = self.precision {
            return refuse("IllegalFormatPrecisionException", precision.to_string());
        }
        let refused_alternate = matches!(self.conversion, 'd' | 'c' | 'b' | 'h' | 's' | 'g' | '%');
        if self.alternate && refused_alternate {
            return refuse(
                "FormatFlagsConversionMismatchException",
                format!("Conversion = {}, Flags = #", self.conversion),
            );
        }
        let refused_group = matches!(self.conversion, 'x' | 'o' | 'e');
        if self.group && refused_group {
            return refuse(
                "FormatFlagsConversionMismatchException",
                format!("Conversion = {}, Flags = ,", self.conversion),
            );
        }
        Ok(())
    }

    fn text_of(&self, value: &Value) -> Formatted<String> {
        let text = match self.conversion {
            's' => print::text(value)?,
            'b' => match value {
                Value::Null => "false".to_owned(),
                Value::Bool(b) => b.to_string(),
                _ => "true".to_owned(),
            },
            'h' => match value {
                Value::Null => "null".to_owned(),
                _ => format!("{:x}", hash::hash_code(value)),
            },
            _ if matches!(value, Value::Null) => "null".to_owned(),
            'c' => return self.character(value),
            'd' | 'x' | 'o' => return self.whole(value),
            _ => return self.floating(value),
        };
        Ok(match self.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text,
        })
    }

    fn mismatch<T>(&self, value: &Value) -> Formatted<T> {
        refuse("IllegalFormatConversionException", format!("{} != {}", self.conversion, class(value)))
    }

    fn character(&self, value: &Value) -> Formatted<String> {
        match value {
            Value::Char(_) => print::text(value),
            Value::Int(n) => match char::from_u32(*n as u32) {
                Some(c) => Ok(c.to_string()),
                None => refuse("IllegalFormatCodePointException", format!("Code point = {n:#x}")),
            },
            _ => self.mismatch(value),
        }
    }

    fn whole(&self, value: &Value) -> Formatted<String> {
        let n = match value {
            Value::Int(n) => BigInt::from(*n),
            Value::Long(n) => BigInt::from(*n),
            Value::BigInt(n) => n.as_ref().clone(),
            _ => return self.mismatch(value),
        };
        if self.conversion == 'd' {
            return Ok(self.signed(n.is_negative(), n.magnitude().to_string(), ""));
        }
        let radix = if self.conversion == 'x' { 16 } else { 8 };
        let prefix = match (self.alternate, radix) {
            (true, 16) => "0x",
            (true, _) => "0",
            _ => "",
        };
        if let Value::BigInt(_) = value {
            return Ok(self.signed(n.is_negative(), n.magnitude().to_str_radix(radix), prefix));
        }
        if self.plus || self.space || self.parentheses {
            return refuse("FormatFlagsConversionMismatchException", format!("Conversion = {}", self.conversion));
        }
        let digits = match (value, radix) {
            (Value::Int(n), 16) => format!("{n:x}"),
            (Value::Int(n), _) => format!("{n:o}"),
            (Value::Long(n), 16) => format!("{n:x}"),
            (Value::Long(n), _) => format!("{n:o}"),
            _ => String::new(),
        };
        Ok(self.signed(false, digits, prefix))
    }

    /// Sign, prefix, grouping and zeros around the digits.
    fn signed(&self, negative: bool, digits: String, prefix: &str) -> String {
        let (open, close) = match (negative, self.parentheses) {
            (true, true) => ("(", ")"),
            (true, false) => ("-", ""),
            (false, _) if self.plus => ("+", ""),
            (false, _) if self.space => (" ", ""),
            _ => ("", ""),
        };
        let mut digits = if self.group { grouped(&digits) } else { digits };
        let taken = open.len() + close.len() + prefix.len();
        if self.zero
            && let Some(width) = self.width
        {
            let missing = width.saturating_sub(digits.len() + taken);
            digits.insert_str(0, &"0".repeat(missing));
        }
        format!("{open}{prefix}{digits}{close}")
    }

    fn floating(&self, value: &Value) -> Formatted<String> {
        let (negative, digits, exponent) = match value {
            Value::Double(n) if !n.is_finite() => return Ok(self.special(*n)),
            Value::Float(n) if !n.is_finite() => return Ok(self.special(f64::from(*n))),
            Value::Double(n) => {
                let mut text = String::new();
                number::print_double(n.abs(), &mut text);
                let (digits, exponent) = decimal_digits(&text);
                (n.is_sign_negative(), digits, exponent)
            }
            Value::Float(n) => {
                let mut text = String::new();
                number::print_float(n.abs(), &mut text);
                let (digits, exponent) = decimal_digits(&text);
                (n.is_sign_negative(), digits, exponent)
            }
            Value::BigDecimal(n) => {
                let (unscaled, scale) = n.as_bigint_and_scale();
                let digits = unscaled.magnitude().to_string();
                let exponent = digits.len() as i64 - scale;
                (unscaled.is_negative(), digits, exponent)
            }
            _ => return self.mismatch(value),
        };
        if exponent.unsigned_abs() > 100_000 {
            return refuse("OutOfMemoryError", "the text is too long");
        }
        let precision = self.precision.unwrap_or(6);
        let text = match self.conversion {
            'f' => fixed(&digits, exponent, precision),
            'e' => scientific(&digits, exponent, precision),
            _ => general(&digits, exponent, precision),
        };
        Ok(self.signed(negative, text, ""))
    }

    fn special(&self, n: f64) -> String {
        if n.is_nan() {
            return "NaN".to_owned();
        }
        let (plain, zero) = (Spec { zero: false, group: false, ..self.flags() }, self.zero);
        let _ = zero;
        plain.signed(n < 0.0, "Infinity".to_owned(), "")
    }

    fn flags(&self) -> Spec {
        Spec { plus: self.plus, space: self.space, parentheses: self.parentheses, ..Spec::default() }
    }

    fn pad(&self, text: String, out: &mut String) -> Formatted<()> {
        let length = crate::value::utf16::length(&text);
        let blanks = " ".repeat(self.width.unwrap_or(0).saturating_sub(length));
        if self.left {
            out.push_str(&text);
            out.push_str(&blanks);
        } else {
            out.push_str(&blanks);
            out.push_str(&text);
        }
        Ok(())
    }
}

/// `1234567.5` as `1,234,567.5`
fn grouped(digits: &str) -> String {
    let whole = digits.find('.').unwrap_or(digits.len());
    let mut out = String::new();
    for (n, digit) in digits[..whole].chars().enumerate() {
        if n > 0 && (whole - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(&digits[whole..]);
    out
}

/// The digits of what Java prints for a double, and the place of the point from their left.
fn decimal_digits(text: &str) -> (String, i64) {
    let (mantissa, exponent) = match text.split_once('E') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse().unwrap_or(0)),
        None => (text, 0i64),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let zeros = all.bytes().take_while(|b| *b == b'0').count();
    let digits = all[zeros..].trim_end_matches('0');
    if digits.is_empty() {
        return ("0".to_owned(), 1);
    }
    (digits.to_owned(), whole.len() as i64 + exponent - zeros as i64)
}

/// Digits times ten to the `exponent - length`, rounded half up to so many places, without a point.
fn rounded(digits: &str, exponent: i64, places: i64) -> BigInt {
    let n: BigInt = digits.parse().unwrap_or_default();
    let shift = places + exponent - digits.len() as i64;
    if shift >= 0 {
        return n * power_of_ten(shift as u64);
    }
    let power = power_of_ten(shift.unsigned_abs());
    (n * 2u8 + &power) / (power * 2u8)
}

fn fixed(digits: &str, exponent: i64, precision: usize) -> String {
    let mut text = rounded(digits, exponent, precision as i64).to_string();
    if precision == 0 {
        return text;
    }
    if text.len() <= precision {
        text.insert_str(0, &"0".repeat(precision + 1 - text.len()));
    }
    text.insert(text.len() - precision, '.');
    text
}

fn scientific(digits: &str, exponent: i64, precision: usize) -> String {
    let zero = digits.bytes().all(|b| b == b'0');
    let mut power = if zero { 0 } else { exponent - 1 };
    let mut text = rounded(digits, 1, precision as i64).to_string();
    if text.len() > precision + 1 {
        text.truncate(precision + 1);
        power += 1;
    }
    if zero {
        text = "0".repeat(precision + 1);
    }
    if precision > 0 {
        text.insert(1, '.');
    }
    let sign = if power < 0 { '-' } else { '+' };
    format!("{text}e{sign}{:02}", power.abs())
}

fn general(digits: &str, exponent: i64, precision: usize) -> String {
    let precision = precision.max(1);
    if digits.bytes().all(|b| b == b'0') {
        return fixed(digits, exponent, precision - 1);
    }
    // The value after rounding to the precision decides.
    let mut exponent = exponent;
    let kept = rounded(digits, 1, precision as i64 - 1).to_string();
    let (digits, grown) = if kept.len() > precision { (&kept[..precision], 1) } else { (kept.as_str(), 0) };
    exponent += grown;
    if (-3..=precision as i64).contains(&exponent) {
        fixed(digits, exponent, (precision as i64 - exponent).max(0) as usize)
    } else {
        scientific(digits, exponent, precision - 1)
    }
}
