//! What the two sides of a comparison in a filter can be.

use std::cmp::Ordering;
use std::sync::Arc;

use bigdecimal::BigDecimal;
use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;

use super::fault::{Fault, other};
use super::parser;
use super::regex::Matcher;
use super::unescape::unescape;
use crate::value::{List, Map, Value, json, number};

/// How deep two values are compared. A template can put a map into itself.
const MAX_COMPARED_DEPTH: usize = 600;

/// A number, as a filter sees it: Java's BigDecimal of what the number prints.
#[derive(Debug, Clone)]
pub enum Number {
    Whole(i64),
    Decimal(BigDecimal),
}

/// An operand that holds no shared container.
#[derive(Debug, Clone)]
pub enum Scalar {
    /// A path led nowhere.
    Undefined,
    Null,
    Bool(bool),
    Number(Number),
    Str(Arc<str>),
    /// A string in a list that looks like JSON: it is compared as JSON, that is with the same text only.
    JsonText(Arc<str>),
    /// A string in a list that looks like a path. Nothing equals it.
    Path,
}

/// JSON written in a filter.
#[derive(Debug)]
pub struct JsonLiteral {
    pub text: Arc<str>,
    pub shape: Shape,
}

/// What written JSON turns out to be.
#[derive(Debug)]
pub enum Shape {
    Invalid,
    Map,
    /// `None`: it has lists or objects in it, which json-path cannot make operands of.
    List(Option<Vec<Scalar>>),
}

