//! What the two sides of a comparison in a filter can be.

use super::element::scalars;
use super::fault::{Fault, other};
use super::literal::{JsonLiteral, Scalar, Shape};
use super::regex::Matcher;
use crate::value::{List, Map, Value};

/// How deep two values are compared. A template can put a map into itself.
const MAX_COMPARED_DEPTH: usize = 600;

/// An operand, ready to be compared.
#[derive(Clone)]
pub(super) enum Operand<'a> {
    Scalar(Scalar),
    Literal(&'a JsonLiteral),
    List(List),
    Map(Map),
    Pattern(&'a Matcher),
}

impl<'a> Operand<'a> {
    /// What a path in a filter led to.
    pub(super) fn of(value: Value) -> Result<Operand<'a>, Fault> {
        Ok(Operand::Scalar(match value {
            Value::Null => Scalar::Null,
            Value::Bool(v) => Scalar::Bool(v),
            Value::Str(text) => Scalar::Str(text.to_shared()),
            Value::List(list) => return Ok(Operand::List(list)),
            Value::Map(map) => return Ok(Operand::Map(map)),
            Value::Char(_) | Value::Object(_) => return other("JsonPathException: Could not convert to a ValueNode"),
            number => Scalar::of_number(&number)?,
        }))
    }

    /// A list's elements; `None` when it is JSON, but no list. Nothing else can stand for a list.
    pub(super) fn elements(&self) -> Result<Option<Vec<Scalar>>, Fault> {
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
    pub(super) fn equals_element(&self, element: &Scalar) -> bool {
        match (self, element) {
            (Operand::Scalar(scalar), _) => scalar.equals(element),
            (Operand::Literal(literal), Scalar::JsonText(text)) => literal.text == *text,
            _ => false,
        }
    }

    /// `==`
    pub(super) fn equals(&self, right: &Operand) -> Result<bool, Fault> {
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
    pub(super) fn same_type_equals(&self, right: &Operand) -> Result<bool, Fault> {
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
