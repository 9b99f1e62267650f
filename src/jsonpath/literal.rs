//! What can be written in a filter, apart from paths and patterns.

use std::sync::Arc;

use super::fault::{Fault, other};
use super::number::Number;
use crate::value::{Value, json};

/// An operand that holds no shared container.
#[derive(Debug, Clone)]
pub(super) enum Scalar {
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
pub(super) struct JsonLiteral {
    pub text: Arc<str>,
    pub shape: Shape,
}

/// What written JSON turns out to be.
#[derive(Debug)]
pub(super) enum Shape {
    Invalid,
    Map,
    /// `None`: it has lists or objects in it, which json-path cannot make operands of.
    List(Option<Vec<Scalar>>),
}

impl JsonLiteral {
    /// The value, read anew: values cannot be shared between threads.
    pub(super) fn value(&self) -> Result<Value, Fault> {
        json::parse(&self.text).or_else(|e| other(format!("IllegalArgumentException: {e}")))
    }
}

impl Scalar {
    /// Java's `equals` of json-path's operands: a number equals a string that reads as it, or prints as it.
    pub(super) fn equals(&self, right: &Scalar) -> bool {
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

    /// Whether both are operands of one class.
    pub(super) fn same_type(&self, right: &Scalar) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(right)
    }

    /// A number of the document.
    pub(super) fn of_number(value: &Value) -> Result<Scalar, Fault> {
        Number::of(value).map(Scalar::Number).ok_or_else(|| Fault::Other("NumberFormatException".to_owned()))
    }
}