/// An operand, ready to be compared.
#[derive(Clone)]
pub enum Operand<'a> {
    Scalar(Scalar),
    Literal(&'a JsonLiteral),
    List(List),
    Map(Map),
    Pattern(&'a Matcher),
}

impl JsonLiteral {
    pub fn new(text: &str) -> JsonLiteral {
        let shape = match json::parse(text) {
            Ok(Value::List(list)) => Shape::List(scalars(&list).ok()),
            Ok(_) => Shape::Map,
            Err(_) => Shape::Invalid,
        };
        JsonLiteral { text: Arc::from(text), shape }
    }

    /// The value, read anew: values cannot be shared between threads.
    pub fn value(&self) -> Result<Value, Fault> {
        json::parse(&self.text).or_else(|e| other(format!("IllegalArgumentException: {e}")))
    }
}

impl Number {
    /// As `new BigDecimal(text)` reads.
    pub fn read(text: &str) -> Option<Number> {
        // The plain ones need no big number.
        if text.len() < 18 && text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
            return text.parse().ok().map(Number::Whole);
        }
        number::parse_big_decimal(text).map(Number::Decimal)
    }

    /// A number of the document. NaN and infinity have no BigDecimal.
    fn of(value: &Value) -> Option<Number> {
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
    pub fn text(&self) -> String {
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
    pub fn compare(&self, right: &Number) -> Ordering {
        match (self, right) {
            (Number::Whole(left), Number::Whole(right)) => left.cmp(right),
            _ => Magnitude::of(self).compare(&Magnitude::of(right)),
        }
    }

    /// `BigDecimal.intValue()`: the low bits of what stands before the point.
    pub fn int_value(&self) -> i32 {
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

impl Scalar {
    /// Java's `equals` of json-path's operands: a number equals a string that reads as it, or prints as it.
    pub fn equals(&self, right: &Scalar) -> bool {
        match (self, right) {
            (Scalar::Null, Scalar::Null) => true,
            (Scalar::Bool(left), Scalar::Bool(right)) => left == right,
            (Scalar::Number(left), Scalar::Number(right)) => left.compare(right).is_eq(),
            (Scalar::Number(left), Scalar::Str(right)) => {
                Number::read(right).is_some_and(|right| left.compare(&right).is_eq())
            }
            (Scalar::Str(left), Scalar::Str(right)) | (Scalar::JsonText(left), Scalar::JsonText(right)) => {
                left == right
            }
            (Scalar::Str(left), Scalar::Number(right)) => **left == *right.text(),
            _ => false,
        }
    }

    fn same_type(&self, right: &Scalar) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(right)
    }

    /// An element of a list. Strings are read as if they were written in a filter.
    fn of_element(value: &Value) -> Result<Scalar, Fault> {
        match value {
            Value::Null => Ok(Scalar::Null),
            Value::Bool(v) => Ok(Scalar::Bool(*v)),
            Value::Str(text) => Scalar::of_text(text),
            Value::Char(unit) => Ok(Scalar::Str(Arc::from(String::from_utf16_lossy(&[*unit])))),
            Value::List(_) | Value::Map(_) | Value::Object(_) => {
                other("JsonPathException: Could not determine value type")
            }
            _ => Scalar::of_number(value),
        }
    }

    fn of_number(value: &Value) -> Result<Scalar, Fault> {
        Number::of(value).map(Scalar::Number).ok_or_else(|| Fault::Other("NumberFormatException".to_owned()))
    }

    fn of_text(text: &Arc<str>) -> Result<Scalar, Fault> {
        let trimmed = text.trim_matches(|c| c <= ' ');
        if trimmed.starts_with(['@', '$']) && parser::parse(text, 0).is_ok() {
            return Ok(Scalar::Path);
        }
        let bracketed = |open, close| trimmed.len() > 1 && trimmed.starts_with(open) && trimmed.ends_with(close);
        if (bracketed('[', ']') || bracketed('{', '}')) && json::parse(text).is_ok() {
            return Ok(Scalar::JsonText(text.clone()));
        }
        if text.chars().nth(1).is_none() {
            return Ok(Scalar::Str(text.clone()));
        }
        let quoted = |quote| text.strip_prefix(quote).and_then(|rest: &str| rest.strip_suffix(quote));
        match unescape(quoted('\'').or_else(|| quoted('"')).unwrap_or(text)) {
            Ok(text) => Ok(Scalar::Str(Arc::from(text))),
            Err(e) => other(format!("JsonPathException: {}", e.detail())),
        }
    }
}

/// The elements of a list as operands.
fn scalars(list: &List) -> Result<Vec<Scalar>, Fault> {
    list.items().borrow().iter().map(Scalar::of_element).collect()
}

impl<'a> Operand<'a> {
    /// What a path in a filter led to.
    pub fn of(value: Value) -> Result<Operand<'a>, Fault> {
        Ok(Operand::Scalar(match value {
            Value::Null => Scalar::Null,
            Value::Bool(v) => Scalar::Bool(v),
            Value::Str(text) => Scalar::Str(text),
            Value::List(list) => return Ok(Operand::List(list)),
            Value::Map(map) => return Ok(Operand::Map(map)),
            Value::Char(_) | Value::Object(_) => return other("JsonPathException: Could not convert to a ValueNode"),
            number => Scalar::of_number(&number)?,
        }))
    }

    /// A list's elements; `None` when it is JSON, but no list. Nothing else can stand for a list.
    pub fn elements(&self) -> Result<Option<Vec<Scalar>>, Fault> {
        match self {
            Operand::List(list) => scalars(list).map(Some),
            Operand::Map(_) => Ok(None),
            Operand::Literal(literal) => match &literal.shape {
                Shape::List(Some(elements)) => Ok(Some(elements.clone())),
                Shape::List(None) => other("JsonPathException: Could not determine value type"),
                Shape::Map => Ok(None),
                Shape::Invalid => other("IllegalArgumentException: invalid JSON in the filter"),
            },
            Operand::Scalar(_) | Operand::Pattern(_) => Err(Fault::InvalidPath("expected a list".to_owned())),
        }
    }

    /// Whether the element of a list equals this.
    pub fn equals_element(&self, element: &Scalar) -> bool {
        match (self, element) {
            (Operand::Scalar(scalar), _) => scalar.equals(element),
            (Operand::Literal(literal), Scalar::JsonText(text)) => literal.text == *text,
            _ => false,
        }
    }

    /// `==`
    pub fn equals(&self, right: &Operand) -> Result<bool, Fault> {
        match (self, right) {
            (Operand::Scalar(left), Operand::Scalar(right)) => Ok(left.equals(right)),
            // The written text is compared with a value, and is never equal to one.
            (Operand::Literal(_), Operand::Literal(right)) => right.value().map(|_| false),
            (Operand::List(left), right) => equals_json(&Value::List(left.clone()), right),
            (Operand::Map(left), right) => equals_json(&Value::Map(left.clone()), right),
            _ => Ok(false),
        }
    }

    /// `===`
    pub fn same_type_equals(&self, right: &Operand) -> Result<bool, Fault> {
        match (self, right) {
            (Operand::Scalar(left), Operand::Scalar(right)) if !left.same_type(right) => Ok(false),
            _ => self.equals(right),
        }
    }
}

fn equals_json(left: &Value, right: &Operand) -> Result<bool, Fault> {
    match right {
        Operand::List(right) => equal(left, &Value::List(right.clone()), 0),
        Operand::Map(right) => equal(left, &Value::Map(right.clone()), 0),
        Operand::Literal(right) => equal(left, &right.value()?, 0),
        Operand::Scalar(_) | Operand::Pattern(_) => Ok(false),
    }
}

/// Java's `equals` of two values, to a limited depth.
fn equal(left: &Value, right: &Value, depth: usize) -> Result<bool, Fault> {
    if depth > MAX_COMPARED_DEPTH {
        return other("StackOverflowError");
    }
    match (left, right) {
        (Value::List(left), Value::List(right)) => {
            let (left_items, right_items) = (left.items().borrow(), right.items().borrow());
            if left.same(right) || left_items.len() != right_items.len() {
                return Ok(left.same(right));
            }
            for (left, right) in left_items.iter().zip(right_items.iter()) {
                if !equal(left, right, depth + 1)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Map(left), Value::Map(right)) => {
            let (left_entries, right_entries) = (left.entries().borrow(), right.entries().borrow());
            if left.same(right) || left_entries.len() != right_entries.len() {
                return Ok(left.same(right));
            }
            for (key, left) in left_entries.iter() {
                match right_entries.get(key) {
                    Some(right) if equal(left, right, depth + 1)? => {}
                    _ => return Ok(false),
                }
            }
            Ok(true)
        }
        _ => Ok(left == right),
    }
}

/// The number as a double, as `Number.doubleValue()` gives it; `None` when it is no number.
pub fn double_value(value: &Value) -> Option<f64> {
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
pub fn int_value(value: &Value) -> Option<i32> {
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
